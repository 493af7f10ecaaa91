import { type Fault } from '../shared/model/fault'
import { type SocketId } from '../shared/model/ids'
import { type Row } from '../shared/model/record'
import { type LocalService } from '../main/service/service'

/** Rows held in memory at once, over all sockets. */
const ROWS_A_ROUND = 4096
const MAX_ROWS_A_SOCKET = 256

interface Told {
  readonly id: SocketId
  readonly row: Row
}

export interface FollowerOptions {
  readonly service: LocalService
  /** Called for one row after the other, awaited each time. */
  readonly tell: (id: SocketId, row: Row) => Promise<void>
  /** The record of a socket cannot be read; its rows are passed over. */
  readonly complain: (fault: Fault) => Promise<void>
}

/**
 * Tells every row of every socket, in the order of time, out of the recording: whoever reads slowly is behind, but misses
 * nothing, and no socket waits. Events say only where to look.
 */
export class Follower {
  readonly #options: FollowerOptions
  /** The next row of each socket. */
  readonly #next = new Map<SocketId, number>()
  readonly #moved = new Set<SocketId>()
  readonly #stop: () => void
  #isRunning = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#stop = options.service.onEvents((events) => {
      for (const event of events) {
        if (event.name === 'socket.changed') this.#moved.add(event.value.id)
        if (event.name === 'counters.ticked') for (const [id] of event.value) this.#moved.add(id)
      }
      this.#wake()
    })
    this.#lookEverywhere()
  }

  /** Tells what is left and stops. */
  async finish(): Promise<void> {
    this.#stop()
    await this.#running
    this.#lookEverywhere()
    await this.#running
  }

  #lookEverywhere(): void {
    for (const { id } of this.#options.service.engine.summaries()) this.#moved.add(id)
    this.#wake()
  }

  #wake(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (this.#moved.size > 0) await this.#round()
    this.#isRunning = false
  }

  /** The next rows of all sockets that moved, merged by time. */
  async #round(): Promise<void> {
    const { found, until } = await this.#readMoved()
    found.sort((a, b) => a.row.atNanos - b.row.atNanos)
    for (const { id, row } of found) {
      if (row.atNanos > until) {
        this.#moved.add(id)
        continue
      }
      this.#next.set(id, row.row + 1)
      await this.#options.tell(id, row)
    }
  }

  /** `until`: past this time a socket may have rows that were not read yet, so what came later must wait for the next round. */
  async #readMoved(): Promise<{ readonly found: Told[]; readonly until: number }> {
    const { capture } = this.#options.service
    const ids = [...this.#moved]
    this.#moved.clear()
    const limit = Math.max(1, Math.min(MAX_ROWS_A_SOCKET, Math.floor(ROWS_A_ROUND / ids.length)))
    const found: Told[] = []
    let until = Infinity
    for (const id of ids) {
      const next = this.#next.get(id) ?? 0
      const { rows } = capture.size(id)
      if (rows <= next) continue
      const read = await capture.read(id, next, Math.min(rows, next + limit))
      if (!read.ok) {
        this.#next.set(id, rows)
        await this.#options.complain(read.fault)
        continue
      }
      for (const row of read.value) found.push({ id, row })
      const last = read.value.at(-1)
      if (last === undefined || last.row + 1 >= rows) continue
      until = Math.min(until, last.atNanos)
      this.#moved.add(id)
    }
    return { found, until }
  }
}
