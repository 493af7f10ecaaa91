import { setImmediate } from 'node:timers/promises'

/** After so long sockets have their turn. */
const TURN_MS = 4

/** Lets the sockets of this thread have their turn, and says whether to go on. */
export class Turns {
  readonly #signal: AbortSignal
  #sinceMs = performance.now()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async next(): Promise<boolean> {
    if (performance.now() - this.#sinceMs > TURN_MS) {
      await setImmediate()
      this.#sinceMs = performance.now()
    }
    return !this.#signal.aborted
  }
}
