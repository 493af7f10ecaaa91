import { type Pattern } from '../../../shared/wire/pattern'
import { type StreamName } from '../../../shared/model/record'

/** What a searcher is to do. */
export interface SearchTask {
  /** The capture's file. */
  readonly file: string
  readonly pattern: Pattern
  readonly stream: StreamName
}

/** To the searcher. Each message is answered by `more` or `rested` once it is done with it. */
export type ToSearcher =
  /** Something new, whatever it did before. */
  | { readonly type: 'begin'; readonly task: SearchTask }
  /** Rows of a socket, from where its last ones ended. All of them are in the file. */
  | {
      readonly type: 'rows'
      readonly socket: number
      readonly firstRow: number
      readonly records: Float64Array
    }
  /** There are no more rows for now. */
  | { readonly type: 'rest' }

/** From the searcher. */
export type FromSearcher =
  /** It takes more rows. */
  | { readonly type: 'more' }
  | { readonly type: 'rested' }
  /** New matches, floats of MATCH one after the other, and how many there are in all. */
  | {
      readonly type: 'found'
      readonly matches: Float64Array
      readonly found: number
      readonly searchedBytes: number
    }

/** The first so many matches are told, the others only counted. */
export const MAX_MATCHES = 50_000

/** Floats of one match. `direction` is 0 for in and 1 for out. */
export const MATCH = {
  socket: 0,
  row: 1,
  atNanos: 2,
  direction: 3,
  offset: 4,
  combinedOffset: 5,
  lengthBytes: 6,
} as const
export const MATCH_FLOATS = 7
