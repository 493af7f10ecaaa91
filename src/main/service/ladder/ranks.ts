import { endOf, type Line, type Moment } from '../../../shared/ladder/model'
import { rankOf } from '../merging'
import { type Spot, type Strip } from './strip'

/** So many places beyond the rows in sight are looked up for each socket; what lies between two of them is put between them. */
const MOST_LOOKED_UP = 12

/** Tells where rows stand among the rows of all sockets of a strip. */
export class Ranks {
  readonly #strip: Strip
  /** Of each end, ranks by row. */
  readonly #known: readonly Map<number, number>[]
  readonly #asked: readonly Map<number, Spot>[]

  constructor(strip: Strip) {
    this.#strip = strip
    this.#known = strip.ends.map(() => new Map<number, number>())
    this.#asked = strip.ends.map(() => new Map<number, Spot>())
    for (const [n, row] of strip.rows.entries())
      this.#known[strip.owners[n] ?? 0]?.set(row.row, strip.from + n)
  }

  /** Says that the rank of a row will be asked for. */
  want(line: Line, spot: Spot | null): void {
    const end = endOf(line)
    if (spot !== null && this.#known[end]?.has(spot.row) === false) this.#asked[end]?.set(spot.row, spot)
  }

  /** Looks up what is wanted. */
  async find(): Promise<void> {
    const ids = this.#strip.ends.map(({ id }) => id)
    for (const [end, asked] of this.#asked.entries()) {
      const rows = [...asked.keys()].toSorted((a, b) => a - b)
      const step = Math.max(1, (rows.length - 1) / (MOST_LOOKED_UP - 1))
      let before: readonly [row: number, rank: number] | null = null
      for (let at = 0; at < rows.length; at += step) {
        const place = Math.round(at)
        const row = rows[place] ?? 0
        const found = await rankOf(this.#strip.source, ids, this.#strip.idOf(end), row)
        if (!found.ok) continue
        this.#known[end]?.set(row, found.value)
        if (before !== null) this.#between(end, rows, before, [row, found.value])
        before = [row, found.value]
      }
    }
  }

  /** Rows between two whose ranks are known. */
  #between(
    end: number,
    rows: readonly number[],
    [row0, rank0]: readonly [number, number],
    [row1, rank1]: readonly [number, number],
  ): void {
    for (const row of rows) {
      if (row <= row0 || row >= row1) continue
      this.#known[end]?.set(row, rank0 + Math.round(((row - row0) / (row1 - row0)) * (rank1 - rank0)))
    }
  }

  at(line: Line, spot: Spot | null): Moment | null {
    if (spot === null) return null
    const rank = this.#known[endOf(line)]?.get(spot.row)
    return rank === undefined ? null : { row: spot.row, rank, atNanos: spot.atNanos }
  }
}
