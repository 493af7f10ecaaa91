/** Rows between two entries of the directory: 16 words. */
const SPAN_WORDS = 16
const SPAN_ROWS = SPAN_WORDS * 32

/** Which rows of a record belong to something: one bit each, and a count every 512, so that the n-th is found at once. Rows are put in in their order. */
export class RowSet {
  /** Rows that are known to belong or not. */
  length = 0
  count = 0
  #words = new Uint32Array(64)
  /** Rows that belong before each span. */
  #before = new Float64Array(4)

  push(belongs: boolean): void {
    const row = this.length++
    const word = row >>> 5
    if (word === this.#words.length) this.#words = grown(this.#words)
    if (row % SPAN_ROWS === 0) {
      const span = row / SPAN_ROWS
      if (span === this.#before.length) {
        const larger = new Float64Array(span * 2)
        larger.set(this.#before)
        this.#before = larger
      }
      this.#before[span] = this.count
    }
    if (!belongs) return
    this.#words[word] = (this.#words[word] as number) | (1 << (row & 31))
    this.count++
  }

  has(row: number): boolean {
    return row >= 0 && row < this.length && (((this.#words[row >>> 5] as number) >>> (row & 31)) & 1) === 1
  }

  /** How many rows before this one belong. */
  rank(row: number): number {
    const to = Math.min(Math.max(0, row), this.length)
    if (to === this.length) return this.count
    const span = Math.floor(to / SPAN_ROWS)
    let count = this.#before[span] as number
    for (let word = span * SPAN_WORDS; word < to >>> 5; word++) count += bits(this.#words[word] as number)
    return count + bits((this.#words[to >>> 5] as number) & ((1 << (to & 31)) - 1))
  }

  /** The rows that belong, from the `from`-th to the `to`-th (exclusive), counted from 0. */
  rows(from: number, to: number): Float64Array {
    const end = Math.min(to, this.count)
    const found = new Float64Array(Math.max(0, end - from))
    if (found.length === 0) return found
    const span = this.#spanOf(from)
    let at = this.#before[span] as number
    for (let word = span * SPAN_WORDS; at < end; word++) {
      let rest = this.#words[word] as number
      if (at + bits(rest) <= from) {
        at += bits(rest)
        continue
      }
      for (; rest !== 0 && at < end; rest &= rest - 1, at++) {
        if (at >= from) found[at - from] = word * 32 + 31 - Math.clz32(rest & -rest)
      }
    }
    return found
  }

  /** The last span before which at most `count` rows belong. */
  #spanOf(count: number): number {
    let low = 0
    let high = Math.ceil(this.length / SPAN_ROWS) - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#before[middle] as number) <= count) low = middle
      else high = middle - 1
    }
    return low
  }
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2)
  larger.set(words)
  return larger
}

/** Bits that are set in a word. */
function bits(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
