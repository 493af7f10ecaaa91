/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2
}

/**
 * The nearest-rank percentile.
 * @param {readonly number[]} values
 * @param {number} percent 0 to 100
 */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b)
  return at(sorted, Math.min(sorted.length - 1, Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)))
}

/**
 * @param {readonly number[]} values
 * @param {number} index
 */
function at(values, index) {
  const value = values[index]
  if (value === undefined) throw new RangeError('no values to judge by')
  return value
}

/**
 * A source of shuffles that a seed makes repeatable (Fisher-Yates over mulberry32).
 * @param {number} seed
 */
export function shuffler(seed) {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T[]}
   */
  return (items) => {
    const left = [...items]
    const shuffled = []
    while (left.length > 0) shuffled.push(...left.splice(Math.floor(random() * left.length), 1))
    return shuffled
  }
}
