import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { ByteRange, Direction } from '@shared/model/record'
import { decodeText, strayLength } from '@shared/wire/decodeText'
import { schemes, type Encoding } from '@shared/wire/encodings'
import type { ReadBytes } from './useByteWindow'

/** How much text is laid out at most, and how much is added at an end when the user scrolls there. */
export const MAX_TEXT_BYTES = 256 * 1024
export const MAX_TEXT_LINES = 2000
const STEP_BYTES = 64 * 1024
/** While following, less is kept: it is laid out anew each time more comes. */
const TAIL_BYTES = 16 * 1024
const TAIL_LINES = 200

/** A line that one side said; where the other side begins to speak, a new line begins. */
export interface TextLine {
  /** Where it begins, in bytes of both directions counted together. */
  readonly at: number
  readonly direction: Direction
  readonly text: string
  /** The line break that ends it; empty where the other side begins to speak, or at the end. */
  readonly ending: '\n' | '\r\n' | ''
}

/** Where in its direction's stream the first byte of a piece lies, and bytes that come just before it. */
export interface Context {
  readonly offset: number
  readonly before: Uint8Array
}
/** Of each direction that a piece of both has, what came before. */
export type Contexts = Readonly<Partial<Record<Direction, Context>>>

export interface RunningText {
  readonly lines: Readonly<ShallowRef<readonly TextLine[]>>
  /** Where the laid-out piece begins and ends, in bytes of both directions counted together. */
  readonly from: Readonly<ShallowRef<number>>
  readonly to: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  tail(): Promise<void>
  /** The same piece once more, in the encoding that is chosen now. */
  again(): Promise<void>
  /** Adds text before or after what there is, dropping some at the other end. Answers whether it did. */
  earlier(): Promise<boolean>
  later(): Promise<boolean>
}

/**
 * The text of both directions in the order recorded, a window of it.
 * @param contexts asked for what came before a piece, in encodings that cannot tell from the piece itself where characters begin
 */
export function useRunningText(
  read: ReadBytes,
  total: Readonly<Ref<number>>,
  encoding: Readonly<Ref<Encoding>> = shallowRef('utf-8'),
  contexts: (range: ByteRange) => Promise<Contexts> = () => Promise.resolve({}),
): RunningText {
  const lines = shallowRef<readonly TextLine[]>([])
  const from = shallowRef(0)
  const to = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let shownIn: Encoding | null = null
  /** Pieces are shown one after the other; each is reckoned from where the last one ended. */
  let pulling: Promise<unknown> = Promise.resolve()
  let isDisposed = false

  interface Piece {
    readonly begin: number
    readonly end: number
    /** Which end stays where there are more than `most` lines. */
    readonly keep: 'first' | 'last'
    readonly most: number
  }
  function show(piece: () => Piece | null): Promise<boolean> {
    const shown = pulling.then(() => pull(piece()))
    pulling = shown
    return shown
  }

  async function pull(piece: Piece | null): Promise<boolean> {
    if (piece === null || isDisposed) return false
    const { begin, end, keep, most } = piece
    const asked = encoding.value
    if (begin === from.value && end === to.value && asked === shownIn) return false
    const reply = await read(begin, end)
    const isEnough = begin === 0 || !reply.ok || !needsContext.has(asked)
    const known = isEnough ? {} : await contexts(reply.value)
    // It may have been disposed of while waiting, whatever the flow analysis says.
    if (isDisposed as boolean) return false
    if (!reply.ok) {
      fault.value = reply.fault
      return false
    }
    fault.value = null
    const all = textLines(reply.value, asked, known)
    shownIn = asked
    const reached = begin + reply.value.bytes.length
    const isTooMany = all.length > most
    lines.value = !isTooMany ? all : keep === 'first' ? all.slice(0, most) : all.slice(-most)
    from.value = isTooMany && keep === 'last' ? (lines.value[0]?.at ?? begin) : begin
    to.value = isTooMany && keep === 'first' ? (all[most]?.at ?? reached) : reached
    return true
  }

  onScopeDispose(() => {
    isDisposed = true
  })

  return {
    lines,
    from,
    to,
    fault,
    tail: async () => {
      await show(() => ({
        begin: Math.max(0, total.value - TAIL_BYTES),
        end: total.value,
        keep: 'last',
        most: TAIL_LINES,
      }))
    },
    again: async () => {
      await show(() => ({ begin: from.value, end: to.value, keep: 'first', most: MAX_TEXT_LINES }))
    },
    earlier: () =>
      show(() => {
        if (from.value === 0) return null
        const begin = Math.max(0, from.value - STEP_BYTES)
        const end = Math.min(to.value, begin + MAX_TEXT_BYTES)
        return { begin, end, keep: 'first', most: MAX_TEXT_LINES }
      }),
    later: () =>
      show(() => {
        if (to.value >= total.value) return null
        const end = Math.min(total.value, to.value + STEP_BYTES)
        return { begin: Math.max(from.value, end - MAX_TEXT_BYTES), end, keep: 'last', most: MAX_TEXT_LINES }
      }),
  }
}

/** In UTF-8 a byte tells by itself whether it begins a character, and where each byte is one there is nothing to tell. */
const needsContext: ReadonlySet<Encoding> = new Set(['utf-16le', 'utf-16be', 'shift_jis'])
const CR = 0x0d

/**
 * Lines of one direction each, their line breaks left out. Bytes are cut at line feeds before they are decoded. A character cut by a
 * chunk's edge is put together even where the other direction spoke in between: its first bytes wait for the rest.
 */
export function textLines(
  range: ByteRange,
  encoding: Encoding = 'utf-8',
  contexts: Contexts = {},
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
      lines.push({
        at: range.from + Math.max(begin, begin + start - heldLength),
        direction,
        text: found === -1 ? shown : shown.slice(0, -1),
        ending: found === -1 ? '' : isCrLf ? '\r\n' : '\n',
      })
      const pending = found === -1 ? Math.min(line.length, scheme.pendingLength(line, line.length)) : 0
      held[direction] = line.slice(line.length - pending)
      start = stop
    }
  }
  return lines
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
