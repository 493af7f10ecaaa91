import { isMoment } from '../../../shared/model/record'
import { type Clock } from '../../engine/clock'
import { type CapturedPacket } from './packetFile'

type Stamp = Pick<CapturedPacket, 'seconds' | 'nanos'>

const MAX_EPOCH_SECONDS = 2 ** 33

/** The time of the packet that is being imported, since the first one. It never turns back: rows are found by their times. */
export class PacketClock implements Clock {
  readonly epochNanos: bigint
  readonly #seconds: number
  readonly #nanos: number
  #now = 0

  /** @param first the first packet's time; one that cannot be counts as 1970 */
  constructor(first: Stamp) {
    const isPlausible = first.seconds >= 0 && first.seconds <= MAX_EPOCH_SECONDS
    this.#seconds = isPlausible ? first.seconds : 0
    this.#nanos = isPlausible ? first.nanos : 0
    this.epochNanos = BigInt(this.#seconds) * 1_000_000_000n + BigInt(this.#nanos)
  }

  nanos(): number {
    return this.#now
  }

  /** @returns false for a time before the one it stands at, or one that no number holds: it stays */
  set({ seconds, nanos }: Stamp): boolean {
    const now = (seconds - this.#seconds) * 1e9 + (nanos - this.#nanos)
    if (now < this.#now || !isMoment(now)) return false
    this.#now = now
    return true
  }
}
