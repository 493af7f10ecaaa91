import { type Fault } from './fault'
import { type SocketId } from './ids'

/** Floats of each part of a series: what was recorded between its two moments. Rows count state changes too. */
export const PART = { inBytes: 0, outBytes: 1, rows: 2 } as const
export const PART_FLOATS = 3

/** Traffic in equal parts of a span. */
export interface Throughput {
  /** The span that was counted, end exclusive; nanoseconds since the session began. */
  readonly fromNanos: number
  readonly toNanos: number
  readonly parts: number
  /** Of one series after the other, each part's floats (see PART). */
  readonly values: Float64Array
}

/** Columns of both histograms. Column 0 is less than 1; column n is from 2^(n-1) to 2^n, exclusive; the last takes all above. */
export const HISTOGRAM_COLUMNS = 33

/** The column of a length in bytes, or of a gap in whole and broken microseconds. */
export function columnOf(value: number): number {
  if (!(value >= 1)) return 0
  const column = value < 0x8000_0000 ? 32 - Math.clz32(value) : HISTOGRAM_COLUMNS - 1
  return Math.min(HISTOGRAM_COLUMNS - 1, column)
}

/** What one direction carried in a span. */
export interface SideStats {
  readonly chunks: number
  readonly bytes: number
  /** How many chunks are so long: in bytes. */
  readonly sizes: readonly number[]
  /** How long after the one before it, of the same direction and socket and in the span, each came: in microseconds. */
  readonly gaps: readonly number[]
}

/** An event that a map shows: how something ended badly. */
export interface NotableEvent {
  readonly id: SocketId
  readonly row: number
  readonly atNanos: number
  readonly what: 'reset' | 'timeout' | 'fault'
}

/** How far the statistics of a span have come. They go on as long as records grow and nobody ends them. */
export interface StatsStatus {
  readonly stats: number
  readonly in: SideStats
  readonly out: SideStats
  readonly events: number
  /** The first of them, in the order met. */
  readonly notable: readonly NotableEvent[]
  readonly seenRows: number
  readonly totalRows: number
  /** Everything that was recorded when it last looked has been counted. */
  readonly isDone: boolean
  readonly fault?: Fault
}
