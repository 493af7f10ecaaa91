import { entriesOf, type Entry } from '../entries'
import { eventOf, peerOf } from '../peer'
import { padded } from '../pcapng'
import { EXTENT_BYTES, FileReading } from '../scan/fileReading'
import { type RowBatch } from '../scan/rowBatch'
import { type Scanner, type Telling } from '../scan/scanner'
import { judgeOf, peersIn, usesTerm, type Judge, type RowContent } from './judge'
import { type FilterAnswer, type FilterQuestion, type FilterTask, type FilterTold } from './messages'
import { RowSet } from './rowSet'

/** How often it tells how far it is. */
const TELL_MS = 100
/** Changes of a stream's peer that are kept: there is one, unless the record is damaged. */
const MAX_PEERS = 1000

/** Tells the rows of one socket apart: by their index records where these decide, otherwise by what they hold. */
export class Filtering implements Scanner<'filter'> {
  readonly #progress: () => void
  readonly #judge: Judge
  readonly #usesPeer: boolean
  readonly #reading = new FileReading()
  readonly #rows = new RowSet()
  /** Who the stream's peer was, from which row on. */
  readonly #peers: { readonly row: number; readonly peer: string }[] = []
  #toldAtMs = 0
  #visited = 0

  constructor({ filter, marked }: FilterTask, progress: () => void) {
    this.#progress = progress
    this.#usesPeer = usesTerm(filter, 'peer')
    this.#judge = judgeOf(filter, {
      marked: new Set(marked),
      peerOfStream: ({ row }) => this.#peers.findLast((each) => each.row <= row)?.peer ?? null,
    })
  }

  rows({ file, firstRow, records }: RowBatch): void {
    const entries = entriesOf(records, firstRow)
    if (this.#usesPeer) this.#findPeers(file, entries)
    const decided = new Map<Entry, boolean>()
    const open: Entry[] = []
    for (const entry of entries) {
      const fits = this.#judge(entry, null)
      if (fits !== null) decided.set(entry, fits)
      else if (rangeOf(entry).lengthBytes <= EXTENT_BYTES) open.push(entry)
    }
    let next = 0
    const put = (upTo: number): void => {
      for (; next < upTo; next++) this.#rows.push(decided.get(entries[next] as Entry) === true)
    }
    this.#eachContent(file, open, (entry, content) => {
      decided.set(entry, this.#judge(entry, content) === true)
      if (++this.#visited % 256 !== 0 || performance.now() - this.#toldAtMs < TELL_MS) return
      put(entry.row - firstRow + 1)
      this.#progress()
    })
    put(entries.length)
  }

  rest(): void {
    return
  }

  tell(): Telling<FilterTold> {
    this.#toldAtMs = performance.now()
    return { told: { matching: this.#rows.count, lookedAt: this.#rows.length } }
  }

  answer(question: FilterQuestion): Telling<FilterAnswer> {
    const answer =
      question.ask === 'rows'
        ? this.#rows.rows(question.from, question.to)
        : Float64Array.of(this.#rows.rank(question.row), this.#rows.has(question.row) ? 1 : 0)
    return { told: answer, transfer: [answer.buffer as ArrayBuffer] }
  }

  close(): void {
    this.#reading.close()
  }

  #findPeers(file: string, entries: readonly Entry[]): void {
    const events = entries.filter((entry) => !entry.isData && entry.lengthBytes <= EXTENT_BYTES)
    this.#eachContent(file, events, ({ row }, { event }) => {
      if (event?.what !== 'opened' || this.#peers.length >= MAX_PEERS) return
      for (const peer of peersIn(event)) this.#peers.push({ row, peer })
    })
  }

  #eachContent(
    file: string,
    entries: readonly Entry[],
    visit: (entry: Entry, content: RowContent) => void,
  ): void {
    let n = 0
    this.#reading.eachChunk(file, entries.map(rangeOf), (range, bytes, begins) => {
      const entry = entries[n++] as Entry
      const at = begins + entry.payload - range.payload
      const end = at + entry.lengthBytes
      const view = (from: number, to: number): Uint8Array =>
        bytes.subarray(begins + from - range.payload, begins + to - range.payload)
      const peer = entry.isDatagram ? peerOf(entry, view) : null
      visit(entry, { bytes, at, end, peer, event: entry.isData ? null : eventOf(bytes.subarray(at, end)) })
    })
  }
}

/** What must be read of a row: of a datagram its headers and its comment too. */
function rangeOf(entry: Entry): Entry {
  if (!entry.isDatagram) return entry
  const { payload, lengthBytes, commentBytes } = entry
  const to = commentBytes === 0 ? payload + lengthBytes : payload + padded(lengthBytes) + 4 + commentBytes
  return { ...entry, payload: entry.block, lengthBytes: to - entry.block }
}
