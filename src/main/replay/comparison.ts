import { FaultError, type Reply } from '../../shared/model/fault'
import { type ByteRange } from '../../shared/model/record'
import { CONTEXT_BYTES } from '../../shared/model/replay'
import { SEEN_AFTER_BYTES, SEEN_BEFORE_BYTES, type MatchEnds } from './masks'

/** Reads a range of one stream; shorter where it ends. */
export type ReadStream = (from: number, to: number) => Promise<Reply<ByteRange>>

/** What may differ in one stream. */
interface StreamMasks {
  readonly hasExpressions: boolean
  /** Where the range that an offset lies in ends; null where it lies in none. */
  rangeEnd(offset: number): number | null
  /** Where the match of an expression that covers a place in both ends in each; null where there is none. */
  matchEnds(expected: Uint8Array, actual: Uint8Array, at: number): MatchEnds | null
}

/** Bytes of each side that are compared at once. */
const STEP_BYTES = 256 * 1024

/**
 * Compares what came with what was recorded, as far as both are there, out of the two recordings: no socket waits for it,
 * and memory does not depend on how much there is.
 */
export class StreamComparison {
  readonly #expected: ReadStream
  readonly #actual: ReadStream
  readonly #masks: StreamMasks | null
  readonly #expectedBytes: number
  #comparedBytes = 0
  #shift = 0
  #masked = 0
  #difference: number | null = null
  #running: Promise<void> | null = null

  /** @param expectedBytes how much was recorded */
  constructor(
    expected: ReadStream,
    actual: ReadStream,
    expectedBytes: number,
    masks: StreamMasks | null = null,
  ) {
    this.#expected = expected
    this.#actual = actual
    this.#expectedBytes = expectedBytes
    this.#masks = masks
  }

  /** So far both are equal, or up to the difference. */
  get comparedBytes(): number {
    return this.#comparedBytes
  }
  /** The offset of the first byte that differs. */
  get difference(): number | null {
    return this.#difference
  }

  /** How much further than in the record the place lies up to which both were compared: matches may be of other lengths. */
  get shift(): number {
    return this.#shift
  }

  /** Places where they differ and may. */
  get masked(): number {
    return this.#masked
  }

  get hasExpressions(): boolean {
    return this.#masks?.hasExpressions === true
  }

  /**
   * Goes on as far as both are there. Rejects with a FaultError.
   * @param receivedBytes so much has come
   * @param isAll more does not come: a match that may go on is not waited for. `forNow`: neither is it, and only what may differ is passed over
   */
  async advance(receivedBytes: number, isAll: boolean | 'forNow'): Promise<void> {
    while (this.#running !== null) await this.#running
    this.#running = this.#run(receivedBytes, isAll).finally(() => (this.#running = null))
    await this.#running
  }

  /** The bytes around an offset of the record, as recorded and as they came. Rejects with a FaultError. */
  async around(offset: number): Promise<{ readonly from: number; expected: Uint8Array; actual: Uint8Array }> {
    const from = Math.max(0, offset - CONTEXT_BYTES, -this.#shift)
    const to = offset + CONTEXT_BYTES
    const [expected, actual] = await this.#both(from, to, to)
    return { from, expected, actual }
  }

  async #run(received: number, isAll: boolean | 'forNow'): Promise<void> {
    while (this.#difference === null) {
      const from = this.#comparedBytes
      const to = Math.min(this.#expectedBytes, received - this.#shift)
      if (from >= to) {
        // One has ended within a match that goes on in the other.
        const isUneven = this.#expectedBytes !== received - this.#shift
        if (isAll === false || !isUneven || !this.hasExpressions) return
        if (!(await this.#pass(from, received))) return
        continue
      }
      const [expected, actual] = await this.#both(from, Math.min(to, from + STEP_BYTES), to)
      const length = Math.min(expected.length, actual.length)
      // One of them has less than it told.
      if (length === 0) return
      const at = firstDifference(expected, actual, length, 0)
      this.#comparedBytes = from + at
      if (at === length) continue
      if (isAll === false && this.hasExpressions && received - this.#shift < from + at + SEEN_AFTER_BYTES)
        return
      if (await this.#pass(from + at, received)) continue
      if (isAll !== 'forNow') this.#difference = from + at
      return
    }
  }

  /** Passes over what may differ at an offset of the record; false where nothing may. */
  async #pass(offset: number, received: number): Promise<boolean> {
    const ends = await this.#maskEnds(offset, received)
    if (ends === null) return false
    this.#masked++
    this.#comparedBytes = ends.expected
    this.#shift = ends.actual - ends.expected
    return true
  }

  /** Up to where both may differ at an offset; null where they may not. */
  async #maskEnds(offset: number, received: number): Promise<MatchEnds | null> {
    const masks = this.#masks
    if (masks === null) return null
    const shift = this.#shift
    const to = Math.min(this.#expectedBytes, received - shift)
    const rangeEnd = masks.rangeEnd(offset)
    if (rangeEnd !== null && offset < to) {
      const end = Math.min(rangeEnd, to)
      return { expected: end, actual: end + shift }
    }
    if (!masks.hasExpressions) return null
    const from = Math.max(0, offset - SEEN_BEFORE_BYTES, -shift)
    const upTo = offset + SEEN_AFTER_BYTES
    const [expected, actual] = await this.#both(from, upTo, received - shift)
    const ends = masks.matchEnds(expected, actual, offset - from)
    return ends === null ? null : { expected: from + ends.expected, actual: from + shift + ends.actual }
  }

  /** The same piece of both, by the record's offsets. @param actualTo what came is read no further */
  #both(from: number, to: number, actualTo: number): Promise<[Uint8Array, Uint8Array]> {
    const shift = this.#shift
    return Promise.all([
      read(this.#expected, from, Math.min(to, this.#expectedBytes)),
      read(this.#actual, from + shift, Math.min(to, actualTo) + shift),
    ])
  }
}

async function read(stream: ReadStream, from: number, to: number): Promise<Uint8Array> {
  const reply = await stream(from, to)
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value.bytes
}

/** @returns `length` where there is none from `start` on */
function firstDifference(a: Uint8Array, b: Uint8Array, length: number, start: number): number {
  if (start >= length || Buffer.compare(a.subarray(start, length), b.subarray(start, length)) === 0)
    return length
  let at = start
  while (a[at] === b[at]) at++
  return at
}
