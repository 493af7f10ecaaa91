import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { ByteRange } from '@shared/model/record'
import type { Encoding } from '@shared/wire/encodings'
import { needsContext, textLines, type Contexts, type TextLine } from './textLines'
import type { SelectedBytes } from './useByteSelection'
import type { ReadBytes } from './useByteWindow'

/** How much text is laid out at most, and how much is added at an end when the user scrolls there. */
export const MAX_TEXT_BYTES = 256 * 1024
export const MAX_TEXT_LINES = 2000
const STEP_BYTES = 64 * 1024
/** While following, less is kept: it is laid out anew each time more comes. */
const TAIL_BYTES = 16 * 1024
const TAIL_LINES = 200
/** Somewhere else: a little before the place, and some screens after it. */
const AROUND = { before: 8 * 1024, after: 24 * 1024, lines: 400 } as const

interface Kept {
  readonly offset: number
  /** Which part of the lines comes before it. */
  readonly before: number
}

export interface RunningText {
  readonly lines: Readonly<ShallowRef<readonly TextLine[]>>
  /** Where the laid-out piece begins and ends, in bytes of both directions counted together. */
  readonly from: Readonly<ShallowRef<number>>
  readonly to: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  tail(): Promise<void>
  /** The same piece once more, in the encoding that is chosen now, and with what is lit now. */
  again(): Promise<void>
  /** Some text around a byte, wherever it is. */
  around(offset: number): Promise<void>
  /** Adds text before or after what there is, dropping some at the other end. Answers whether it did. */
  earlier(): Promise<boolean>
  later(): Promise<boolean>
}

/**
 * The text of one direction, or of both in the order recorded: a window of it.
 * @param contexts asked for what came before a piece, in encodings that cannot tell from the piece itself where characters begin
 * @param lit bytes that something points at
 */
export function useRunningText(
  read: ReadBytes,
  total: Readonly<Ref<number>>,
  encoding: Readonly<Ref<Encoding>> = shallowRef('utf-8'),
  contexts: (range: ByteRange) => Promise<Contexts> = () => Promise.resolve({}),
  lit: Readonly<Ref<SelectedBytes | null>> = shallowRef(null),
): RunningText {
  const lines = shallowRef<readonly TextLine[]>([])
  const from = shallowRef(0)
  const to = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let shownIn: Encoding | null = null
  let shownLit: SelectedBytes | null = null
  /** Pieces are shown one after the other; each is reckoned from where the last one ended. */
  let pulling: Promise<unknown> = Promise.resolve()
  let isDisposed = false

  interface Piece {
    readonly begin: number
    readonly end: number
    /** Where there are more than `most` lines: which end stays, or the lines around which byte. */
    readonly keep: 'first' | 'last' | Kept
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
    const pointed = lit.value
    if (begin === from.value && end === to.value && asked === shownIn && pointed === shownLit) return false
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
    const all = textLines(reply.value, asked, known, pointed)
    shownIn = asked
    shownLit = pointed
    const surplus = Math.max(0, all.length - most)
    const first = keep === 'first' ? 0 : keep === 'last' ? surplus : firstAround(all, keep, most)
    lines.value = all.slice(first, first + most)
    from.value = first === 0 ? begin : (all[first]?.at ?? begin)
    to.value = all[first + most]?.at ?? begin + reply.value.bytes.length
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
    around: async (offset) => {
      await show(() => ({
        begin: Math.max(0, offset - AROUND.before),
        end: Math.min(total.value, offset + AROUND.after),
        keep: { offset, before: 1 / 3 },
        most: AROUND.lines,
      }))
    },
    earlier: () =>
      show(() => {
        if (from.value === 0) return null
        const begin = Math.max(0, from.value - STEP_BYTES)
        const end = Math.min(to.value, begin + MAX_TEXT_BYTES)
        return { begin, end, keep: { offset: from.value, before: 2 / 3 }, most: MAX_TEXT_LINES }
      }),
    later: () =>
      show(() => {
        if (to.value >= total.value) return null
        const end = Math.min(total.value, to.value + STEP_BYTES)
        const begin = Math.max(from.value, end - MAX_TEXT_BYTES)
        return { begin, end, keep: { offset: to.value, before: 1 / 3 }, most: MAX_TEXT_LINES }
      }),
  }
}

/** Of too many lines, the first of those that stay. */
function firstAround(all: readonly TextLine[], { offset, before }: Kept, most: number): number {
  const after = all.findIndex(({ at }) => at > offset)
  const line = after < 0 ? all.length - 1 : Math.max(0, after - 1)
  return Math.max(0, Math.min(line - Math.floor(most * before), all.length - most))
}
