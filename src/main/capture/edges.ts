import { ROW_HEAD_BYTES } from '../../shared/model/record'
import { MARK, RECORD_BYTES, RECORD_FLOATS, type IndexLog } from './indexLog'

/** How many bytes of the stream travel along before a chunk's own. */
export const BEFORE_BYTES = 3
/** From this length on, a chunk's head and its end are kept in the index. */
export const LONG_BYTES = 16 * 1024
/** Shorter ones between long ones are kept too, as long as a row of the run brought so much on average. */
const MEAN_BYTES = 4096
/** Rows that go to the index together. */
const RUN_ROWS = 32
/** With more sockets than this, what each holds before it goes to the index would be too much. */
const MAX_SOCKETS = 1000

/** A head of 512 bytes and an end of 3, in whole records. */
const EDGE_RECORDS = Math.ceil((ROW_HEAD_BYTES + BEFORE_BYTES) / RECORD_BYTES)
const EDGE_BYTES = EDGE_RECORDS * RECORD_BYTES
/** Floats of a run's entry. */
const ENTRY_FLOATS = 3
const ENTRY = { position: 0, firstRow: 1, count: 2 } as const

/**
 * Heads and ends of one socket's long chunks, beside the rows in the index. A screenful of rows would otherwise be read from as
 * many places of the capture's file, most of which went past the page cache. Only a recording that goes on has them:
 * the file alone tells what was recorded.
 */
export class Edges {
  readonly #log: IndexLog
  readonly #interfaceNumber: number
  #run: Float64Array<ArrayBuffer> | null = null
  #firstRow = 0
  #rows = 0
  #bytes = 0
  #entries = new Float64Array(0)
  #runs = 0

  constructor(log: IndexLog, interfaceNumber: number) {
    this.#log = log
    this.#interfaceNumber = interfaceNumber
  }

  /** Of the next row. @param dataEnd the end, in the capture's file, of the row before */
  append(row: number, payload: Uint8Array, dataEnd: number): void {
    const length = payload.length
    const isLong = length >= LONG_BYTES
    if (!isLong && this.#rows === 0) return
    const isNext = row === this.#firstRow + this.#rows && this.#rows < RUN_ROWS
    if (this.#rows > 0 && !(isNext && (this.#bytes + length) / (this.#rows + 1) >= MEAN_BYTES)) {
      this.flush(dataEnd)
      if (!isLong) return
    }
    if (this.#rows === 0) {
      if (this.#log.sockets > MAX_SOCKETS) return
      this.#firstRow = row
    }
    this.#run ??= new Float64Array(RUN_ROWS * EDGE_RECORDS * RECORD_FLOATS)
    const at = this.#rows * EDGE_BYTES
    const bytes = new Uint8Array(this.#run.buffer)
    bytes.set(payload.subarray(0, ROW_HEAD_BYTES), at)
    bytes.set(payload.subarray(Math.max(0, length - BEFORE_BYTES)), at + ROW_HEAD_BYTES)
    this.#rows++
    this.#bytes += length
  }

  /** Hands what is in memory to the index. */
  flush(dataEnd: number): void {
    if (this.#run === null || this.#rows === 0) return
    const records = this.#rows * EDGE_RECORDS
    const position = this.#log.end + 1
    this.#log.append([MARK.edges, this.#interfaceNumber, this.#firstRow, records, dataEnd], dataEnd)
    this.#log.append(this.#run, dataEnd, 0, records * RECORD_FLOATS)
    const at = this.#runs++ * ENTRY_FLOATS
    if (at === this.#entries.length) {
      const larger = new Float64Array(Math.max(ENTRY_FLOATS * 4, at * 2))
      larger.set(this.#entries)
      this.#entries = larger
    }
    this.#entries[at + ENTRY.position] = position
    this.#entries[at + ENTRY.firstRow] = this.#firstRow
    this.#entries[at + ENTRY.count] = this.#rows
    this.#rows = 0
    this.#bytes = 0
  }

  /** Lets go of the memory that an ended socket does not need. */
  end(dataEnd: number): void {
    this.flush(dataEnd)
    this.#run = null
  }

  /** What is kept of rows `from` to `to`, by their numbers: room for a head, then room for an end. Rejects with Node's error. */
  async read(from: number, to: number): Promise<ReadonlyMap<number, Uint8Array>> {
    const found = new Map<number, Uint8Array>()
    const reads: Promise<void>[] = []
    for (let run = this.#firstRun(from); run < this.#runs; run++) {
      const firstRow = this.#entry(run, ENTRY.firstRow)
      const first = Math.max(from, firstRow)
      const last = Math.min(to, firstRow + this.#entry(run, ENTRY.count))
      if (firstRow >= to) break
      if (first >= last) continue
      const position = this.#entry(run, ENTRY.position) + (first - firstRow) * EDGE_RECORDS
      const target = new Float64Array((last - first) * EDGE_RECORDS * RECORD_FLOATS)
      const bytes = new Uint8Array(target.buffer)
      for (let n = 0; n < last - first; n++)
        found.set(first + n, bytes.subarray(n * EDGE_BYTES, (n + 1) * EDGE_BYTES))
      reads.push(this.#log.read(position, (last - first) * EDGE_RECORDS, target, 0))
    }
    if (this.#run !== null && this.#rows > 0) {
      const bytes = new Uint8Array(this.#run.slice(0, this.#rows * EDGE_RECORDS * RECORD_FLOATS).buffer)
      for (let n = 0; n < this.#rows; n++) {
        const row = this.#firstRow + n
        if (row >= from && row < to) found.set(row, bytes.subarray(n * EDGE_BYTES, (n + 1) * EDGE_BYTES))
      }
    }
    await Promise.all(reads)
    return found
  }

  /** The last run that begins at or before a row, or the first. */
  #firstRun(row: number): number {
    let low = 0
    let high = this.#runs - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#entry(middle, ENTRY.firstRow) <= row) low = middle
      else high = middle - 1
    }
    return low
  }

  #entry(run: number, field: number): number {
    return this.#entries[run * ENTRY_FLOATS + field] as number
  }
}
