import { type SocketId } from '../../../shared/model/ids'
import { type EventRow, type SocketEvent } from '../../../shared/model/record'
import { entriesOf } from '../../capture/entries'
import { type CaptureReader } from '../../capture/types'

type Source = Pick<CaptureReader, 'size' | 'read' | 'records' | 'rowAtOffset'>

/** A connection opens within so many rows, and has ended with the last few. */
const FIRST_ROWS = 16
const LAST_ROWS = 8
/** After the last byte of a direction its FIN is looked for in so many rows. */
const ROWS_TO_FIN = 512
/** What is kept is of no more sockets than a few ladders have. */
const MOST_KEPT = 256

/** When what happens once to a socket happened. */
export interface Milestones {
  readonly dialling: EventRow | null
  /** Opened, or of what has no connection, bound or listening. */
  readonly opened: EventRow | null
  readonly finishedLocal: EventRow | null
  readonly finishedRemote: EventRow | null
  /** Closed or failed. */
  readonly ended: EventRow | null
}

/** Finds the events that happen once to each socket, without reading its record through. */
export class MilestoneFinder {
  readonly #source: Source
  readonly #kept = new Map<SocketId, { readonly rows: number; readonly found: Milestones }>()

  constructor(source: Source) {
    this.#source = source
  }

  async of(id: SocketId): Promise<Milestones> {
    const { rows } = this.#source.size(id)
    const known = this.#kept.get(id)
    if (known?.rows === rows) return known.found
    const events = new Map<number, EventRow>()
    for (const each of await this.#events(id, 0, Math.min(rows, FIRST_ROWS))) events.set(each.row, each)
    for (const each of await this.#events(id, Math.max(0, rows - LAST_ROWS), rows)) events.set(each.row, each)
    for (const each of await this.#afterLastBytes(id, rows)) events.set(each.row, each)
    const sorted = [...events.values()].toSorted((a, b) => a.row - b.row)
    const first = (is: (event: SocketEvent) => boolean): EventRow | null =>
      sorted.find(({ event }) => is(event)) ?? null
    const found: Milestones = {
      dialling: first(({ what }) => what === 'dialling'),
      opened: first(({ what }) => what === 'opened' || what === 'bound' || what === 'listening'),
      finishedLocal: first((event) => event.what === 'finished' && event.by === 'local'),
      finishedRemote: first((event) => event.what === 'finished' && event.by === 'remote'),
      ended: sorted.findLast(({ event }) => event.what === 'closed' || event.what === 'failed') ?? null,
    }
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(id, { rows, found })
    return found
  }

  /** A FIN comes after all bytes of its direction, however long the other one goes on. */
  async #afterLastBytes(id: SocketId, rows: number): Promise<EventRow[]> {
    const { inBytes, outBytes } = this.#source.size(id)
    const events: EventRow[] = []
    for (const [stream, bytes] of [
      ['in', inBytes],
      ['out', outBytes],
    ] as const) {
      if (bytes === 0) continue
      const last = await this.#source.rowAtOffset(id, stream, bytes - 1)
      if (!last.ok || last.value + 1 >= rows) continue
      const from = last.value + 1
      const entries = entriesOf(
        await this.#source.records(id, from, Math.min(ROWS_TO_FIN, rows - from)),
        from,
      )
      const found = entries.filter((entry) => !entry.isData).slice(0, LAST_ROWS)
      for (const { row } of found) events.push(...(await this.#events(id, row, row + 1)))
    }
    return events
  }

  async #events(id: SocketId, from: number, to: number): Promise<readonly EventRow[]> {
    if (from >= to) return []
    const read = await this.#source.read(id, from, to)
    return read.ok ? read.value.filter((row) => row.kind === 'event') : []
  }
}
