import { columnOf, HISTOGRAM_COLUMNS } from '../../../shared/model/stats'
import { type SocketEvent } from '../../../shared/model/record'
import { entriesOf, type Entry } from '../entries'
import { eventOf } from '../peer'
import { FileReading } from '../scan/fileReading'
import { type RowBatch } from '../scan/rowBatch'
import { type Scanner, type Telling } from '../scan/scanner'
import { MAX_NOTABLE, type StatsTask, type StatsTold, type ToldEvent, type ToldSide } from './messages'

/** Counts what a span holds: chunks by length and by gap, and what ended badly. Payloads of chunks are not read. */
export class Counting implements Scanner<'stats'> {
  readonly #fromNanos: number
  readonly #toNanos: number
  readonly #reading = new FileReading()
  readonly #in = new SideCount()
  readonly #out = new SideCount()
  readonly #notable: ToldEvent[] = []
  #events = 0
  #seenRows = 0

  constructor({ fromNanos, toNanos }: StatsTask) {
    this.#fromNanos = fromNanos
    this.#toNanos = toNanos ?? Infinity
  }

  rows({ socket, file, firstRow, records }: RowBatch): void {
    const events: Entry[] = []
    for (const entry of entriesOf(records, firstRow)) {
      this.#seenRows++
      if (entry.atNanos < this.#fromNanos || entry.atNanos >= this.#toNanos) continue
      if (!entry.isData) events.push(entry)
      else (entry.direction === 'in' ? this.#in : this.#out).count(socket, entry)
    }
    this.#events += events.length
    // What is marked already is enough.
    if (this.#notable.length < MAX_NOTABLE && events.length > 0) this.#mark(socket, file, events)
  }

  rest(): void {
    // Nothing is held back.
  }

  tell(): Telling<StatsTold> {
    return {
      told: {
        in: this.#in.told(),
        out: this.#out.told(),
        events: this.#events,
        notable: this.#notable,
        seenRows: this.#seenRows,
      },
    }
  }

  close(): void {
    this.#reading.close()
  }

  #mark(socket: number, file: string, events: readonly Entry[]): void {
    this.#reading.eachChunk(file, events, ({ row, atNanos, lengthBytes }, bytes, at) => {
      if (this.#notable.length >= MAX_NOTABLE) return
      const what = badEnding(eventOf(bytes.subarray(at, at + lengthBytes)))
      if (what !== null) this.#notable.push({ socket, row, atNanos, what })
    })
  }
}

function badEnding(event: SocketEvent): ToldEvent['what'] | null {
  if (event.what === 'failed') return 'fault'
  if (event.what !== 'closed') return null
  if (event.how === 'reset' || event.how === 'timeout') return event.how
  return event.fault === undefined ? null : 'fault'
}

class SideCount {
  readonly #sizes = new Array<number>(HISTOGRAM_COLUMNS).fill(0)
  readonly #gaps = new Array<number>(HISTOGRAM_COLUMNS).fill(0)
  /** When the last chunk of each socket came; sockets are numbered from 0. */
  readonly #lastNanos: number[] = []
  #chunks = 0
  #bytes = 0

  count(socket: number, { atNanos, lengthBytes }: Entry): void {
    this.#chunks++
    this.#bytes += lengthBytes
    add(this.#sizes, columnOf(lengthBytes))
    const last = this.#lastNanos[socket]
    if (last !== undefined) add(this.#gaps, columnOf((atNanos - last) / 1000))
    this.#lastNanos[socket] = atNanos
  }

  told(): ToldSide {
    return { chunks: this.#chunks, bytes: this.#bytes, sizes: this.#sizes, gaps: this.#gaps }
  }
}

function add(columns: number[], column: number): void {
  columns[column] = (columns[column] ?? 0) + 1
}
