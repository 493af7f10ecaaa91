import { type Paper } from '../packetWriter'

/** Memory on which blocks are composed before they go to a file. */
export class BlockPaper implements Paper {
  readonly bytes: Buffer
  readonly words: Uint32Array
  cursor = 0

  /** @param length a multiple of 4 */
  constructor(length: number) {
    const memory = new ArrayBuffer(length)
    this.bytes = Buffer.from(memory)
    this.words = new Uint32Array(memory)
  }

  get room(): number {
    return this.bytes.length - this.cursor
  }
  reserve(length: number): boolean {
    return length <= this.room
  }
  advance(length: number): void {
    this.cursor += length
  }
  /** What has been composed; the next block is composed over it. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.cursor)
    this.cursor = 0
    return taken
  }
}
