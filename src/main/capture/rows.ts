import { type StreamName } from '../../shared/model/record'
import { Edges, LONG_BYTES } from './edges'
import { MARK, RECORD_FLOATS, type IndexLog } from './indexLog'

/** Floats of a row's record. `meta` packs length, flags and how far into its block the payload begins. */
export const ROW = { block: 0, atNanos: 1, inBefore: 2, outBefore: 3, meta: 4 } as const

export const FLAG = { data: 1, out: 2, datagram: 4 } as const

/**
 * The peer's address of a datagram is in the packet's comment, where the headers do not tell it as the kernel did.
 * So many words of it at most: 124 bytes hold the longest Unix path.
 */
export const MAX_COMMENT_WORDS = 31

/**
 * @param flags of FLAG
 * @param headBytes from the block's beginning to the payload, below 4096
 * @param lengthBytes of the payload, below 2^32
 * @param commentWords at most MAX_COMMENT_WORDS
 */
export function packMeta(flags: number, headBytes: number, lengthBytes: number, commentWords = 0): number {
  return lengthBytes + (headBytes + flags * 0x1000 + commentWords * 0x8000) * 0x1_0000_0000
}
export const lengthOf = (meta: number) => meta % 0x1_0000_0000
export const headBytesOf = (meta: number) => Math.floor(meta / 0x1_0000_0000) & 0xfff
export const flagsOf = (meta: number) => (Math.floor(meta / 0x1_0000_0000) >>> 12) & 7
export const commentWordsOf = (meta: number) => Math.floor(meta / 0x1_0000_0000) >>> 15

/** With so many sockets, what each holds before it goes to the index would be more than the places of smaller blocks are. */
const CROWD = 1000

/** Floats of what was recorded before a moment. */
export const TOTAL = { rows: 0, inBytes: 1, outBytes: 2 } as const
export const TOTAL_FLOATS = 3

/** The longer a record is, the larger its blocks in the index: memory for their places stays small. */
function blockRows(rows: number, sockets: number): number {
  return rows < 4096 || sockets > CROWD ? 64 : rows < 65_536 ? 256 : 1024
}

/** Floats of a block's entry: position in the index, first row, and its first row's time and offsets. */
const ENTRY_FLOATS = 5
const ENTRY = { position: 0, firstRow: 1, atNanos: 2, inBefore: 3, outBefore: 4 } as const

/** Where index records are read from. */
export interface RecordStore {
  /** Reads records into the target, from their position in the index on. Rejects with Node's error. */
  read(from: number, count: number, target: Float64Array, targetAt: number): Promise<void>
}

/** The rows of one socket that are in the index, where this knows the places of their blocks; and a tail that is not there yet. */
export class StoredRows {
  count = 0
  inBytes = 0
  outBytes = 0
  /** A plain array: most callers bring one row, and a typed array costs three objects. */
  protected tail: number[] = []
  protected tailRows = 0
  #store: RecordStore
  #entries = EMPTY
  #blocks = 0

  constructor(store: RecordStore) {
    this.#store = store
  }

  /** The same records lie there from now on, at the same positions. */
  readFrom(store: RecordStore): void {
    this.#store = store
  }

