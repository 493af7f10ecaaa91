import { type Output } from './output'

const CLEAR_LINE = '\r\x1b[K'

/** How far something is, in a line on stderr that is written over; nothing where stderr is no terminal. */
export class ProgressLine {
  readonly #stderr: Output
  #isShown = false

  constructor(stderr: Output) {
    this.#stderr = stderr
  }

  /** Whether anybody would see it. */
  get isSeen(): boolean {
    return process.stderr.isTTY
  }

  show(text: string): void {
    if (!this.isSeen) return
    this.#isShown = true
    // Longer, it could not be written over.
    const shown = text.slice(0, Math.max(20, (process.stderr.columns || 80) - 1))
    this.#stderr.bytes(Buffer.from(`${CLEAR_LINE}${shown}`))
  }

  clear(): void {
    if (this.#isShown) this.#stderr.bytes(Buffer.from(CLEAR_LINE))
    this.#isShown = false
  }
}
