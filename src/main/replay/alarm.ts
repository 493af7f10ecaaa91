import { TimeOrder } from '../../shared/model/timeOrder'

/** Who is to be woken. */
export interface Sleeper {
  wake(): void
}

interface Entry {
  readonly atNanos: number
  readonly sleeper: Sleeper
}

/** Node's timers keep to a millisecond at best: from here on the event loop turns without waiting. */
const TURNING_NANOS = 2_000_000
/** For so short a time even a turn of the loop is long. */
const SPINNING_NANOS = 60_000

/**
 * Wakes sleepers at times exact to some ten microseconds, for the price of a processor that is busy during the last two
 * milliseconds before each.
 */
export class Alarm {
  readonly #now: () => number
  #order = new TimeOrder<Entry>()
  #timer: NodeJS.Timeout | null = null
  #turn: NodeJS.Immediate | null = null

  /** @param now nanoseconds on the clock in which times are told */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param atNanos on the clock */
  set(atNanos: number, sleeper: Sleeper): void {
    this.#order.add({ atNanos, sleeper })
    if (this.#order.earliest?.atNanos === atNanos) this.#arm()
  }

  /** Nobody is woken any more. */
  clear(): void {
    this.#disarm()
    this.#order = new TimeOrder<Entry>()
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#turn !== null) clearImmediate(this.#turn)
    this.#timer = null
    this.#turn = null
  }

  #arm(): void {
    const next = this.#order.earliest
    if (next === undefined) return this.#disarm()
    const waitNanos = next.atNanos - this.#now()
    if (waitNanos > TURNING_NANOS) {
      this.#disarm()
      // Timers come up to a millisecond late, and take 2^31 ms at most.
      const waitMs = Math.min(2 ** 30, Math.floor((waitNanos - TURNING_NANOS) / 1e6) + 1)
      this.#timer = setTimeout(this.#look, waitMs)
    } else {
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = null
      this.#turn ??= setImmediate(this.#look)
    }
  }

  readonly #look = (): void => {
    this.#timer = null
    this.#turn = null
    for (let next = this.#order.earliest; next !== undefined; next = this.#order.earliest) {
      const waitNanos = next.atNanos - this.#now()
      if (waitNanos > SPINNING_NANOS) break
      while (this.#now() < next.atNanos);
      this.#order.removeEarliest()
      next.sleeper.wake()
    }
    this.#arm()
  }
}
