import { type Difference } from '../../../shared/model/experiment'
import { describeFault, type Fault } from '../../../shared/model/fault'
import { formatHex } from '../../../shared/wire/hex'

/** What an act came to. */
export interface Done {
  readonly ok: boolean
  readonly note: string
  readonly fault?: Fault
  readonly difference?: Difference
  /** What was measured, where it is not what was expected in so many words. */
  readonly value?: string
  /** Of a call that has come back: what its line had on the left of `=`. */
  readonly names?: readonly string[]
  /** How long that call took, from its own beginning; else it is what the step took. */
  readonly tookMs?: number
}

export const passed = (note = '', value?: string): Done => ({
  ok: true,
  note,
  ...(value !== undefined && { value }),
})

export const failed = (note: string, difference?: Difference): Done => ({
  ok: false,
  note,
  ...(difference !== undefined && { difference }),
})

export const faulty = (fault: Fault): Done => ({ ok: false, note: describeFault(fault), fault })

/** So many bytes before the first that differs are shown, and so many in all. */
const BEFORE_BYTES = 16
const SHOWN_BYTES = 64

/** From where on bytes are needed to show a difference at an offset. */
export const contextFrom = (offset: number): number => Math.max(0, offset - BEFORE_BYTES)

/**
 * @param actual what came, from `contextFrom(offset)` on, as far as it is shown
 * @param actualBytes how many came
 */
export function differenceAt(
  offset: number,
  expected: Uint8Array,
  actual: Uint8Array,
  actualBytes: number,
): Difference {
  const from = contextFrom(offset)
  return {
    offset,
    from,
    expected: formatHex(expected.subarray(from, from + SHOWN_BYTES), ''),
    actual: formatHex(actual.subarray(0, SHOWN_BYTES), ''),
    expectedBytes: expected.length,
    actualBytes,
  }
}

/** The first place where one is not the other, as far as both go; -1 where there is none. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  for (let at = 0; at < most; at++) if (a[at] !== b[at]) return at
  return -1
}

export { SHOWN_BYTES }
