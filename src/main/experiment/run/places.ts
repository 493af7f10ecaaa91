import { type Endpoint, formatEndpoint, hasPort } from '../../../shared/model/endpoint'
import { type EndpointName, type ExperimentEndpoint } from '../../../shared/model/experiment'
import { type Fault } from '../../../shared/model/fault'
import { type ConnectionId, type DatagramId, type ListenerId } from '../../../shared/model/ids'
import { type ConnectionSummary } from '../../../shared/model/summary'
import { type CaptureReader } from '../../capture/types'
import { type Engine } from '../../engine/types'
import { Watch } from './watch'

/** What a run works with. */
export interface RunGround {
  readonly engine: Engine
  /** Where what came in is read: it is recorded before anyone is told of it. */
  readonly capture: Pick<CaptureReader, 'size' | 'bytes' | 'read'>
  /** Resolves when the recording takes more. */
  readonly whenRoom: () => Promise<void>
  /** The experiment's folder, in which files to send lie. */
  readonly folder: string
}

/** An endpoint of the experiment with the socket that it is now. */
export type Place = ListenerPlace | DialledPlace | DatagramPlace

export interface ListenerPlace {
  readonly kind: 'listener'
  /** Null where it could not listen. */
  readonly id: ListenerId | null
  readonly bound: Endpoint | null
  readonly fault: Fault | null
  readonly callers: ConnectionId[]
}

export interface DialledPlace {
  readonly kind: 'dialled'
  readonly id: ConnectionId | null
  readonly bound: null
  readonly fault: Fault | null
}

export interface DatagramPlace {
  readonly kind: 'udp'
  readonly id: DatagramId | null
  readonly bound: Endpoint | null
  readonly fault: Fault | null
  /** The next row of its record that no step has looked at: for datagrams, and for what failed. */
  nextRow: number
  nextFailure: number
}

/** The sockets of a run: by name, with what has been taken of each. Tells `watch` of everything that happens to them. */
export class Places {
  readonly watch = new Watch()
  readonly ground: RunGround
  readonly #endpoints: ReadonlyMap<string, ExperimentEndpoint>
  readonly #now = new Map<string, Place>()
  /** All that were ever opened, by the name or by a caller. */
  readonly #connections = new Set<ConnectionId>()
  readonly #listeners = new Map<ListenerId, ListenerPlace>()
  readonly #datagrams = new Set<DatagramId>()
  /** Bytes of each stream that steps have taken. */
  readonly #taken = new Map<ConnectionId, number>()
  readonly #stop: () => void

  constructor(endpoints: readonly ExperimentEndpoint[], ground: RunGround) {
    this.ground = ground
    this.#endpoints = new Map(endpoints.map((each) => [each.name, each]))
    this.#stop = ground.engine.onEvent((event) => {
      if (event.type === 'changed') this.#changed(event.socket.id)
    })
  }

  endpoint(name: string): ExperimentEndpoint | undefined {
    return this.#endpoints.get(name)
  }

  place(name: string): Place | undefined {
    return this.#now.get(name)
  }

  put(name: string, place: Place): void {
    this.#now.set(name, place)
    if (place.id === null) return
    if (place.kind === 'listener') this.#listeners.set(place.id, place)
    else if (place.kind === 'dialled') this.#follow(place.id)
    else this.#datagrams.add(place.id)
  }

  boundOf(name: string): Endpoint | null {
    return this.#now.get(name)?.bound ?? null
  }

  /** The listener of this run that a connection was made to. */
  listenerAt(remote: Endpoint): ListenerPlace | null {
    for (const place of this.#listeners.values()) {
      if (place.bound !== null && isReachedBy(place.bound, remote)) return place
    }
    return null
  }

  /** The stream that a name means now; null while there is none. */
  stream({ name, caller }: EndpointName): ConnectionId | null {
    const place = this.#now.get(name)
    if (place?.kind === 'dialled') return place.id
    if (place?.kind !== 'listener') return null
    return (caller === null ? place.callers.at(-1) : place.callers[caller - 1]) ?? null
  }

  connection(id: ConnectionId): ConnectionSummary | null {
    const summary = this.ground.engine.summary(id)
    return summary?.kind === 'connection' ? summary : null
  }

  takenOf(id: ConnectionId): number {
    return this.#taken.get(id) ?? 0
  }

  take(id: ConnectionId, upTo: number): void {
    this.#taken.set(id, upTo)
  }

  /** Closes all that the run has opened, and what called it. Resolves when everything is gone. */
  async close(): Promise<void> {
    const { engine } = this.ground
    for (const id of this.#listeners.keys()) await engine.closeListener(id)
    for (const id of this.#datagrams) await engine.closeUdp(id)
    await Promise.all([...this.#connections].map((id) => engine.close(id)))
    this.#stop()
  }

  #follow(id: ConnectionId): void {
    if (this.#connections.has(id)) return
    this.#connections.add(id)
    this.ground.engine.onReceived(id, () => this.watch.notify())
    this.watch.notify()
  }

  #changed(id: string): void {
    if (id.startsWith('C') && !this.#connections.has(id as ConnectionId)) {
      const summary = this.connection(id as ConnectionId)
      const place =
        summary === null || summary.listener === null ? undefined : this.#listeners.get(summary.listener)
      if (place === undefined) return
      place.callers.push(id as ConnectionId)
      this.#follow(id as ConnectionId)
    }
    this.watch.notify()
  }
}

function isReachedBy(bound: Endpoint, remote: Endpoint): boolean {
  if (!hasPort(bound) || !hasPort(remote)) return formatEndpoint(bound) === formatEndpoint(remote)
  const isAny = bound.host === '0.0.0.0' || bound.host === '::'
  return bound.port === remote.port && (isAny || bound.host === remote.host)
}
