/** A row that takes more than one line of the grid. */
export interface Unfolded {
  readonly row: number
  /** Lines that it takes beyond its first. */
  readonly extra: number
}

/** Which line of the grid belongs to which row, where all but a few rows take one line. Logarithmic in those few, whatever the number of rows. */
export class FoldMap {
  readonly #rows: readonly number[]
  readonly #extras: readonly number[]
  /** Lines that the unfolded rows before each of them take beyond their first; and at the end, all. */
  readonly #before: readonly number[]

  constructor(unfolded: Iterable<Unfolded>) {
    const sorted = [...unfolded].filter(({ extra }) => extra > 0).sort((a, b) => a.row - b.row)
    this.#rows = sorted.map(({ row }) => row)
    this.#extras = sorted.map(({ extra }) => extra)
    const before = [0]
    for (const { extra } of sorted) before.push((before.at(-1) ?? 0) + extra)
    this.#before = before
  }

  /** The line on which a row begins. */
  lineOf(row: number): number {
    return row + (this.#before[this.#countUpTo((at) => (this.#rows[at] ?? 0) < row)] ?? 0)
  }

  /** The row that a line belongs to, and which of its lines it is, from 0. */
  placeOf(line: number): { readonly row: number; readonly sub: number } {
    const at = this.#countUpTo((each) => (this.#rows[each] ?? 0) + (this.#before[each] ?? 0) <= line)
    const last = at - 1
    const row = line - (this.#before[Math.max(0, last)] ?? 0)
    if (last < 0) return { row: line, sub: 0 }
    const begin = this.#rows[last] ?? 0
    const extra = this.#extras[last] ?? 0
    return row <= begin + extra ? { row: begin, sub: row - begin } : { row: row - extra, sub: 0 }
  }

  /** How many unfolded rows, from the first on, something holds of that holds of none after one of which it does not. */
  #countUpTo(holds: (at: number) => boolean): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(middle)) low = middle + 1
      else high = middle
    }
    return low
  }
}
