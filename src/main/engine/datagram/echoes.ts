import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { readEcho } from '../../../shared/wire/headers/echo'
import { type NativeEndpoint } from './family'

/** More requests than anybody waits for at once: the oldest is given up then. */
const MOST_WAITING = 1024

/** Finds the reply to each ICMP echo request that went out (RFC 792, RFC 4443), and tells how long it took. */
export class Echoes {
  readonly #sent = new Map<string, number>()

  passed(
    direction: Direction,
    message: Uint8Array,
    remote: NativeEndpoint,
    atNanos: number,
  ): SocketEvent | null {
    const echo = readEcho(message)
    if (echo === null || echo.isReply === (direction === 'out')) return null
    const { identifier, sequence } = echo
    const key = `${identifier} ${sequence}`
    if (direction === 'out') {
      this.#sent.delete(key)
      this.#sent.set(key, atNanos)
      if (this.#sent.size > MOST_WAITING) this.#sent.delete(this.#sent.keys().next().value ?? key)
      return null
    }
    const sentNanos = this.#sent.get(key)
    if (sentNanos === undefined) return null
    this.#sent.delete(key)
    return { what: 'echoed', from: remote, identifier, sequence, roundTripNanos: atNanos - sentNanos }
  }
}
