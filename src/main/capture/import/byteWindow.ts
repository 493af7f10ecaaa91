const FIRST_BYTES = 1024 * 1024

/** The part of a stream of bytes that is being looked at: filled at its end, taken from its beginning. It grows no further than what is asked of it at once. */
export class ByteWindow {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  view = viewOf(this.bytes)
  /** Indices of the first byte not yet taken, and after the last one that is there. */
  from = 0
  to = 0
  /** How many bytes were taken so far: the stream's offset of `from`. */
  taken = 0

  get length(): number {
    return this.to - this.from
  }

  /** Makes room for so many bytes at `to`. What lies in `bytes` may move. */
  reserve(length: number): void {
    if (this.bytes.length - this.to >= length) return
    const held = this.to - this.from
    let { bytes } = this
    if (held + length > bytes.length) {
      bytes = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(held + length)))
      this.view = viewOf(bytes)
    }
    this.bytes.copy(bytes, 0, this.from, this.to)
    this.bytes = bytes
    this.from = 0
    this.to = held
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.to)
    this.to += bytes.length
  }

  take(length: number): void {
    this.from += length
    this.taken += length
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
