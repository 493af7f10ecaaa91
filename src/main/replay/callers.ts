import { type ConnectionId } from '../../shared/model/ids'
import { Caller } from './caller'
import { type Party } from './party'

/** A caller who says nothing for so long is taken for one who waits to be spoken to. */
const SILENT_MS = 300

/** What a served connection began with, in the record. */
export interface Served {
  readonly party: Party
  /** The caller's first bytes, at most HEAD_BYTES. */
  readonly head: Uint8Array
  readonly isServerFirst: boolean
}

/**
 * Tells who of those who call plays which recorded connection: the one that begins as it did, the earliest first. So the order
 * in which they call does not matter.
 */
export class Callers {
  readonly #free: Served[]
  readonly #waiting = new Set<Caller>()
  readonly #open: (party: Party, id: ConnectionId) => void

  /** @param served in the order recorded; @param open called for each, once it is known */
  constructor(served: readonly Served[], open: (party: Party, id: ConnectionId) => void) {
    this.#free = [...served]
    this.#open = open
  }

  /** Somebody calls. Null when nobody more is expected. */
  greet(id: ConnectionId): Caller | null {
    if (this.#free.length <= this.#waiting.size) return null
    const caller = new Caller(id, (heard) => this.#assign(heard, this.#matching(heard)))
    this.#waiting.add(caller)
    const [next] = this.#free
    // The connection has to be there before it is spoken to.
    if (this.#free.length === 1 || next?.isServerFirst === true)
      queueMicrotask(() => this.#assign(caller, next))
    return caller
  }

  /** Called now and then. @param ms since the last time */
  ticked(ms: number): void {
    for (const caller of this.#waiting) {
      caller.waitedMs += ms
      if (caller.waitedMs < SILENT_MS) continue
      this.#assign(
        caller,
        this.#free.find((each) => each.isServerFirst || each.head.length === 0),
      )
    }
  }

  #matching({ head, isSilent }: Caller): Served | undefined {
    if (isSilent) return this.#free.find((each) => each.head.length === 0)
    return this.#free.find((each) => {
      const length = Math.min(head.length, each.head.length)
      for (let n = 0; n < length; n++) if (head[n] !== each.head[n]) return false
      return length > 0
    })
  }

  #assign(caller: Caller, to: Served | undefined): void {
    if (!this.#waiting.delete(caller)) return
    const served = to !== undefined && this.#free.includes(to) ? to : this.#free[0]
    if (served === undefined) return
    this.#free.splice(this.#free.indexOf(served), 1)
    caller.handOver(served.party, () => this.#open(served.party, caller.id))
  }
}
