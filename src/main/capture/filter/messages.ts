import { type Filter } from '../../../shared/model/filter'

/** What rows shall be told apart by. */
export interface FilterTask {
  readonly filter: Filter
  /** Rows that carry a mark, counted from 0. */
  readonly marked: readonly number[]
}

export interface FilterTold {
  /** Rows that fit, of those looked at. */
  readonly matching: number
  readonly lookedAt: number
}

export type FilterQuestion =
  /** The numbers of the matching rows `from` to `to`, counted among themselves. */
  | { readonly ask: 'rows'; readonly from: number; readonly to: number }
  /** How many matching rows come before a row, and 1 if it is one itself. */
  | { readonly ask: 'rank'; readonly row: number }

export type FilterAnswer = Float64Array
