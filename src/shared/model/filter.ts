import { type Fault } from './fault'
import { type SocketId } from './ids'
import { type Direction, type SocketEvent } from './record'
import { type PatternKind } from './search'

/** `data` is whatever carries bytes: chunks and datagrams. */
export const rowKinds = ['data', 'chunk', 'datagram', 'event'] as const
export type RowKind = (typeof rowKinds)[number]

export type EventName = SocketEvent['what']

/** What can be asked of one row by itself. Ranges include both ends; `to` may be Infinity. */
export type FilterTerm =
  | { readonly is: 'direction'; readonly direction: Direction }
  | { readonly is: 'kind'; readonly kind: RowKind }
  | { readonly is: 'event'; readonly what: EventName }
  /** Of its payload in bytes; no event has one. */
  | { readonly is: 'size'; readonly from: number; readonly to: number }
  /** Nanoseconds since the session began. */
  | { readonly is: 'time'; readonly from: number; readonly to: number }
  /** Counted from 1. */
  | { readonly is: 'row'; readonly from: number; readonly to: number }
  /** The other address, or a part of it. */
  | { readonly is: 'peer'; readonly part: string }
  /** Its payload holds this. */
  | {
      readonly is: 'payload'
      readonly kind: PatternKind
      readonly pattern: string
      readonly matchCase: boolean
    }
  | { readonly is: 'mark' }

export type Filter =
  | FilterTerm
  | { readonly is: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly is: 'not'; readonly of: Filter }

/** How far a filter has come through a socket's record. It goes on as the record grows, until somebody ends it. */
export interface FilterStatus {
  readonly filter: number
  readonly id: SocketId
  /** Rows that fit, of those that have been looked at. */
  readonly matching: number
  readonly lookedAt: number
  /** Every row that was there when it last looked has been looked at. */
  readonly isDone: boolean
  /** Why it ended before its time. */
  readonly fault?: Fault
}
