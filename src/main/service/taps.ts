import { type TapMessage } from '../../shared/contract/tap'
import { type Fault } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { Tap, type TapSource } from './tap'

/** One frame at 60 Hz. Once a frame each tap asks how far its record is: one look-up, and only while there are taps. */
const FRAME_MS = 16

/** All that follow a record live. They ask the capture; nothing on a socket's way knows that they exist. */
export class Taps {
  readonly #source: TapSource
  readonly #onFault: (id: SocketId, fault: Fault) => void
  readonly #taps = new Set<Tap>()
  #timer: NodeJS.Timeout | null = null

  constructor(source: TapSource, onFault: (id: SocketId, fault: Fault) => void) {
    this.#source = source
    this.#onFault = onFault
  }

  /** @param from the first row to deliver; where that is far behind, only the record's end is */
  open(id: SocketId, from: number, deliver: (message: TapMessage) => void): Tap {
    const tap = new Tap({
      id,
      from,
      source: this.#source,
      deliver,
      onFault: this.#onFault,
      onClosed: () => this.#remove(tap),
    })
    this.#taps.add(tap)
    this.#timer ??= setInterval(() => this.#look(), FRAME_MS).unref()
    // Nothing is delivered before the caller has the tap in hand.
    queueMicrotask(() => tap.look())
    return tap
  }

  close(): void {
    for (const tap of [...this.#taps]) tap.close()
  }

  #look(): void {
    for (const tap of this.#taps) tap.look()
  }

  #remove(tap: Tap): void {
    this.#taps.delete(tap)
    if (this.#taps.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}
