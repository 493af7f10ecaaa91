import { type CapturedPacket } from './packetFile'

/** Turns the time stamps of a pcapng interface into seconds and nanoseconds: a 64-bit count of units, which no number holds. */
export class TimeScale {
  readonly #unitsASecond: bigint
  readonly #rate: number
  readonly #offsetSeconds: bigint
  /** Seconds, and units after them, at which the upper word begins: it changes every few seconds only. */
  #high = -1
  #seconds = 0
  #units = 0

  /** @param resolution if_tsresol: a negative power of 10, or with the highest bit of 2 */
  constructor(resolution: number, offsetSeconds: bigint) {
    this.#unitsASecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
    this.#rate = Number(this.#unitsASecond)
    this.#offsetSeconds = offsetSeconds
  }

  read(high: number, low: number, packet: Pick<CapturedPacket, 'seconds' | 'nanos'>): void {
    if (high !== this.#high) {
      const units = BigInt(high) << 32n
      this.#high = high
      this.#seconds = Number(units / this.#unitsASecond + this.#offsetSeconds)
      this.#units = Number(units % this.#unitsASecond)
    }
    const units = this.#units + low
    const seconds = Math.floor(units / this.#rate)
    packet.seconds = this.#seconds + seconds
    const rest = units - seconds * this.#rate
    // Each way exact for the powers of ten that are in use: neither a product nor a quotient leaves what a number holds.
    packet.nanos =
      this.#rate <= 1e9 ? Math.floor(rest * (1e9 / this.#rate)) : Math.floor(rest / (this.#rate / 1e9))
  }
}
