import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { ByteRange, Direction } from '@shared/model/record'
import { decodeUtf8, pendingLength } from '@shared/wire/utf8'
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
}

export interface RunningText {
  readonly lines: Readonly<ShallowRef<readonly TextLine[]>>
  /** Where the laid-out piece begins and ends, in bytes of both directions counted together. */
  readonly from: Readonly<ShallowRef<number>>
  readonly to: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  tail(): Promise<void>
  /** Adds text before or after what there is, dropping some at the other end. Answers whether it did. */
  earlier(): Promise<boolean>
  later(): Promise<boolean>
}

/** The text of both directions in the order recorded, a window of it. */
export function useRunningText(read: ReadBytes, total: Readonly<Ref<number>>): RunningText {
  const lines = shallowRef<readonly TextLine[]>([])
  const from = shallowRef(0)
  const to = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let isPulling = false
  let isDisposed = false

  /** @param keep which end stays where there are more than `most` lines */
  async function show(begin: number, end: number, keep: 'first' | 'last', most: number): Promise<boolean> {
    if (isPulling || isDisposed || (begin === from.value && end === to.value)) return false
    isPulling = true
    const reply = await read(begin, end)
    isPulling = false
    // It may have been disposed of while waiting, whatever the flow analysis says.
    if (isDisposed as boolean) return false
    if (!reply.ok) {
      fault.value = reply.fault
      return false
    }
    fault.value = null
    const all = textLines(reply.value)
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
      await show(Math.max(0, total.value - TAIL_BYTES), total.value, 'last', TAIL_LINES)
    },
    earlier: async () => {
      if (from.value === 0) return false
      const begin = Math.max(0, from.value - STEP_BYTES)
      return show(begin, Math.min(to.value, begin + MAX_TEXT_BYTES), 'first', MAX_TEXT_LINES)
    },
    later: async () => {
      if (to.value >= total.value) return false
      const end = Math.min(total.value, to.value + STEP_BYTES)
      return show(Math.max(from.value, end - MAX_TEXT_BYTES), end, 'last', MAX_TEXT_LINES)
    },
  }
}

const LF = 0x0a

/**
 * Lines of one direction each, their line feeds left out. Bytes are cut at line feeds before they are decoded: 0x0a is never
 * part of a longer UTF-8 character. A character cut by a chunk's edge is put together even where the other direction spoke in
 * between: its first bytes wait for the rest.
 */
export function textLines(range: ByteRange): readonly TextLine[] {
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
    let start = first.start
    // The piece may begin within a character: what is left of it cannot be shown.
    if (range.from > 0 && !isBegun[direction]) start += strayLength(range.bytes.subarray(start, end))
    isBegun[direction] = true
    while (start < end) {
      const found = range.bytes.indexOf(LF, start)
      const isEnded = found !== -1 && found < end
      const stop = isEnded ? found : end
      const bytes = joined(held[direction], range.bytes.subarray(start, stop))
      held[direction] = isEnded ? new Uint8Array(0) : bytes.slice(bytes.length - pendingLength(bytes))
      const text = decodeUtf8(bytes, { mode: 'lines', isWhole: isEnded })
      lines.push({ at: range.from + start, direction, text: text.endsWith('\\r') ? text.slice(0, -2) : text })
      start = stop + 1
    }
  }
  return lines
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** How many bytes at the beginning, up to 3, continue a character. */
function strayLength(bytes: Uint8Array): number {
  let length = 0
  while (length < 3 && ((bytes[length] ?? 0) & 0xc0) === 0x80) length++
  return length
}
