import { EXCHANGE_FLOATS, type Quantiles } from '../../shared/model/replay'
import { Durations } from './durations'

/** As many exchanges are kept as single ones, evenly chosen: enough for a picture. */
const MOST_KEPT = 2048

/** The delays between what one side sent and the other's answer: as recorded, and now. */
export class Exchanges {
  readonly #recorded = new Durations()
  readonly #now = new Durations()
  #kept = new Float64Array(MOST_KEPT * EXCHANGE_FLOATS)
  #keptCount = 0
  /** Every so manieth is kept. */
  #stride = 1
  #count = 0

  add(atNanos: number, recordedNanos: number, nowNanos: number): void {
    this.#recorded.add(recordedNanos)
    this.#now.add(nowNanos)
    if (this.#count++ % this.#stride !== 0) return
    if (this.#keptCount === MOST_KEPT) this.#thin()
    if ((this.#count - 1) % this.#stride !== 0) return
    this.#kept.set([atNanos, recordedNanos, nowNanos], this.#keptCount++ * EXCHANGE_FLOATS)
  }

  get recordedDelays(): Quantiles {
    return this.#recorded.quantiles
  }
  get delays(): Quantiles {
    return this.#now.quantiles
  }
  get kept(): Float64Array {
    return this.#kept.slice(0, this.#keptCount * EXCHANGE_FLOATS)
  }

  #thin(): void {
    for (let n = 1; n < MOST_KEPT / 2; n++) {
      const from = 2 * n * EXCHANGE_FLOATS
      this.#kept.copyWithin(n * EXCHANGE_FLOATS, from, from + EXCHANGE_FLOATS)
    }
    this.#keptCount = MOST_KEPT / 2
    this.#stride *= 2
  }
}
