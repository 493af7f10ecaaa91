import fs from 'node:fs'

const MOST_BYTES = 1024 * 1024
const LEAST_BYTES = 512
/** What is passed over is not read if it is longer: a read of its own costs as much as copying so much. */
const GAP_BYTES = 4096

/**
 * A window that moves over a file, mostly forwards. Where large pieces are passed over it reads little at a time, and
 * more and more where nothing is. Reads at once: a small read from the page cache takes a tenth of what a promise costs.
 * Throws Node's error.
 */
export class FileWindow {
  readonly bytes: Buffer
  /** The same memory. */
  readonly words: Uint32Array
  readonly #descriptor: number
  #from = 0
  #to = 0
  #size = LEAST_BYTES

  /** @param mostBytes that will ever be asked for at once; of what the file gets longer later, less may be shown */
  constructor(descriptor: number, mostBytes: number) {
    this.#descriptor = descriptor
    const fileBytes = fs.fstatSync(descriptor).size
    const wanted = Math.min(Math.max(MOST_BYTES, mostBytes + 4), fileBytes + LEAST_BYTES)
    const memory = new ArrayBuffer(wanted - (wanted % 4))
    this.bytes = Buffer.from(memory)
    this.words = new Uint32Array(memory)
  }

  /**
   * Brings a piece of the file in, and answers where in `bytes` it begins; -1 if the file ends before its end.
   * A file offset that is a multiple of 4 has an index that is one.
   */
  show(at: number, length: number): number {
    if (at >= this.#from && at + length <= this.#to) return at - this.#from
    const isJump = at < this.#from || at - this.#to > GAP_BYTES
    this.#size = isJump ? LEAST_BYTES : Math.min(MOST_BYTES, this.#size * 2)
    this.#from = at - (at % 4)
    this.#to = this.#from
    const upTo = Math.min(this.bytes.length, Math.max(this.#size, at - this.#from + length))
    while (this.#to - this.#from < upTo) {
      const done = this.#to - this.#from
      const bytesRead = fs.readSync(this.#descriptor, this.bytes, done, upTo - done, this.#to)
      if (bytesRead === 0) break
      this.#to += bytesRead
    }
    return at + length <= this.#to ? at - this.#from : -1
  }
}
