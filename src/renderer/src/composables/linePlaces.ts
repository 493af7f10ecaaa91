import type { TextLine } from './textLines'

/** Lines as they are laid out one below the other, each of its own height, in an element that scrolls. */
export interface LaidOut {
  readonly rows: HTMLCollectionOf<Element>
  readonly lines: readonly TextLine[]
  /** Where the last of them ends, in bytes. */
  readonly end: number
}

/** The byte at a height of the content, in pixels; within a line that is wrapped as near as its height tells. */
export function byteAt({ rows, lines, end }: LaidOut, topPx: number): number {
  let low = 0
  let high = Math.min(rows.length, lines.length) - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (placeOf(rows[middle]).topPx <= topPx) low = middle
    else high = middle - 1
  }
  const line = lines[low]
  if (line === undefined) return end
  const { topPx: begin, heightPx } = placeOf(rows[low])
  const part = heightPx === 0 ? 0 : Math.min(1, Math.max(0, (topPx - begin) / heightPx))
  return Math.round(line.at + part * ((lines[low + 1]?.at ?? end) - line.at))
}

/** The height of the content at which a byte stands, in pixels. */
export function topOf({ rows, lines, end }: LaidOut, byte: number): number {
  const at = lineOf(lines, byte)
  const line = lines[at]
  if (line === undefined) return 0
  const { topPx, heightPx } = placeOf(rows[at])
  const length = (lines[at + 1]?.at ?? end) - line.at
  const part = length <= 0 ? 0 : Math.min(1, Math.max(0, (byte - line.at) / length))
  return topPx + part * heightPx
}

/** The number of the line that holds a byte. */
export function lineOf(lines: readonly TextLine[], byte: number): number {
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lines[middle]?.at ?? 0) <= byte) low = middle
    else high = middle - 1
  }
  return low
}

function placeOf(row: Element | undefined): { readonly topPx: number; readonly heightPx: number } {
  return row instanceof HTMLElement
    ? { topPx: row.offsetTop, heightPx: row.offsetHeight }
    : { topPx: 0, heightPx: 0 }
}
