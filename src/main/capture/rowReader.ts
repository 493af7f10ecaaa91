import {
  ROW_HEAD_BYTES,
  type ByteRange,
  type ByteSpan,
  type Direction,
  type Row,
  type StreamName,
} from '../../shared/model/record'
import { BEFORE_BYTES } from './edges'
import { entriesOf, type Entry } from './entries'
import { fetch, type Fetched, type Memory, type Range } from './fetch'
import { eventOf, peerOf } from './peer'
import { padded } from './pcapng'
import { before, type StoredRows } from './rows'

/** Rows of the index that are looked at together when bytes are gathered. */
const BATCH_ROWS = 512
/** So many rows before those wanted are looked at for the bytes that came before: nearly always they hold them, and no second search is needed. */
const EARLIER_ROWS = 8
const NOTHING = new Uint8Array(0)

/** Reads rows and byte ranges while the capture grows. Rejects with Node's error or a FaultError. */
export class RowReader {
  readonly #memory: Memory
  readonly #descriptor: number

  /** @param descriptor of the capture's file */
  constructor(memory: Memory, descriptor: number) {
    this.#memory = memory
    this.#descriptor = descriptor
  }

  async read(rows: StoredRows, from: number, to: number): Promise<Row[]> {
    const early = Math.max(0, from - EARLIER_ROWS)
    const [records, edges] = await Promise.all([rows.records(early, to), rows.edges(early, to)])
    const entries = entriesOf(records, early)
    const wanted = entries.slice(from - early)
    const isElsewhere = ({ row }: Entry): boolean => !edges.has(row)
    const earlier = lastOf(entries.slice(0, from - early))
    const [fetched, inBefore, outBefore] = await Promise.all([
      fetch(
        this.#memory,
        this.#descriptor,
        [...earlier.filter(isElsewhere).map(endOf), ...wanted.filter(isElsewhere).flatMap(rangesOf)],
        knownOf(entries, edges),
      ),
      this.#beforeFirst(rows, earlier, wanted, 'in'),
      this.#beforeFirst(rows, earlier, wanted, 'out'),
    ])
    const last: Record<Direction, Uint8Array> = { in: NOTHING, out: NOTHING }
    for (const entry of earlier) last[entry.direction] = endingWith(entry, fetched, last)
    if (inBefore !== null) last.in = inBefore
    if (outBefore !== null) last.out = outBefore
    return wanted.map((entry) => rowOf(entry, fetched, last))
  }

