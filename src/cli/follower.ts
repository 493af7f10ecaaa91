import { type Fault } from '../shared/model/fault'
import { type SocketId } from '../shared/model/ids'
import { type Row } from '../shared/model/record'
import { type LocalService } from '../main/service/service'
import { TimeOrder } from '../shared/model/timeOrder'

/** About as many rows are held in memory at once, over all sockets. */
const ROWS_AT_ONCE = 16_384
const MIN_ROWS_A_READ = 4
const MAX_ROWS_A_READ = 256
const READS_AT_ONCE = 64
/** What a person takes for at once. */
const LOOK_EVERY_MS = 50

export interface FollowerOptions {
  readonly service: LocalService
  /** Called for one row after the other, awaited each time. */
  readonly tell: (id: SocketId, row: Row) => Promise<void>
  /** The record of a socket cannot be read; its rows are passed over. */
  readonly complain: (fault: Fault) => Promise<void>
}

/**
 * Tells every row of every socket, in the order of time, out of the recording: whoever reads slowly is behind, but misses
 * nothing, and no socket waits. It takes the engine's moved counters, so nobody else may listen to the service's events.
 */
export class Follower {
  readonly #options: FollowerOptions
  /** The next row of each socket. */
  readonly #next = new Map<SocketId, number>()
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#running ??= this.#round().finally(() => (this.#running = null))
    }, LOOK_EVERY_MS)
  }

  /** Tells what is left and stops. */
  async finish(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
    await this.#round()
  }

  /** Tells what all moved sockets have by now, merged by time. */
  async #round(): Promise<void> {
    const cursors = this.#cursors()
    if (cursors.length === 0) return
    const limit = Math.max(
      MIN_ROWS_A_READ,
      Math.min(MAX_ROWS_A_READ, Math.floor(ROWS_AT_ONCE / cursors.length)),
    )
    const order = new TimeOrder<Cursor>()
    for (let at = 0; at < cursors.length; at += READS_AT_ONCE) {
      const some = cursors.slice(at, at + READS_AT_ONCE)
      await Promise.all(some.map((cursor) => this.#fill(cursor, limit)))
      for (const cursor of some) if (cursor.current !== undefined) order.add(cursor)
    }
    for (let cursor = order.earliest; cursor !== undefined; cursor = order.earliest) {
      const { id, current: row } = cursor
      if (row !== undefined) {
        this.#next.set(id, row.row + 1)
        await this.#options.tell(id, row)
      }
      cursor.advance()
      if (cursor.current === undefined && cursor.next < cursor.end) await this.#fill(cursor, limit)
      if (cursor.current === undefined) order.removeEarliest()
      else order.earliestMoved()
    }
  }

  /** Who moved, and how far, is taken in one go: whatever comes later is later in time, too, and is told in the next round. */
  #cursors(): Cursor[] {
    const { engine, capture } = this.#options.service
    const cursors: Cursor[] = []
    engine.takeMovedCounters((id) => {
      const next = this.#next.get(id) ?? 0
      const { rows } = capture.size(id)
      if (rows > next) cursors.push(new Cursor(id, next, rows))
    })
    return cursors
  }

  async #fill(cursor: Cursor, limit: number): Promise<void> {
    const { id, next, end } = cursor
    const read = await this.#options.service.capture.read(id, next, Math.min(end, next + limit))
    if (read.ok) return cursor.take(read.value)
    this.#next.set(id, end)
    cursor.take([])
    await this.#options.complain(read.fault)
  }
}

/** A socket's rows from `next` to `end` (exclusive), of which a few are at hand. */
class Cursor {
  readonly id: SocketId
  /** The first row that is not at hand yet. */
  next: number
  end: number
  #rows: readonly Row[] = []
  #index = 0

  constructor(id: SocketId, next: number, end: number) {
    this.id = id
    this.next = next
    this.end = end
  }

  get current(): Row | undefined {
    return this.#rows[this.#index]
  }
  get atNanos(): number {
    return this.current?.atNanos ?? Infinity
  }

  /** @param rows none where there are no more, whatever was promised */
  take(rows: readonly Row[]): void {
    this.#rows = rows
    this.#index = 0
    this.next = (rows.at(-1)?.row ?? this.end - 1) + 1
  }

  advance(): void {
    this.#index++
  }
}
