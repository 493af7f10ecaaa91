import { type Quantiles } from '../../shared/model/replay'

/** Columns to a doubling: each is about 3 % wide. */
const SPLIT_BITS = 5
const SPLIT = 1 << SPLIT_BITS
/** Up to 2^53 nanoseconds. */
const COLUMNS = (53 - SPLIT_BITS + 1) * SPLIT

export const NO_QUANTILES: Quantiles = { count: 0, p50: 0, p99: 0, max: 0 }

/** Counts durations, and tells their quantiles to about 3 %. Memory does not depend on how many there are. */
export class Durations {
  readonly #counts = new Float64Array(COLUMNS)
  #count = 0
  #max = 0

  /** @param nanos below 0 counts as 0 */
  add(nanos: number): void {
    const value = Math.max(0, Math.floor(nanos))
    const column = columnOf(value)
    this.#counts[column] = (this.#counts[column] as number) + 1
    this.#count++
    if (value > this.#max) this.#max = value
  }

  get quantiles(): Quantiles {
    if (this.#count === 0) return NO_QUANTILES
    return { count: this.#count, p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max }
  }

  #quantile(part: number): number {
    const wanted = Math.ceil(this.#count * part)
    let seen = 0
    for (let column = 0; column < COLUMNS; column++) {
      seen += this.#counts[column] as number
      if (seen >= wanted) return Math.min(this.#max, upperEnd(column))
    }
    return this.#max
  }
}

function columnOf(value: number): number {
  if (value < SPLIT) return value
  const doublings = Math.floor(Math.log2(value))
  // Of a power of two less one, floating point may find the next one.
  const shift = (2 ** doublings > value ? doublings - 1 : doublings) - SPLIT_BITS
  return Math.min(COLUMNS - 1, (shift + 1) * SPLIT + Math.floor(value / 2 ** shift) - SPLIT)
}

/** The largest whole value of a column. */
function upperEnd(column: number): number {
  if (column < SPLIT) return column
  const shift = Math.floor(column / SPLIT) - 1
  return ((column % SPLIT) + SPLIT + 1) * 2 ** shift - 1
}
