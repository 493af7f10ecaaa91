import { createServer, type Server, type Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { type Fault, FaultError } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId } from '../../../shared/model/ids'
import { type ListenOptions, type OptionReading } from '../../../shared/model/options'
import { type SocketEvent } from '../../../shared/model/record'
import { type ListenerState } from '../../../shared/model/state'
import { type Counters, type ListenerSummary } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { codeFault, explainPort, toFault } from '../fault'
import { type Hub } from '../hub'
import { type KernelSocket } from '../kernel/readSocket'
import { openAbstract } from '../posix/abstractSocket'
import { reread } from '../posix/readings'
import { type OptionName } from '../../../shared/model/socketOptions'
import { type Track } from '../recorder'
import { noAbstractNames, tooLate } from '../refusals'
import { type Greeter } from '../types'
import { boundAddress, isAbstract, type StreamEndpoint } from './addresses'
import { type Acceptor, Connection } from './connection'
import { descriptorOf, interceptAccepts, type StreamHandle } from './internals'
import { explainPath } from './stale'

/** One listening socket, TCP or Unix, and the open connections of those who called. */
export class Listener implements Acceptor {
  readonly id: ListenerId
  readonly kind: 'tcp' | 'unix'
  readonly counts = new Counts()
  readonly #hub: Hub
  readonly #asked: StreamEndpoint
  readonly #track: Track
  readonly #options: ListenOptions
  readonly #aboutCallers: string
  readonly #server: Server
  /** In the order they came. */
  readonly #connections = new Map<ConnectionId, Connection>()
  #state: ListenerState
  #bound: StreamEndpoint
  #behaviour: Greeter
  #accepted = 0
  #dropped = 0
  /** Dropped callers that the record does not have yet. */
  #droppedUntold = 0
  hasMoved = false

  constructor(hub: Hub, asked: StreamEndpoint, behaviour: Greeter, options: ListenOptions) {
    this.#hub = hub
    this.id = hub.nextListenerId()
    this.kind = asked.kind
    this.#asked = asked
    this.#bound = asked
    this.#behaviour = behaviour
    this.#options = options
    this.#aboutCallers = `accepted by ${this.id}`
    this.#state = { phase: 'opening', at: asked }
    this.#track = hub.recorder.track(this.id, asked.kind, `listener ${formatEndpoint(asked)}`)
    this.#server = createServer({ allowHalfOpen: true })
  }

  get isOver(): boolean {
    return this.#state.phase === 'closed' || this.#state.phase === 'failed'
  }
  get isListening(): boolean {
    return this.#state.phase === 'listening'
  }
  get connections(): IterableIterator<Connection> {
    return this.#connections.values()
  }

