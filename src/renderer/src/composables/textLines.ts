import type { ByteRange, Direction } from '@shared/model/record'
import { decodeText, strayLength, type Scheme } from '@shared/wire/decodeText'
import { schemes, type Encoding } from '@shared/wire/encodings'
import type { SelectedBytes } from './useByteSelection'

/** A line that one side said; where the other side begins to speak, a new line begins. */
export interface TextLine {
  /** Where it begins, in bytes of both directions counted together. */
  readonly at: number
  readonly direction: Direction
  readonly text: string
  /** The line break that ends it; empty where the other side begins to speak, or at the end. */
  readonly ending: '\n' | '\r\n' | ''
  /** What of its text is lit: characters `from` to `to` (exclusive). */
  readonly lit: { readonly from: number; readonly to: number } | null
}

/** Where in its direction's stream the first byte of a piece lies, and bytes that come just before it. */
export interface Context {
  readonly offset: number
  readonly before: Uint8Array
}
/** Of each direction that a piece of both has, what came before. */
export type Contexts = Readonly<Partial<Record<Direction, Context>>>

/** In UTF-8 a byte tells by itself whether it begins a character, and where each byte is one there is nothing to tell. */
export const needsContext: ReadonlySet<Encoding> = new Set(['utf-16le', 'utf-16be', 'shift_jis'])
const CR = 0x0d

/**
 * Lines of one direction each, their line breaks left out. Bytes are cut at line feeds before they are decoded. A character cut by a
 * chunk's edge is put together even where the other direction spoke in between: its first bytes wait for the rest.
 * @param lit bytes that something points at, in the numbering of the range
 */
export function textLines(
  range: ByteRange,
  encoding: Encoding = 'utf-8',
  contexts: Contexts = {},
  lit: SelectedBytes | null = null,
): readonly TextLine[] {
  const scheme = schemes[encoding]
  const unit = scheme.lineFeed.length
  const lines: TextLine[] = []
  const held: Record<Direction, Uint8Array> = { in: new Uint8Array(0), out: new Uint8Array(0) }
  const isBegun: Record<Direction, boolean> = { in: false, out: false }
  let at = 0
  while (at < range.spans.length) {
    const first = range.spans[at]
    if (first === undefined) break
    const { direction } = first
    let end = first.start
    // Neighbouring chunks of one direction run on.
    while (range.spans[at]?.direction === direction) {
      const span = range.spans[at]
      if (span !== undefined) end = span.start + span.lengthBytes
      at++
    }
    let begin = first.start
    // The piece may begin within a character: what is left of it cannot be shown.
    if (range.from > 0 && !isBegun[direction]) {
      begin += strayBytes(encoding, contexts[direction], range.bytes.subarray(begin, end))
    }
    isBegun[direction] = true
    const heldLength = held[direction].length
    const bytes = joined(held[direction], range.bytes.subarray(begin, end))
    for (let start = 0; start < bytes.length;) {
      const found = lineFeedIn(bytes, start, scheme.lineFeed)
      const stop = found === -1 ? bytes.length : found + unit
      const line = bytes.subarray(start, stop)
      const shown = decodeText(scheme, line, { mode: 'lines', isWhole: found !== -1 })
      const isCrLf = found !== -1 && line.length >= 2 * unit && isCr(line.subarray(-2 * unit), encoding)
      const text = found === -1 ? shown : shown.slice(0, -1)
      lines.push({
        at: range.from + Math.max(begin, begin + start - heldLength),
        direction,
        text,
        ending: found === -1 ? '' : isCrLf ? '\r\n' : '\n',
        lit: litIn(line, range.from + begin + start - heldLength, text, lit, scheme),
      })
      const pending = found === -1 ? Math.min(line.length, scheme.pendingLength(line, line.length)) : 0
      held[direction] = line.slice(line.length - pending)
      start = stop
    }
  }
  return lines
}

/** @param at where the line's first byte lies */
function litIn(
  line: Uint8Array,
  at: number,
  text: string,
  lit: SelectedBytes | null,
  scheme: Scheme,
): TextLine['lit'] {
  if (lit === null || lit.to <= at || lit.from >= at + line.length) return null
  const charactersOf = (bytes: number): number =>
    decodeText(scheme, line.subarray(0, Math.max(0, bytes)), { mode: 'lines', isWhole: false }).length
  const from = Math.min(text.length, charactersOf(lit.from - at))
  const to = Math.min(text.length, charactersOf(lit.to - at))
  return from < to ? { from, to } : null
}

/** @param last the last two units of a line */
function isCr(last: Uint8Array, encoding: Encoding): boolean {
  if (encoding === 'utf-16le') return last[0] === CR && last[1] === 0
  return encoding === 'utf-16be' ? last[0] === 0 && last[1] === CR : last[0] === CR
}

/** Where the next line feed begins, or -1. @param start where a character begins */
function lineFeedIn(bytes: Uint8Array, start: number, lineFeed: readonly number[]): number {
  const [first = 0, second] = lineFeed
  if (second === undefined) return bytes.indexOf(first, start)
  for (let at = start; at + 1 < bytes.length; at += 2) {
    if (bytes[at] === first && bytes[at + 1] === second) return at
  }
  return -1
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** How many bytes at the beginning of a piece continue a character. */
function strayBytes(encoding: Encoding, context: Context | undefined, bytes: Uint8Array): number {
  if (encoding !== 'utf-8') {
    return context === undefined ? 0 : strayLength(schemes[encoding], context.before, context.offset, bytes)
  }
  let length = 0
  while (length < 3 && ((bytes[length] ?? 0) & 0xc0) === 0x80) length++
  return length
}
