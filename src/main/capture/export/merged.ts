import { entriesOf, type Entry } from '../entries'
import { type CaptureReader } from '../types'
import { type Stretch } from './stretches'

/** A row's entry, and whose it is. */
export interface Placed {
  readonly stretch: Stretch
  readonly entry: Entry
}

/** Index records in memory for all sockets together. */
const MAX_RECORDS = 65_536
const MOST_RECORDS_AT_ONCE = 1024
const FEWEST_RECORDS_AT_ONCE = 4

/** The rows of several sockets in the order in which they happened. Memory does not depend on how many rows there are. */
export class Merged {
  readonly #reader: CaptureReader
  readonly #atOnce: number
  /** A heap: each cursor comes no later than the two at twice its place (from 1). */
  readonly #heap: Cursor[] = []
  readonly #stretches: readonly Stretch[]
  #hasBegun = false

  constructor(reader: CaptureReader, stretches: readonly Stretch[]) {
    this.#reader = reader
    this.#stretches = stretches
    const share = Math.floor(MAX_RECORDS / Math.max(1, stretches.length))
    this.#atOnce = Math.max(FEWEST_RECORDS_AT_ONCE, Math.min(MOST_RECORDS_AT_ONCE, share))
  }

  /** The next row; null after the last one. Rejects with Node's error. */
  async next(): Promise<Placed | null> {
    if (!this.#hasBegun) await this.#begin()
    const first = this.#heap[0]
    if (first === undefined) return null
    const placed = { stretch: first.stretch, entry: first.entry }
    first.at++
    if (first.at >= first.entries.length && !(await this.#load(first))) {
      const last = this.#heap.pop() as Cursor
      if (last === first) return placed
      this.#heap[0] = last
    }
    this.#sink()
    return placed
  }

  async #begin(): Promise<void> {
    this.#hasBegun = true
    for (const stretch of this.#stretches) {
      const cursor = new Cursor(stretch)
      if (!(await this.#load(cursor))) continue
      this.#heap.push(cursor)
      this.#rise()
    }
  }

  /** False where there is nothing left. */
  async #load(cursor: Cursor): Promise<boolean> {
    const { stretch, row } = cursor
    const most = Math.min(this.#atOnce, stretch.endRow - row)
    if (most <= 0) return false
    cursor.entries = entriesOf(await this.#reader.records(stretch.id, row, most), row)
    cursor.at = 0
    cursor.row = row + cursor.entries.length
    return cursor.entries.length > 0
  }

  #rise(): void {
    let at = this.#heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(this.#cursor(at), this.#cursor(parent))) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(): void {
    const { length } = this.#heap
    let at = 0
    for (;;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < length && isBefore(this.#cursor(child), this.#cursor(least))) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #cursor(at: number): Cursor {
    return this.#heap[at] as Cursor
  }

  #swap(one: number, other: number): void {
    const kept = this.#cursor(one)
    this.#heap[one] = this.#cursor(other)
    this.#heap[other] = kept
  }
}

class Cursor {
  readonly stretch: Stretch
  entries: readonly Entry[] = []
  at = 0
  /** The row after those that are loaded. */
  row: number
  constructor(stretch: Stretch) {
    this.stretch = stretch
    this.row = stretch.firstRow
  }
  get entry(): Entry {
    return this.entries[this.at] as Entry
  }
}

/** By time, and in the same nanosecond as they lie in the file. */
function isBefore(one: Cursor, other: Cursor): boolean {
  const a = one.entry
  const b = other.entry
  return a.atNanos < b.atNanos || (a.atNanos === b.atNanos && a.block < b.block)
}
