import {
  type Endpoint,
  formatEndpoint,
  hasPath,
  hasPort,
  type TcpEndpoint,
} from '../../../shared/model/endpoint'
import { type EndpointName, type ExperimentEndpoint } from '../../../shared/model/experiment'
import { type Fault } from '../../../shared/model/fault'
import { type ConnectionId, type DatagramId, type ListenerId, type SocketId } from '../../../shared/model/ids'
import { type ConnectionSummary } from '../../../shared/model/summary'
import { type Capture } from '../../capture/types'
import { type Engine } from '../../engine/types'
import { lanAddress } from '../machine'
import { hostToDial } from '../references'
import { RunBench } from './runBench'
import { TempFolder } from './tempFolder'
import { Watch } from './watch'

/** What a run works with. */
export interface RunGround {
  readonly engine: Engine
  /** Where what came in is read: it is recorded before anyone is told of it. */
  readonly capture: Pick<Capture, 'size' | 'bytes' | 'read' | 'status' | 'onFailed'>
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
  readonly #unplugged = new Set<ConnectionId>()
  readonly #stops: readonly (() => void)[]
  readonly bench: RunBench
  readonly #temp = new TempFolder()

  constructor(endpoints: readonly ExperimentEndpoint[], ground: RunGround) {
    this.ground = ground
    this.bench = new RunBench(ground.engine)
    this.#endpoints = new Map(endpoints.map((each) => [each.name, each]))
    this.#stops = [
      ground.engine.onEvent((event) => {
        if (event.type === 'changed') this.#changed(event.socket.id)
      }),
      ground.capture.onFailed(() => this.watch.notify()),
    ]
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

  /** What `{name.part}` stands for now; null: nothing yet. */
  valueOf(name: string, part: string): string | null {
    if (name === 'temp') return part === 'path' ? this.#temp.path() : null
    if (name === 'machine') return part === 'lan' ? lanAddress() : null
    const bound = this.#now.get(name)?.bound ?? this.bench.boundOf(name)
    if (bound === null) return null
    if (hasPath(bound)) return part === 'path' ? bound.path : null
    if (part === 'port') return hasPort(bound) ? String(bound.port) : null
    return part === 'host' ? hostToDial(bound.host) : null
  }

  /** The socket that a name means now: an endpoint, a caller, or what a call has made. */
  socketOf(at: EndpointName): SocketId | null {
    const place = this.#now.get(at.name)
    if (place === undefined) return this.bench.socket(at.name)
    return at.caller === null ? place.id : this.stream(at)
  }

  /** What is sent to it is lost from here on, or is not any more. */
  unplugged(id: ConnectionId, isUnplugged: boolean): void {
    if (isUnplugged) this.#unplugged.add(id)
    else this.#unplugged.delete(id)
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

  /** The addresses of a TCP connection, its own first, also when it has ended; null for what is none, or never was connected. */
  endsOf(id: SocketId): readonly [local: TcpEndpoint, remote: TcpEndpoint] | null {
    const state = this.ground.engine.summary(id)?.state
    const ends = state !== undefined && 'remote' in state ? state : this.bench.endsOf(id)
    return ends?.local.kind === 'tcp' && ends.remote.kind === 'tcp' ? [ends.local, ends.remote] : null
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
    await this.bench.close()
    // What hears nothing would wait for minutes for the end of the other side; and the kernel behind it, for its acknowledgement.
    for (const id of this.#unplugged) engine.unplug(id, false)
    for (const id of this.#listeners.keys()) await engine.closeListener(id)
    for (const id of this.#datagrams) await engine.closeUdp(id)
    await Promise.all([...this.#connections].map((id) => engine.close(id)))
    for (const stop of this.#stops) stop()
    await this.#temp.remove()
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
