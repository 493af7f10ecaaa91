import { setImmediate } from 'node:timers/promises'
import { fault, type Reply } from '../../shared/model/fault'

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

export const CANCELLED: Reply<never> = {
  ok: false,
  fault: fault('SB_CANCELLED', 'It is not asked any more.'),
}

/** A question of a span, which takes its time; null for where the records begin, and for where they end. */
export interface Asked {
  /** Who asks. A question of the same asker that is still being answered ends. */
  readonly asker: string
  readonly fromNanos: number | null
  readonly toNanos: number | null
}

/** Of each asker one question at a time: the newest. */
export class Askers {
  readonly #asked = new Map<string, AbortController>()

  /** @param answer begins to answer; it is told by its turns when nobody asks any more */
  async answer<T>(
    { asker, fromNanos, toNanos }: Asked,
    answer: (turns: Turns) => Promise<Reply<T>>,
  ): Promise<Reply<T>> {
    if (fromNanos !== null && toNanos !== null && fromNanos >= toNanos) {
      return {
        ok: false,
        fault: fault('SB_INPUT', `The span runs backwards: from ${fromNanos} to ${toNanos}.`),
      }
    }
    this.cancel(asker)
    const controller = new AbortController()
    this.#asked.set(asker, controller)
    try {
      return await answer(new Turns(controller.signal))
    } finally {
      if (this.#asked.get(asker) === controller) this.#asked.delete(asker)
    }
  }

  /** Ends what an asker has asked, if it is not answered yet. */
  cancel(asker: string): void {
    this.#asked.get(asker)?.abort()
    this.#asked.delete(asker)
  }
}