  async bytes(rows: StoredRows, stream: StreamName, from: number, to: number): Promise<ByteRange> {
    const total =
      stream === 'in' ? rows.inBytes : stream === 'out' ? rows.outBytes : rows.inBytes + rows.outBytes
    const end = Math.min(to, total)
    const bytes = new Uint8Array(Math.max(0, end - from))
    const spans: ByteSpan[] = []
    let at = from
    while (at < end) {
      // Searched anew for each batch: thousands of rows of the other direction may lie between.
      const first = await rows.find(stream, at)
      const records = await rows.records(first, first + BATCH_ROWS)
      const wanted: { readonly from: number; readonly to: number; readonly start: number }[] = []
      const began = at
      for (const [n, entry] of entriesOf(records, first).entries()) {
        if (!entry.isData || (stream !== 'both' && entry.direction !== stream)) continue
        const skipped = at - before(records, n, stream)
        if (skipped >= entry.lengthBytes || at >= end) continue
        const length = Math.min(entry.lengthBytes - skipped, end - at)
        wanted.push({ from: entry.payload + skipped, to: entry.payload + skipped + length, start: at - from })
        spans.push({
          direction: entry.direction,
          row: entry.row,
          start: at - from,
          lengthBytes: length,
          atNanos: entry.atNanos,
        })
        at += length
      }
      if (at === began) throw new RangeError(`No row holds byte ${at} of ${stream}`)
      const fetched = await fetch(this.#memory, this.#descriptor, wanted)
      for (const each of wanted) bytes.set(fetched.at(each.from, each.to), each.start)
    }
    return { from, bytes, spans }
  }

  /** What custom blocks hold that are rows `from` to `to`. */
  async custom(rows: StoredRows, from: number, to: number): Promise<Uint8Array[]> {
    const entries = entriesOf(await rows.records(from, to), from)
    const ranges = entries.map(({ payload, lengthBytes }) => ({ from: payload, to: payload + lengthBytes }))
    const fetched = await fetch(this.#memory, this.#descriptor, ranges)
    return ranges.map((range) => fetched.at(range.from, range.to))
  }

  /** The bytes of a direction that come before its first chunk among the wanted rows; null where the rows just before them hold these. */
  async #beforeFirst(
    rows: StoredRows,
    earlier: readonly Entry[],
    wanted: readonly Entry[],
    direction: Direction,
  ): Promise<Uint8Array | null> {
    const isOurs = (entry: Entry): boolean => isStreamed(entry) && entry.direction === direction
    const first = wanted.find(isOurs)
    if (first === undefined) return null
    const needed = Math.min(BEFORE_BYTES, first.offset)
    const found = earlier.reduce((sum, entry) => sum + (isOurs(entry) ? entry.lengthBytes : 0), 0)
    if (found >= needed) return null
    return (await this.bytes(rows, direction, Math.max(0, first.offset - BEFORE_BYTES), first.offset)).bytes
  }
}

/** Heads and ends that need not be fetched, by where they lie in the file. */
function knownOf(entries: readonly Entry[], edges: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
  const known = new Map<number, Uint8Array>()
  for (const entry of entries) {
    const edge = edges.get(entry.row)
    if (edge === undefined) continue
    const { from, to } = endOf(entry)
    known.set(from, edge.subarray(ROW_HEAD_BYTES, ROW_HEAD_BYTES + to - from))
    known.set(entry.payload, edge.subarray(0, Math.min(entry.lengthBytes, ROW_HEAD_BYTES)))
  }
  return known
}

function rangesOf(entry: Entry): Range[] {
  const { payload, lengthBytes } = entry
  const end = payload + lengthBytes
  if (!entry.isData) return [{ from: payload, to: end }]
  if (entry.isDatagram) {
    const ranges = [{ from: entry.block, to: payload + Math.min(lengthBytes, ROW_HEAD_BYTES) }]
    const options = payload + padded(lengthBytes)
    if (entry.commentBytes > 0) ranges.push({ from: options, to: options + 4 + entry.commentBytes })
    return ranges
  }
  if (lengthBytes <= ROW_HEAD_BYTES + BEFORE_BYTES) return [{ from: payload, to: end }]
  return [
    { from: payload, to: payload + ROW_HEAD_BYTES },
    { from: end - BEFORE_BYTES, to: end },
  ]
}

/** @param last the last bytes of each direction so far; moved on */
function rowOf(entry: Entry, fetched: Fetched, last: Record<Direction, Uint8Array>): Row {
  const { row, atNanos, direction, offset, combinedOffset, payload, lengthBytes } = entry
  if (!entry.isData) {
    return { row, atNanos, kind: 'event', event: eventOf(fetched.at(payload, payload + lengthBytes)) }
  }
  // Copies: a view would drag all that was read with it along.
  const head = fetched.at(payload, payload + Math.min(lengthBytes, ROW_HEAD_BYTES)).slice()
  const data = { row, atNanos, kind: 'data', direction, offset, combinedOffset, lengthBytes, head } as const
  if (entry.isDatagram)
    return { ...data, peer: peerOf(entry, (from, to) => fetched.at(from, to)), before: NOTHING }
  const preceding = last[direction]
  last[direction] = endingWith(entry, fetched, last)
  return { ...data, peer: null, before: preceding }
}

/** The last bytes of an entry's direction, once it has come. */
function endingWith(entry: Entry, fetched: Fetched, last: Record<Direction, Uint8Array>): Uint8Array {
  const { from, to } = endOf(entry)
  const ending = fetched.at(from, to)
  if (ending.length === BEFORE_BYTES) return ending.slice()
  return Uint8Array.from([...last[entry.direction], ...ending].slice(-BEFORE_BYTES))
}

/** Of these entries the last of each direction, as many as hold the bytes before what follows. */
function lastOf(entries: readonly Entry[]): Entry[] {
  const bytes = { in: 0, out: 0 }
  const found = entries.toReversed().filter((entry) => {
    if (!isStreamed(entry) || bytes[entry.direction] >= BEFORE_BYTES) return false
    bytes[entry.direction] += entry.lengthBytes
    return true
  })
  return found.toReversed()
}

function endOf({ payload, lengthBytes }: Entry): Range {
  const to = payload + lengthBytes
  return { from: to - Math.min(lengthBytes, BEFORE_BYTES), to }
}

const isStreamed = (entry: Entry): boolean => entry.isData && !entry.isDatagram
