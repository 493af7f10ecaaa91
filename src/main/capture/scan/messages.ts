import { type FilterAnswer, type FilterQuestion, type FilterTask, type FilterTold } from '../filter/messages'
import { type FramesAnswer, type FramesQuestion, type FramesTask, type FramesTold } from '../frames/messages'
import { type CompareTask, type CompareTold } from '../compare/messages'
import { type SearchTask, type SearchTold } from '../search/messages'
import { type RowBatch } from './rowBatch'
import { type StatsTask, type StatsTold } from '../stats/messages'

/** Every kind of work that reads through records in a thread of its own: what it is to do, and what it tells of it. */
export interface ScanKinds {
  compare: {
    readonly task: CompareTask
    readonly told: CompareTold
    readonly question: never
    readonly answer: never
  }
  search: {
    readonly task: SearchTask
    readonly told: SearchTold
    readonly question: never
    readonly answer: never
  }
  filter: {
    readonly task: FilterTask
    readonly told: FilterTold
    readonly question: FilterQuestion
    readonly answer: FilterAnswer
  }
  frames: {
    readonly task: FramesTask
    readonly told: FramesTold
    readonly question: FramesQuestion
    readonly answer: FramesAnswer
  }
  stats: {
    readonly task: StatsTask
    readonly told: StatsTold
    readonly question: never
    readonly answer: never
  }
}
export type ScanKind = keyof ScanKinds
export type ScanTask = { [Kind in ScanKind]: { readonly kind: Kind } & ScanKinds[Kind]['task'] }[ScanKind]

/** To the thread. `begin`, `rows` and `rest` are each answered by `more` or `rested` once it is done with them. */
export type ToScanner =
  /** Something new, whatever it did before. */
  | { readonly type: 'begin'; readonly task: ScanTask }
  | { readonly type: 'rows'; readonly batch: RowBatch }
  /** There are no more rows for now. */
  | { readonly type: 'rest' }
  | { readonly type: 'ask'; readonly number: number; readonly question: unknown }

/** From the thread. */
export type FromScanner =
  /** It takes more rows. */
  | { readonly type: 'more' }
  | { readonly type: 'rested' }
  | { readonly type: 'told'; readonly told: unknown }
  | { readonly type: 'answer'; readonly number: number; readonly answer: unknown }
