import { type DatagramEndpoint } from '../../../shared/model/endpoint'
import { drop } from '../../../shared/model/must'
import { type DatagramReaction } from '../types'

/** How a datagram socket behaves: what it does with what comes in, until it is told another thing or ends. */
export class Reacting {
  #name = 'none'
  #reaction: DatagramReaction | null = null

  /** As the user writes it. */
  get name(): string {
    return this.#name
  }

  set(name: string, reaction: DatagramReaction): void {
    this.end()
    this.#name = name
    this.#reaction = reaction
  }

  received(bytes: Uint8Array, from: DatagramEndpoint): void {
    if (this.#reaction !== null) drop(this.#reaction.received(bytes, from))
  }

  end(): void {
    this.#reaction?.ended?.()
    this.#reaction = null
  }
}