  /**
   * Tells of the next block of rows.
   * @param position in the index, of its first row's record
   * @param records where that record is held
   */
  protected keepBlock(position: number, firstRow: number, records: ArrayLike<number>): void {
    const at = this.#blocks * ENTRY_FLOATS
    if (at === this.#entries.length) this.#entries = enlarged(this.#entries, Math.max(ENTRY_FLOATS, at * 2))
    const entries = this.#entries
    entries[at + ENTRY.position] = position
    entries[at + ENTRY.firstRow] = firstRow
    entries[at + ENTRY.atNanos] = records[ROW.atNanos] as number
    entries[at + ENTRY.inBefore] = records[ROW.inBefore] as number
    entries[at + ENTRY.outBefore] = records[ROW.outBefore] as number
    this.#blocks++
  }

  /** The records of rows `from` to `to`, as far as they exist. Rejects with Node's error. */
  async records(from: number, to: number): Promise<Float64Array> {
    const upTo = Math.min(to, this.count)
    if (from >= upTo) return EMPTY
    const target = new Float64Array((upTo - from) * RECORD_FLOATS)
    // Everything that is in memory is copied before the first wait: it may be elsewhere after it.
    const reads: Promise<void>[] = []
    const tailFrom = this.count - this.tailRows
    let row = from
    for (let block = this.#blockOf(ENTRY.firstRow, row); row < Math.min(upTo, tailFrom); block++) {
      const first = this.#entry(block, ENTRY.firstRow)
      const last = Math.min(this.#blockEnd(block), upTo)
      const position = this.#entry(block, ENTRY.position) + row - first
      reads.push(this.#store.read(position, last - row, target, (row - from) * RECORD_FLOATS))
      row = last
    }
    if (row < upTo) {
      const start = (row - tailFrom) * RECORD_FLOATS
      target.set(this.tail.slice(start, (upTo - tailFrom) * RECORD_FLOATS), (row - from) * RECORD_FLOATS)
    }
    await Promise.all(reads)
    return target
  }

  /** Heads and ends of rows `from` to `to`, as far as they are kept beside the rows. Rejects with Node's error. */
  edges(_from: number, _to: number): Promise<ReadonlyMap<number, Uint8Array>> {
    return Promise.resolve(new Map())
  }

  /** The row that holds the byte at this offset of a stream, or the last row if there is none. Rejects with Node's error. */
  async find(stream: StreamName, offset: number): Promise<number> {
    const tailFrom = this.count - this.tailRows
    if (this.tailRows > 0 && before(this.tail, 0, stream) <= offset) {
      return tailFrom + lastAtOrBefore(this.tail, this.tailRows, stream, offset)
    }
    let low = 0
    let high = this.#blocks - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const start = entryBefore(this.#entries, middle * ENTRY_FLOATS, stream)
      if (start <= offset) low = middle
      else high = middle - 1
    }
    if (this.#blocks === 0) return 0
    const first = this.#entry(low, ENTRY.firstRow)
    const end = this.#blockEnd(low)
    const records = await this.records(first, end)
    return first + lastAtOrBefore(records, end - first, stream, offset)
  }

  /** How many rows were recorded before a moment. Rejects with Node's error. */
  async countBefore(atNanos: number): Promise<number> {
    const tailFrom = this.count - this.tailRows
    if (this.tailRows > 0 && (this.tail[ROW.atNanos] as number) < atNanos) {
      return tailFrom + countBefore(this.tail, this.tailRows, atNanos)
    }
    if (this.#blocks === 0 || this.#entry(0, ENTRY.atNanos) >= atNanos) return 0
    const low = this.#lastBlockBefore(atNanos, this.#blocks)
    const first = this.#entry(low, ENTRY.firstRow)
    const end = this.#blockEnd(low)
    const records = await this.records(first, end)
    return first + countBefore(records, end - first, atNanos)
  }

  /**
   * What was recorded before each of some moments, in ascending order: its rows and bytes (see TOTAL). Each block of the index
   * in which a moment lies is read once, others never. All answers are of the record as it was when this was asked.
   * Rejects with Node's error.
   */
  async totalsBefore(moments: ArrayLike<number>): Promise<Float64Array> {
    const { count, inBytes, outBytes } = this
    const blocks = this.#blocks
    const tailFrom = count - this.tailRows
    const tail = this.tail.slice(0, this.tailRows * RECORD_FLOATS)
    const totals = new Float64Array(moments.length * TOTAL_FLOATS)
    const put = (n: number, row: number, from: ArrayLike<number>, at: number): void => {
      const isEnd = row >= count
      totals[n * TOTAL_FLOATS + TOTAL.rows] = row
      totals[n * TOTAL_FLOATS + TOTAL.inBytes] = isEnd ? inBytes : (from[at + ROW.inBefore] as number)
      totals[n * TOTAL_FLOATS + TOTAL.outBytes] = isEnd ? outBytes : (from[at + ROW.outBefore] as number)
    }
    let held = -1
    let first = 0
    let records: Float64Array = EMPTY
    for (let n = 0; n < moments.length; n++) {
      const atNanos = moments[n] as number
      if (tail.length > 0 && (tail[ROW.atNanos] as number) < atNanos) {
        const row = countBefore(tail, count - tailFrom, atNanos)
        put(n, tailFrom + row, tail, row * RECORD_FLOATS)
        continue
      }
      if (blocks === 0 || this.#entry(0, ENTRY.atNanos) >= atNanos) continue
      const block = this.#lastBlockBefore(atNanos, blocks)
      if (held !== block) {
        held = block
        first = this.#entry(block, ENTRY.firstRow)
        const end = block + 1 < blocks ? this.#entry(block + 1, ENTRY.firstRow) : tailFrom
        // One row more: where the moment is after the block, that tells what came before.
        records = await this.records(first, Math.min(count, end + 1))
      }
      const row = countBefore(records, records.length / RECORD_FLOATS, atNanos)
      put(n, first + row, records, row * RECORD_FLOATS)
    }
    return totals
  }

  /** The last of some blocks that begins before a moment, or the first. */
  #lastBlockBefore(atNanos: number, blocks: number): number {
    let low = 0
    let high = blocks - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#entry(middle, ENTRY.atNanos) < atNanos) low = middle
      else high = middle - 1
    }
    return low
  }

  #entry(block: number, field: number): number {
    return this.#entries[block * ENTRY_FLOATS + field] as number
  }

  /** The first row after a block. */
  #blockEnd(block: number): number {
    return block + 1 < this.#blocks ? this.#entry(block + 1, ENTRY.firstRow) : this.count - this.tailRows
  }

  /** The last block whose field is at most the value. */
  #blockOf(field: number, value: number): number {
    let low = 0
    let high = this.#blocks - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#entry(middle, field) <= value) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The rows of a socket that is being recorded: the last few in memory, the others in the index. */
export class Rows extends StoredRows {
  readonly interfaceNumber: number
  readonly #log: IndexLog
  /** Most sockets never bring a long chunk. */
  #edges: Edges | null = null
  readonly #mark: number

  /** @param mark of MARK: what they are rows of */
  constructor(log: IndexLog, interfaceNumber: number, mark: number = MARK.rows) {
    super(log)
    this.#log = log
    this.#mark = mark
    this.interfaceNumber = interfaceNumber
  }

  /** @param dataEnd the end of the row's block in the capture's file */
  append(block: number, atNanos: number, meta: number, dataEnd: number): void {
    const at = this.tailRows * RECORD_FLOATS
    const tail = this.tail
    tail[at] = block
    tail[at + 1] = atNanos
    tail[at + 2] = this.inBytes
    tail[at + 3] = this.outBytes
    tail[at + 4] = meta
    this.tailRows++
    this.count++
    if (this.tailRows >= blockRows(this.count - this.tailRows, this.#log.sockets)) this.flush(dataEnd)
  }

  /** Of the row that is appended next. @param dataEnd the end, in the capture's file, of the row before */
  keepEdge(payload: Uint8Array, dataEnd: number): void {
    if (this.#edges === null && payload.length < LONG_BYTES) return
    this.#edges ??= new Edges(this.#log, this.interfaceNumber)
    this.#edges.append(this.count, payload, dataEnd)
  }

  override edges(from: number, to: number): Promise<ReadonlyMap<number, Uint8Array>> {
    return this.#edges?.read(from, to) ?? super.edges(from, to)
  }

  /** Hands what is in memory to the index. */
  flush(dataEnd: number): void {
    if (this.tailRows === 0) return
    const firstRow = this.count - this.tailRows
    const position = this.#log.end + 1
    this.#log.append([this.#mark, this.interfaceNumber, firstRow, this.tailRows, dataEnd], dataEnd)
    this.#log.append(this.tail, dataEnd, 0, this.tailRows * RECORD_FLOATS)
    this.keepBlock(position, firstRow, this.tail)
    this.tailRows = 0
  }

  /** Lets go of the memory that an ended socket does not need. */
  end(dataEnd: number): void {
    this.flush(dataEnd)
    this.#edges?.end(dataEnd)
    this.tail = []
  }
}

const EMPTY = new Float64Array(0)

function enlarged(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(old)
  return larger
}

/** Bytes of the stream that come before a row. */
export function before(records: ArrayLike<number>, row: number, stream: StreamName): number {
  const at = row * RECORD_FLOATS
  const inBefore = records[at + ROW.inBefore] as number
  const outBefore = records[at + ROW.outBefore] as number
  return stream === 'in' ? inBefore : stream === 'out' ? outBefore : inBefore + outBefore
}

function entryBefore(entries: Float64Array, at: number, stream: StreamName): number {
  const inBefore = entries[at + ENTRY.inBefore] as number
  const outBefore = entries[at + ENTRY.outBefore] as number
  return stream === 'in' ? inBefore : stream === 'out' ? outBefore : inBefore + outBefore
}

/** How many of some rows, in the order of their times, are earlier. */
function countBefore(records: ArrayLike<number>, rows: number, atNanos: number): number {
  let low = 0
  let high = rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((records[middle * RECORD_FLOATS + ROW.atNanos] as number) < atNanos) low = middle + 1
    else high = middle
  }
  return low
}

function lastAtOrBefore(
  records: ArrayLike<number>,
  rows: number,
  stream: StreamName,
  offset: number,
): number {
  let low = 0
  let high = rows - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (before(records, middle, stream) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
