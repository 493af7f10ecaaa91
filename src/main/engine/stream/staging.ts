/** One write call carries at most this much; also how the record is cut. */
export const SLICE_BYTES = 65_536
const SMALL_BYTES = 4_096

/**
 * Memory for bytes on their way to the kernel. Mostly the kernel takes a write at once, and the same memory serves the
 * next one; a write that has to wait keeps its memory, and a new piece takes its place. Small writes have a small piece,
 * so that ten thousand slow peers do not hold ten thousand large ones.
 */
export class Staging {
  #small = Buffer.allocUnsafeSlow(SMALL_BYTES)
  #large = Buffer.allocUnsafeSlow(SLICE_BYTES)

  /** A copy of at most `SLICE_BYTES` bytes, good until the next call unless it is kept. */
  copy(bytes: Uint8Array): Buffer {
    const memory = bytes.length <= SMALL_BYTES ? this.#small : this.#large
    memory.set(bytes)
    return memory.subarray(0, bytes.length)
  }

  /** The memory of this copy is in use for longer. */
  keep(copy: Buffer): void {
    if (copy.buffer === this.#small.buffer) this.#small = Buffer.allocUnsafeSlow(SMALL_BYTES)
    else if (copy.buffer === this.#large.buffer) this.#large = Buffer.allocUnsafeSlow(SLICE_BYTES)
  }
}
