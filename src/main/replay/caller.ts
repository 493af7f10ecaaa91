import { type ConnectionId } from '../../shared/model/ids'
import { type Reaction } from '../engine/types'
import { type Party } from './party'

/** As much of a caller's first words is kept. */
export const HEAD_BYTES = 64

/** Hears one who called until it is known which party serves it; then that is told all. */
export class Caller implements Reaction {
  readonly id: ConnectionId
  /** What it said first, at most HEAD_BYTES. */
  readonly head: number[] = []
  waitedMs = 0
  readonly #onHeard: ((caller: Caller) => void) | null
  #lengthBytes = 0
  #hasFinished = false
  #hasEnded = false
  #party: Party | null = null

  /** @param onHeard called whenever something comes, as long as nobody serves it */
  constructor(id: ConnectionId, onHeard: ((caller: Caller) => void) | null = null) {
    this.id = id
    this.#onHeard = onHeard
  }

  get isSilent(): boolean {
    return this.#lengthBytes === 0
  }

  /** @param open opens the party on this connection */
  handOver(party: Party, open: () => void): void {
    this.#party = party
    open()
    if (this.#lengthBytes > 0) party.caughtUp(this.#lengthBytes)
    if (this.#hasFinished) party.peerFinished()
    if (this.#hasEnded) party.ended()
  }

  received(bytes: Uint8Array): void {
    if (this.#party !== null) return this.#party.received(bytes)
    this.#lengthBytes += bytes.length
    this.head.push(...bytes.subarray(0, HEAD_BYTES - this.head.length))
    this.#onHeard?.(this)
  }
  peerFinished(): void {
    if (this.#party !== null) return this.#party.peerFinished()
    this.#hasFinished = true
    this.#onHeard?.(this)
  }
  drained(): void {
    this.#party?.drained()
  }
  ended(): void {
    if (this.#party !== null) return this.#party.ended()
    this.#hasEnded = true
    this.#onHeard?.(this)
  }
}
