import { FaultError, type Reply } from '../../shared/model/fault'
import { type ByteRange } from '../../shared/model/record'
import { CONTEXT_BYTES } from '../../shared/model/replay'
import { SEEN_AFTER_BYTES, SEEN_BEFORE_BYTES } from './masks'

/** Reads a range of one stream; shorter where it ends. */
export type ReadStream = (from: number, to: number) => Promise<Reply<ByteRange>>

/** What may differ in one stream. */
interface StreamMasks {
  readonly hasExpressions: boolean
  /** Where the range that an offset lies in ends; null where it lies in none. */
  rangeEnd(offset: number): number | null
  /** Where a match that covers a place in both ends; null where there is none. */
  matchEnd(expected: Uint8Array, actual: Uint8Array, at: number): number | null
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
  #comparedBytes = 0
  #masked = 0
  #difference: number | null = null
  #running: Promise<void> | null = null

  constructor(expected: ReadStream, actual: ReadStream, masks: StreamMasks | null = null) {
    this.#expected = expected
    this.#actual = actual
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

  /** Places where they differ and may. */
  get masked(): number {
    return this.#masked
  }

  /**
   * Goes on up to an offset that both have reached. Rejects with a FaultError.
   * @param isAll more does not come: a match that may go on is not waited for
   */
  async advance(to: number, isAll: boolean): Promise<void> {
    while (this.#running !== null) await this.#running
    this.#running = this.#run(to, isAll).finally(() => (this.#running = null))
    await this.#running
  }

  /** The bytes around an offset, as recorded and as they came. Rejects with a FaultError. */
  async around(offset: number): Promise<{ readonly from: number; expected: Uint8Array; actual: Uint8Array }> {
    const from = Math.max(0, offset - CONTEXT_BYTES)
    const to = offset + CONTEXT_BYTES
    const [expected, actual] = await Promise.all([
      read(this.#expected, from, to),
      read(this.#actual, from, to),
    ])
    return { from, expected, actual }
  }

  async #run(to: number, isAll: boolean): Promise<void> {
    while (this.#comparedBytes < to && this.#difference === null) {
      const from = this.#comparedBytes
      const upTo = Math.min(to, from + STEP_BYTES)
      const [expected, actual] = await Promise.all([
        read(this.#expected, from, upTo),
        read(this.#actual, from, upTo),
      ])
      const length = Math.min(expected.length, actual.length)
      // One of them has less than it told.
      if (length === 0) return
      let at = firstDifference(expected, actual, length, 0)
      while (at < length) {
        const offset = from + at
        this.#comparedBytes = offset
        if (this.#masks?.hasExpressions === true && !isAll && to < offset + SEEN_AFTER_BYTES) return
        const end = await this.#maskEnd(offset, to)
        if (end === null) {
          this.#difference = offset
          return
        }
        this.#masked++
        this.#comparedBytes = end
        at = firstDifference(expected, actual, length, end - from)
      }
      this.#comparedBytes = Math.max(this.#comparedBytes, from + length)
    }
  }

  /** Up to where both may differ at an offset; null where they may not. */
  async #maskEnd(offset: number, to: number): Promise<number | null> {
    const masks = this.#masks
    if (masks === null) return null
    const rangeEnd = masks.rangeEnd(offset)
    if (rangeEnd !== null) return Math.min(rangeEnd, to)
    if (!masks.hasExpressions) return null
    const from = Math.max(0, offset - SEEN_BEFORE_BYTES)
    const upTo = Math.min(to, offset + SEEN_AFTER_BYTES)
    const [expected, actual] = await Promise.all([
      read(this.#expected, from, upTo),
      read(this.#actual, from, upTo),
    ])
    const end = masks.matchEnd(expected, actual, offset - from)
    return end === null ? null : from + end
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
