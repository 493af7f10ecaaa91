import { FaultError, type Reply } from '../../shared/model/fault'
import { type ByteRange } from '../../shared/model/record'
import { CONTEXT_BYTES } from '../../shared/model/replay'

/** Reads a range of one stream; shorter where it ends. */
export type ReadStream = (from: number, to: number) => Promise<Reply<ByteRange>>

/** Bytes of each side that are compared at once. */
const STEP_BYTES = 256 * 1024

/**
 * Compares what came with what was recorded, as far as both are there, out of the two recordings: no socket waits for it,
 * and memory does not depend on how much there is.
 */
export class StreamComparison {
  readonly #expected: ReadStream
  readonly #actual: ReadStream
  #comparedBytes = 0
  #difference: number | null = null
  #running: Promise<void> | null = null

  constructor(expected: ReadStream, actual: ReadStream) {
    this.#expected = expected
    this.#actual = actual
  }

  /** So far both are equal, or up to the difference. */
  get comparedBytes(): number {
    return this.#comparedBytes
  }
  /** The offset of the first byte that differs. */
  get difference(): number | null {
    return this.#difference
  }

  /** Goes on up to an offset that both have reached. Rejects with a FaultError. */
  async advance(to: number): Promise<void> {
    while (this.#running !== null) await this.#running
    this.#running = this.#run(to).finally(() => (this.#running = null))
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

  async #run(to: number): Promise<void> {
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
      const at = firstDifference(expected, actual, length)
      this.#comparedBytes = from + at
      if (at < length) this.#difference = from + at
    }
  }
}

async function read(stream: ReadStream, from: number, to: number): Promise<Uint8Array> {
  const reply = await stream(from, to)
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value.bytes
}

/** @returns `length` where there is none */
function firstDifference(a: Uint8Array, b: Uint8Array, length: number): number {
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length
  let at = 0
  while (a[at] === b[at]) at++
  return at
}
