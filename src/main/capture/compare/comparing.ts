import { MAX_DIFFERENCES } from '../../../shared/model/compare'
import { type RowBatch } from '../scan/rowBatch'
import { type Scanner, type Telling } from '../scan/scanner'
import { compareBytes } from './align'
import { type CompareTask, type CompareTold } from './messages'
import { Side } from './side'

/** How often it tells how far it is. */
const TELL_MS = 100

/** Compares two ranges of bytes, once all rows that hold them have been seen. */
export class Comparing implements Scanner<'compare'> {
  readonly #progress: () => void
  readonly #a: Side
  readonly #b: Side
  #found: number[] = []
  #differences = 0
  #comparedBytes = 0
  #isDone = false
  #toldAtMs = 0

  constructor({ a, b }: CompareTask, progress: () => void) {
    this.#progress = progress
    this.#a = new Side(a)
    this.#b = new Side(b)
  }

  rows(batch: RowBatch): void {
    this.#a.rows(batch)
    this.#b.rows(batch)
  }

  rest(): void {
    if (this.#isDone || !this.#a.isKnown || !this.#b.isKnown) return
    const [a, b] = [this.#a, this.#b]
    compareBytes(
      a,
      b,
      ({ aFrom, aTo, bFrom, bTo }) => {
        if (++this.#differences <= MAX_DIFFERENCES) this.#found.push(aFrom, aTo, bFrom, bTo)
      },
      (bytes) => {
        this.#comparedBytes = bytes
        if (performance.now() - this.#toldAtMs > TELL_MS) this.#progress()
      },
      () => this.#differences < MAX_DIFFERENCES,
    )
    this.#comparedBytes = a.to - a.from + b.to - b.from
    this.#isDone = true
  }

  tell(): Telling<CompareTold> {
    this.#toldAtMs = performance.now()
    const found = Float64Array.from(this.#found)
    this.#found = []
    const told = {
      found,
      differences: this.#differences,
      comparedBytes: this.#comparedBytes,
      isDone: this.#isDone,
    }
    return { told, transfer: [found.buffer] }
  }

  close(): void {
    this.#a.close()
    this.#b.close()
  }
}
