import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Endpoint } from '../../shared/model/endpoint'
import { fault } from '../../shared/model/fault'
import { type ConnectionId, type ListenerId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { Caller } from './caller'
import { bindTo, dial } from './calling'
import { DatagramLine, StreamLine } from './lines'
import { type Party } from './party'
import { type Conversation } from './plan'
import { listen } from './serving'
import { type Stage, type StageParts } from './stage'

/** A client that is over has reached its server within this time, or never will. */
const LATE_MS = 1000

interface Meeting {
  server: Party | null
  caller: Caller | null
}

/** Both sides of each connection, against each other, on this machine. */
export class Facing implements Stage {
  readonly listening = null
  readonly #parts: StageParts
  /** Each client's server. */
  readonly #servers = new Map<Party, Party>()
  readonly #places = new Map<Conversation['kind'], Endpoint>()
  readonly #listeners: ListenerId[] = []
  /** Those who are to meet: by the caller's port, or (Unix sockets have none) in their order, which the kernel keeps. */
  readonly #meetings = new Map<string, Meeting>()
  /** Callers who were gone before they could be asked for their port. */
  readonly #strays: Caller[] = []
  /** Servers whose clients are over, and that have not been called: how long that is so, in ms. */
  readonly #late = new Map<Party, number>()
  #folder: string | null = null
  #dialled = 0
  #accepted = 0

  /** @param parts with the two parties of each conversation side by side, the client first */
  constructor(parts: StageParts) {
    this.#parts = parts
    const { parties } = parts
    for (let at = 0; at + 1 < parties.length; at += 2)
      this.#servers.set(parties[at] as Party, parties[at + 1] as Party)
  }

  async open(): Promise<void> {
    const kinds = new Set(this.#parts.parties.map(({ conversation }) => conversation.kind))
    for (const kind of kinds) {
      if (kind === 'udp') continue
      const wanted: Endpoint =
        kind === 'tcp'
          ? { kind, host: '127.0.0.1', port: 0 }
          : { kind, path: join(await this.#makeFolder(), 'replay.sock') }
      const { id, at } = await listen(this.#parts, wanted, (caller) => this.#arrived(kind, caller))
      this.#listeners.push(id)
      this.#places.set(kind, at)
    }
  }

  call(party: Party): void {
    const { kind } = party.conversation
    const server = this.#servers.get(party) as Party
    if (kind === 'udp') {
      drop(this.#bind(party, server))
      return
    }
    if (kind === 'unix') this.#meet(`unix ${this.#dialled++}`, { server })
    dial(this.#parts, party, this.#places.get(kind) as Endpoint, (port) => {
      if (port !== null) this.#meet(`tcp ${port}`, { server })
    })
  }

  over(party: Party): void {
    const server = this.#servers.get(party)
    if (server?.isIdle === true) this.#late.set(server, 0)
    this.#late.delete(party)
  }

  ticked(ms: number): void {
    for (const [server, waitedMs] of this.#late) {
      this.#late.set(server, waitedMs + ms)
      if (!server.isIdle) this.#late.delete(server)
      else if (waitedMs >= LATE_MS) {
        this.#late.delete(server)
        const stray = this.#strays.shift()
        if (stray === undefined) server.failed(fault('SB_STATE', 'Its caller did not get through.'))
        else this.#serve(server, stray)
      }
    }
  }

  async close(): Promise<void> {
    for (const id of this.#listeners) await this.#parts.engine.closeListener(id)
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
  }

  async #makeFolder(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'switchboard-replay-'))
    return this.#folder
  }

  async #bind(client: Party, server: Party): Promise<void> {
    const { engine } = this.#parts
    const bound = await engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 })
    if (!bound.ok || bound.value.state.phase !== 'bound') {
      const why = bound.ok ? fault('SB_STATE', 'It was closed in the meantime.') : bound.fault
      server.failed(why)
      return client.failed(why)
    }
    server.opened(new DatagramLine(engine, bound.value.id, false, server), 0)
    await bindTo(this.#parts, client, bound.value.state.at)
  }

  #arrived(kind: 'tcp' | 'unix', id: ConnectionId): Caller {
    const caller = new Caller(id)
    const state = this.#parts.state(id)
    const port = state !== null && 'remote' in state && state.remote.kind === 'tcp' ? state.remote.port : 0
    // The connection has to be there before it is spoken to.
    queueMicrotask(() => {
      if (kind === 'unix') this.#meet(`unix ${this.#accepted++}`, { caller })
      else if (port > 0) this.#meet(`tcp ${port}`, { caller })
      else this.#strays.push(caller)
    })
    return caller
  }

  #meet(key: string, half: Partial<Meeting>): void {
    const meeting = Object.assign(this.#meetings.get(key) ?? { server: null, caller: null }, half)
    const { server, caller } = meeting
    if (server === null || caller === null) {
      this.#meetings.set(key, meeting)
      return
    }
    this.#meetings.delete(key)
    this.#serve(server, caller)
  }

  #serve(server: Party, caller: Caller): void {
    const { engine, lateOf } = this.#parts
    caller.handOver(server, () => server.opened(new StreamLine(engine, caller.id), lateOf(server)))
  }
}
