import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import { MAX_BYTES_A_READ } from '@shared/contract/limits'
import type { Fault, Reply } from '@shared/model/fault'
import type { ByteRange, ByteSpan } from '@shared/model/record'

/** Bytes pulled around those in sight, so that a small movement needs no new pull. */
const MARGIN_BYTES = 2048

/** Reads bytes `from` to `to` (exclusive) of whatever is shown. */
export type ReadBytes = (from: number, to: number) => Promise<Reply<ByteRange>>

export interface ByteWindow {
  /** What is held now; replaced as a whole. */
  readonly held: Readonly<ShallowRef<ByteRange>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  /** Says which bytes are in sight. What is missing is pulled, one pull at a time. */
  want(from: number, to: number): void
  /** Drops what is held and pulls anew: the source has changed. */
  restart(): void
}

const nothing: ByteRange = { from: 0, bytes: new Uint8Array(0), spans: [] }

/** The bytes in sight of a stream that may be any length and may still grow. Holds a few kilobytes. */
export function useByteWindow(read: ReadBytes, total: Readonly<Ref<number>>): ByteWindow {
  const held = shallowRef<ByteRange>(nothing)
  const fault = shallowRef<Fault | null>(null)
  let wanted = { from: 0, to: 0 }
  let isPulling = false
  let short: string | null = null
  /** Answers to a question of before the last restart are dropped. */
  let era = 0

  function isHeld(from: number, to: number): boolean {
    return from >= held.value.from && to <= held.value.from + held.value.bytes.length
  }

  async function pull(): Promise<void> {
    const to = Math.min(wanted.to, total.value)
    if (isPulling || wanted.from >= to || isHeld(wanted.from, to)) return
    const from = Math.max(0, wanted.from - MARGIN_BYTES)
    const end = Math.min(to + MARGIN_BYTES, total.value, from + MAX_BYTES_A_READ)
    const key = `${from}-${end}-${total.value}`
    if (key === short) return
    isPulling = true
    const asked = era
    const reply = await read(from, end)
    if (asked !== era) return
    isPulling = false
    if (reply.ok) {
      fault.value = null
      short = reply.value.bytes.length < end - from ? key : null
      held.value = reply.value
    } else {
      short = key
      fault.value = reply.fault
    }
    void pull()
  }

  function restart(): void {
    era++
    isPulling = false
    short = null
    held.value = nothing
    void pull()
  }

  onScopeDispose(() => {
    era++
    isPulling = true
  })

  return {
    held,
    fault,
    want(from, to) {
      wanted = { from, to }
      void pull()
    },
    restart,
  }
}

/** The spans that bytes `from` to `to` of a range touch, cut to them; offsets in bytes of the range's own numbering. */
export function spansWithin(
  range: ByteRange,
  from: number,
  to: number,
): readonly (ByteSpan & { readonly from: number })[] {
  const found: (ByteSpan & { readonly from: number })[] = []
  // Spans lie in order: the first that reaches past `from` is found by halving.
  let low = 0
  let high = range.spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    const span = range.spans[middle]
    if (span !== undefined && range.from + span.start + span.lengthBytes <= from) low = middle + 1
    else high = middle
  }
  for (let at = low; at < range.spans.length; at++) {
    const span = range.spans[at]
    if (span === undefined) break
    const begin = range.from + span.start
    if (begin >= to) break
    const cut = Math.max(begin, from)
    found.push({ ...span, from: cut, lengthBytes: Math.min(begin + span.lengthBytes, to) - cut })
  }
  return found
}
