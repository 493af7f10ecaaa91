import { type Fault } from './fault'
import { type SocketId } from './ids'
import { type Direction, type StreamName } from './record'

export const patternKinds = ['text', 'hex', 'regex'] as const
/** Text with escapes as in the composer, bytes as hex, or a regular expression over bytes. */
export type PatternKind = (typeof patternKinds)[number]

export interface SearchQuery {
  readonly kind: PatternKind
  readonly pattern: string
  /** Text and regular expressions only. */
  readonly matchCase: boolean
  readonly stream: StreamName
}

/** A place where the pattern was found. It may reach over the edge of its chunk, never over that of a datagram. */
export interface Match {
  readonly id: SocketId
  /** The row in which it begins, and when that was recorded. */
  readonly row: number
  readonly atNanos: number
  readonly direction: Direction
  /** Where it begins in its direction's stream, and with both directions counted together; bytes. */
  readonly offset: number
  readonly combinedOffset: number
  readonly lengthBytes: number
}

/** How far a search has come. It goes on as long as its records grow and nobody ends it. */
export interface SearchStatus {
  readonly search: number
  /** All matches, and how many of them can be asked for. */
  readonly found: number
  readonly kept: number
  readonly searchedBytes: number
  readonly totalBytes: number
  /** Everything that was recorded when it last looked has been searched. */
  readonly isDone: boolean
  /** Why it ended before its time. */
  readonly fault?: Fault
}
