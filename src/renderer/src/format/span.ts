import { formatCount, formatLength } from '@shared/model/units'

/** A span of a session's time, end exclusive; nanoseconds since the session began. */
export interface Span {
  readonly fromNanos: number
  readonly toNanos: number
}

/** What a column of the histogram of lengths holds: `64 – 127 B`. */
export function sizeColumn(column: number): string {
  if (column === 0) return '0 B'
  if (column === 1) return '1 B'
  return `${formatCount(2 ** (column - 1))} – ${formatCount(2 ** column - 1)} B`
}

/** What a column of the histogram of gaps holds: `64.0 µs – 128 µs`. */
export function gapColumn(column: number): string {
  return column === 0
    ? 'below 1 µs'
    : `${formatLength(2 ** (column - 1) * 1000)} – ${formatLength(2 ** column * 1000)}`
}
