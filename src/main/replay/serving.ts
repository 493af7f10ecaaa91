import { formatEndpoint, type Endpoint, type UdpEndpoint } from '../../shared/model/endpoint'
import { fault, FaultError } from '../../shared/model/fault'
import { type ConnectionId, type ListenerId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type BehavedConnection, type Reaction } from '../engine/types'
import { HEAD_BYTES } from './caller'
import { Callers, type Served } from './callers'
import { DatagramLine, StreamLine } from './lines'
import { type Party } from './party'
import { streamOf } from './plan'
import { type Stage, type StageParts } from './stage'

/** Where thousands call at once, a shorter queue (listen(2)) lets some try again a second later. */
const BACKLOG = 4096

const DEAF: Reaction = { received: () => undefined, peerFinished: () => undefined }

/** A listener's id and where it listens. Throws a FaultError. */
export async function listen(
  { engine }: StageParts,
  at: Endpoint,
  greet: (id: ConnectionId) => Reaction,
): Promise<{ readonly id: ListenerId; readonly at: Endpoint }> {
  // UDP sockets are never accepted.
  const behaviour = { name: 'replay', greet: ({ id }: BehavedConnection) => greet(id as ConnectionId) }
  const listening = await engine.listen(at, behaviour, { backlog: BACKLOG, accepted: { noDelay: true } })
  if (!listening.ok) throw new FaultError(listening.fault)
  const { id, state } = listening.value
  if (state.phase !== 'listening') throw new FaultError(fault('SB_STATE', 'It does not listen.'))
  return { id, at: state.at }
}

/** Plays the recorded server to whoever calls. */
export class Serving implements Stage {
  listening: string | null = null
  readonly #parts: StageParts
  readonly #at: Endpoint
  #callers: Callers | null = null
  #listener: ListenerId | null = null
  #extra = 0

  constructor(parts: StageParts, at: Endpoint) {
    this.#parts = parts
    this.#at = at
  }

  async open(): Promise<void> {
    const { engine, parties, shiftOf } = this.#parts
    const served: Served[] = []
    for (const party of parties) served.push(await this.#servedOf(party))
    this.#callers = new Callers(served, (party, id) =>
      party.opened(new StreamLine(engine, id), shiftOf(party)),
    )
    const { id, at } = await listen(this.#parts, this.#at, (caller) => this.#greet(caller))
    this.#listener = id
    this.listening = formatEndpoint(at)
  }

  call(): void {
    // A server waits.
  }
  over(): void {
    // Nothing is kept of it.
  }
  ticked(ms: number): void {
    this.#callers?.ticked(ms)
  }
  async close(): Promise<void> {
    if (this.#listener !== null) await this.#parts.engine.closeListener(this.#listener)
  }

  #greet(id: ConnectionId): Reaction {
    const { engine, warn } = this.#parts
    const caller = this.#callers?.greet(id) ?? null
    if (caller !== null) return caller
    if (this.#extra++ === 0) warn('More callers came than were recorded; they were reset.')
    setImmediate(() => drop(engine.reset(id)))
    return DEAF
  }

  async #servedOf(party: Party): Promise<Served> {
    const { reader, parties } = this.#parts
    // Of a single one it need not be known.
    if (parties.length === 1) return { party, head: new Uint8Array(0), isServerFirst: false }
    const { end } = party
    const stream = streamOf(end, 'client')
    const head = await reader.bytes(end.id, stream, 0, HEAD_BYTES)
    if (!head.ok) throw new FaultError(head.fault)
    const first = await reader.bytes(end.id, 'both', 0, 1)
    const [span] = first.ok ? first.value.spans : []
    return { party, head: head.value.bytes, isServerFirst: span !== undefined && span.direction !== stream }
  }
}

/** Plays recorded UDP servers, one after the other, on one address. */
export class ServingDatagrams implements Stage {
  listening: string | null = null
  readonly #parts: StageParts
  readonly #waiting: Party[]
  #at: UdpEndpoint

  constructor(parts: StageParts, at: UdpEndpoint) {
    this.#parts = parts
    this.#at = at
    this.#waiting = [...parts.parties]
  }

  async open(): Promise<void> {
    const [party] = this.#waiting
    if (party === undefined) return
    const { engine } = this.#parts
    const bound = await engine.bindUdp(this.#at)
    if (!bound.ok) throw new FaultError(bound.fault)
    const { id, state } = bound.value
    if (state.phase === 'bound' && state.at.kind === 'udp') this.#at = state.at
    this.listening = formatEndpoint(this.#at)
    party.opened(new DatagramLine(engine, id, false, party), this.#parts.shiftOf(party))
  }

  call(): void {
    // A server waits.
  }
  over(party: Party): void {
    if (this.#waiting[0] !== party) return
    this.#waiting.shift()
    const [next] = this.#waiting
    if (next === undefined) return
    drop(
      this.open().catch((error: unknown) =>
        next.failed(error instanceof FaultError ? error.fault : fault('SB_BUG', String(error))),
      ),
    )
  }
  ticked(): void {
    // Nothing is waited for.
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}