  /** Binds and listens; the state then tells the address that was bound. Throws a `FaultError`. */
  async open(): Promise<void> {
    try {
      await this.#listen()
    } catch (error) {
      const plain = toFault(error, {
        endpoint: formatEndpoint(this.#asked),
        kind: this.kind,
        syscall: 'listen',
      })
      const asked = this.#asked
      const fault =
        asked.kind === 'unix'
          ? await explainPath(asked.path, plain)
          : await explainPort(plain, 'tcp', asked.port)
      throw this.#fail(fault)
    }
    const server = this.#server
    if (this.#hub.isEnding) {
      server.close()
      throw this.#fail(tooLate(formatEndpoint(this.#asked)))
    }
    server.on('error', (error) =>
      this.#happened({ what: 'failed', fault: toFault(error, { endpoint: formatEndpoint(this.#bound) }) }),
    )
    this.#bound = boundAddress(server, this.#asked)
    this.#state = { phase: 'listening', at: this.#bound }
    this.#hub.openSockets++
    this.#happened({ what: 'listening', at: this.#bound })
    this.#happened({ what: 'behaviourSet', behaviour: this.#behaviour.name })
  }

  async #listen(): Promise<void> {
    const server = this.#server
    const { backlog, ipv6Only } = this.#options
    const asked = this.#asked
    const where =
      asked.kind === 'tcp'
        ? { host: asked.host, port: asked.port, ...(ipv6Only === undefined ? {} : { ipv6Only }) }
        : isAbstract(asked.path)
          ? { fd: bindName(asked.path) }
          : { path: asked.path }
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // No caller can come before this: the event is told in the turn of the loop in which listen(2) was called.
      server.once('listening', () => {
        server.off('error', reject)
        this.#takeCallers()
        resolve()
      })
      server.listen({ ...where, ...(backlog === undefined ? {} : { backlog }) })
    })
  }

  #takeCallers(): void {
    const isIntercepted =
      this.#hub.isDirect &&
      interceptAccepts(this.#server, {
        mayAccept: () => this.#mayAccept(),
        accepted: (handle) => this.#accept(handle),
        failed: (errno) => this.#acceptFailed(errno),
      })
    if (isIntercepted) return
    this.#server.on('connection', (socket) => {
      if (this.#mayAccept()) this.#acceptSocket(socket)
      else socket.destroy()
    })
  }

  #mayAccept(): boolean {
    if (this.#hub.openSockets < this.#hub.socketLimit) return true
    this.#dropped++
    this.#droppedUntold++
    this.#hub.changed(this)
    return false
  }

  #acceptFailed(errno: number): void {
    this.#happened({
      what: 'failed',
      fault: codeFault(getSystemErrorName(errno), 'accept', { endpoint: formatEndpoint(this.#bound) }),
    })
  }

  #accept(handle: StreamHandle): void {
    const connection = this.#makeConnection()
    connection.openedAsleep(handle, this.#options.accepted)
    this.#welcome(connection)
  }

  /** Where Node's internals are others: the same with a socket that Node made. */
  #acceptSocket(socket: Socket): void {
    const connection = this.#makeConnection()
    connection.opened(socket, 'remote', this.#options.accepted, false)
    this.#welcome(connection)
  }

  #makeConnection(): Connection {
    return new Connection(this.#hub, this.kind, this.#bound, this, this.#aboutCallers)
  }

  #welcome(connection: Connection): void {
    this.#connections.set(connection.id, connection)
    this.#accepted++
    const { state } = connection
    if (state.phase === 'open') {
      this.#happened({ what: 'accepted', connection: connection.id, remote: state.remote })
    }
    this.#hub.add(connection)
    connection.behave(this.#behaviour)
  }

  connectionEnded(connection: Connection): void {
    this.#connections.delete(connection.id)
    this.#hub.ended(connection.id)
  }

  /** For those who call, and for those who are there. */
  behave(behaviour: Greeter): void {
    this.#behaviour = behaviour
    this.#happened({ what: 'behaviourSet', behaviour: behaviour.name })
    for (const connection of this.#connections.values()) connection.behave(behaviour)
  }

  /**
   * Stops listening; the connections stay. The descriptor is gone when this returns, and with it the path of a Unix
   * listener: libuv closes and unlinks at once (uv_close), only Node's 'close' event may wait for connections.
   */
  close(): void {
    this.#server.close()
    this.#tellDropped()
    this.#state = { phase: 'closed', at: this.#bound }
    this.#hub.openSockets--
    this.#happened({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    this.#track.end()
  }

  #fail(of: Fault): FaultError {
    this.#state = { phase: 'failed', fault: of }
    this.#happened({ what: 'failed', fault: of })
    this.#track.end()
    return new FaultError(of)
  }

  readOptions(): readonly OptionReading[] {
    const descriptor = descriptorOf(this.#server)
    if (descriptor === null) return []
    const inet: OptionName[] =
      this.#bound.kind === 'tcp' && this.#bound.host.includes(':')
        ? ['IPV6_UNICAST_HOPS', 'IPV6_V6ONLY']
        : ['IP_TTL']
    const options: OptionName[] =
      this.kind === 'unix' ? ['SO_RCVBUF', 'SO_SNDBUF'] : ['SO_REUSEADDR', 'SO_RCVBUF', 'SO_SNDBUF', ...inet]
    return reread(descriptor, options, [])
  }

  kernelSocket(): KernelSocket | null {
    const descriptor = descriptorOf(this.#server)
    return descriptor === null
      ? null
      : { of: this.kind === 'tcp' ? 'tcpListener' : 'unixListener', descriptor }
  }

  beforeSummary(): void {
    this.#tellDropped()
  }

  summary(): ListenerSummary {
    return {
      kind: 'listener',
      id: this.id,
      asked: formatEndpoint(this.#asked),
      state: this.#state,
      behaviour: this.#behaviour.name,
      accepted: this.#accepted,
      dropped: this.#dropped,
    }
  }

  counters(): Counters {
    return this.counts.copy(this.#track.rows)
  }

  #tellDropped(): void {
    if (this.#droppedUntold === 0 || this.isOver) return
    const count = this.#droppedUntold
    this.#droppedUntold = 0
    this.#track.event({ what: 'dropped', count })
  }

  #happened(event: SocketEvent): void {
    this.#track.event(event)
    this.#hub.changed(this)
  }
}

/** A descriptor bound to an abstract name. */
function bindName(path: string): number {
  const endpoint = `unix:${path}`
  const descriptor = openAbstract(path.slice(1), 'bind')
  if (typeof descriptor === 'number') return descriptor
  // As for all other listeners, whose bind(2) Node counts to their listen(2).
  throw new FaultError(
    descriptor === null
      ? noAbstractNames(endpoint)
      : codeFault(descriptor.code, 'listen', { endpoint, kind: 'unix' }),
  )
}
