import { type Server, Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { type Fault, fault, FaultError } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId, type SocketId } from '../../../shared/model/ids'
import { type AcceptMode, type ListenOptions, type OptionReading } from '../../../shared/model/options'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { type SocketEvent } from '../../../shared/model/record'
import { type ListenerState } from '../../../shared/model/state'
import { type AcceptQueue, type Counters, type ListenerSummary } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { codeFault, explainPort, toFault } from '../fault'
import { type Hub } from '../hub'
import { acceptQueueOf } from '../kernel/acceptQueue'
import { type KernelSocket } from '../kernel/readSocket'
import { calls } from '../posix/calls'
import { nativeCalls } from '../posix/nativeSocket'
import { fulfil, merge, readAll } from '../posix/readings'
import { type Track } from '../recorder'
import { tooLate } from '../refusals'
import { type Greeter } from '../types'
import { boundAddress, type StreamEndpoint } from './addresses'
import { type Acceptor, Connection } from './connection'
import { descriptorOf, type StreamHandle } from './internals'
import { type AcceptingOwner, NativeAccepting } from './nativeAccepting'
import { listenNatively, needsNative, removeFile, setBacklog } from './nativeListen'
import { acceptByNode, type ServerHandlers } from './nodeAccepting'
import { explainPath } from './stale'

/** Who accepts: Node, each caller as it comes; or we, when we are told to. */
type Accepting =
  { readonly by: 'node'; readonly server: Server } | { readonly by: 'us'; readonly native: NativeAccepting }

/** One listening socket, TCP or Unix, and the open connections of those who called. */
export class Listener implements Acceptor, AcceptingOwner, ServerHandlers {
  readonly id: ListenerId
  readonly kind: 'tcp' | 'unix'
  readonly counts = new Counts()
  readonly #hub: Hub
  readonly #asked: StreamEndpoint
  readonly #track: Track
  readonly #options: ListenOptions
  readonly #aboutCallers: string
  /** In the order they came. */
  readonly #connections = new Map<ConnectionId, Connection>()
  #state: ListenerState
  #bound: StreamEndpoint
  #behaviour: Greeter
  #accepting: Accepting | null = null
  #mode: AcceptMode
  /** Bound by our own calls: the file of a path is ours to remove. */
  #isNative = false
  #readings: readonly OptionReading[] = []
  #queue: AcceptQueue | null = null
  #waiting = 0
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
    this.#mode = options.accept ?? 'automatically'
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

  /**
   * Binds and listens; the state then tells the address that was bound. Throws a `FaultError`.
   * @param descriptor of a socket that listens already
   */
  async open(descriptor?: number): Promise<void> {
    try {
      if (descriptor === undefined) await this.#listen()
      else {
        this.#isNative = true
        await this.#acceptFrom(descriptor)
      }
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
    if (this.#hub.isEnding) {
      await this.#stopListening()
      throw this.#fail(tooLate(formatEndpoint(this.#asked)))
    }
    this.#state = { phase: 'listening', at: this.#bound }
    this.#hub.openSockets++
    this.happened({ what: 'listening', at: this.#bound })
    if (this.#readings.length > 0) this.happened({ what: 'optionsSet', options: this.#readings })
    this.happened({ what: 'behaviourSet', behaviour: this.#behaviour.name })
    if (this.#mode === 'automatically') return
    this.happened({ what: 'acceptSet', mode: this.#mode })
    this.#goOn()
  }

  async #listen(): Promise<void> {
    const { backlog, ipv6Only } = this.#options
    const asked = this.#asked
    if (needsNative(asked, this.#options)) {
      const { fd, readings } = await listenNatively(asked, this.#options)
      this.#isNative = true
      this.#readings = readings
      return this.#acceptFrom(fd)
    }
    const where =
      asked.kind === 'unix'
        ? { path: asked.path }
        : { host: asked.host, port: asked.port, ...(ipv6Only === undefined ? {} : { ipv6Only }) }
    this.#byNode(await acceptByNode(where, backlog, this.#hub.isDirect, this))
  }

  /** Accepts from a listening descriptor, in the way that is asked. */
  async #acceptFrom(fd: number): Promise<void> {
    const { backlog } = this.#options
    if (this.#mode === 'automatically') {
      this.#byNode(await acceptByNode({ fd }, backlog, this.#hub.isDirect, this))
      if (backlog !== undefined) setBacklog(fd, backlog)
      return
    }
    this.#accepting = { by: 'us', native: new NativeAccepting(fd, this.#mode, this.#hub.watcher, this) }
    if (this.#state.phase === 'opening') this.#bound = this.#boundTo(fd)
  }

  #byNode(server: Server): void {
    server.on('error', (error) =>
      this.happened({ what: 'failed', fault: toFault(error, { endpoint: formatEndpoint(this.#bound) }) }),
    )
    this.#accepting = { by: 'node', server }
    if (this.#state.phase === 'opening') this.#bound = boundAddress(server, this.#asked)
  }

  #boundTo(fd: number): StreamEndpoint {
    const address = calls()?.getsockname(fd).address ?? null
    if (this.#asked.kind === 'unix' || address === null || address.family === 'AF_UNIX') return this.#asked
    return { kind: 'tcp', host: address.host, port: address.port }
  }

  /** Begins to accept in another way; nobody who waits in the queue is lost. Throws a `FaultError` where that cannot be done. */
  async setAccept(mode: AcceptMode): Promise<void> {
    const accepting = this.#accepting
    if (mode === this.#mode || accepting === null) return
    if (accepting.by === 'node') {
      // A second descriptor keeps the socket while Node closes its own.
      const { posix } = nativeCalls(formatEndpoint(this.#asked), `accepting ${mode}`)
      const fd = posix.duplicate(descriptorOf(accepting.server) ?? -1)
      if (fd < 0) throw new FaultError(fault('SB_STATE', `${this.id} does not listen any more.`))
      this.#mode = mode
      accepting.server.close()
      await this.#acceptFrom(fd)
    } else {
      this.#mode = mode
      accepting.native.setMode(mode)
      if (mode === 'automatically') {
        this.#accepting = null
        await accepting.native.stop('callers are accepted automatically now')
        if (!this.isListening) return void calls()?.close(accepting.native.fd)
        await this.#acceptFrom(accepting.native.fd)
      }
    }
    this.happened({ what: 'acceptSet', mode })
    this.#goOn()
  }

  /** One accept(2), of a listener that accepts when it is told to. Throws, or rejects with, a `FaultError`. */
  accept(): Promise<ConnectionId> {
    if (this.#accepting?.by === 'us' && this.#mode === 'manually') return this.#accepting.native.accept()
    throw new FaultError(
      fault('SB_STATE', `${this.id} accepts its callers ${this.#mode}.`, {
        hint: 'Have it accept manually first.',
      }),
    )
  }

  #goOn(): void {
    if (this.#accepting?.by === 'us') this.#accepting.native.goOn()
  }

  mayAccept(): boolean {
    if (this.#hub.openSockets < this.#hub.socketLimit) return true
    this.#dropped++
    this.#droppedUntold++
    this.#hub.changed(this)
    return false
  }

  /** A negative errno of accept(2), or its name. */
  failed(errno: number): void {
    this.acceptFailed(getSystemErrorName(errno))
  }

  acceptFailed(code: string): void {
    this.happened({
      what: 'failed',
      fault: codeFault(code, 'accept', { endpoint: formatEndpoint(this.#bound) }),
    })
  }

  accepted(handle: StreamHandle): void {
    const connection = this.#makeConnection()
    connection.openedAsleep(handle, this.#options.accepted)
    this.#welcome(connection)
  }

  acceptedSocket(socket: Socket): void {
    const connection = this.#makeConnection()
    connection.opened(socket, 'remote', this.#options.accepted, false)
    this.#welcome(connection)
  }

  /** A descriptor that was accepted by our own call. */
  take(fd: number): ConnectionId | null {
    if (!this.mayAccept()) {
      calls()?.close(fd)
      return null
    }
    const { isDirect } = this.#hub
    const connection = this.#makeConnection()
    const { onread } = connection.reading
    const socket = new Socket({
      fd,
      readable: true,
      writable: true,
      allowHalfOpen: true,
      ...(isDirect ? { onread } : {}),
    })
    connection.opened(socket, 'remote', this.#options.accepted, isDirect)
    this.#welcome(connection)
    return connection.id
  }

  get openCount(): number {
    return this.#connections.size
  }

  /** The accept queue may be another one (NativeAccepting). */
  moved(): void {
    if (this.#accepting?.by !== 'us' || !this.isListening) return
    const { fd, waiting } = this.#accepting.native
    if (waiting !== this.#waiting) this.#hub.changed(this)
    this.#waiting = waiting
    const queue = acceptQueueOf({ of: this.kind, descriptor: fd })
    if (queue === null || isSame(queue, this.#queue)) return
    this.#queue = queue
    this.happened({ what: 'queueMoved', ...queue })
  }

  #makeConnection(): Connection {
    return new Connection(this.#hub, this.kind, this.#bound, this, this.#aboutCallers)
  }

  #welcome(connection: Connection): void {
    this.#connections.set(connection.id, connection)
    this.#accepted++
    const { state } = connection
    if (state.phase === 'open') {
      this.happened({ what: 'accepted', connection: connection.id, remote: state.remote })
    }
    this.#hub.add(connection)
    connection.behave(this.#behaviour)
  }

  connectionEnded(connection: Connection): void {
    this.#connections.delete(connection.id)
    this.#hub.ended(connection.id)
    this.#goOn()
  }

  /** For those who call, and for those who are there. */
  behave(behaviour: Greeter): void {
    this.#behaviour = behaviour
    this.happened({ what: 'behaviourSet', behaviour: behaviour.name })
    for (const connection of this.#connections.values()) connection.behave(behaviour)
  }

  /**
   * Stops listening; the connections stay. Resolves once the descriptor is gone, and with it the path of a Unix listener: libuv closes
   * and unlinks at once (uv_close), only Node's 'close' event may wait for connections.
   */
  async close(): Promise<void> {
    const stopped = this.#stopListening()
    this.#tellDropped()
    this.#state = { phase: 'closed', at: this.#bound }
    this.#hub.openSockets--
    this.happened({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    this.#track.end()
    await stopped
  }

  /** What is bound. */
  get at(): StreamEndpoint {
    return this.#bound
  }

  /** A duplicate of the descriptor goes on as another socket, with the path that it may have. */
  async handOver(to: SocketId): Promise<void> {
    this.#isNative = false
    const stopped = this.#stopListening()
    this.#tellDropped()
    this.#state = { phase: 'closed', at: this.#bound }
    this.#hub.openSockets--
    this.happened({ what: 'handedOver', to })
    this.#track.end()
    await stopped
  }

  async #stopListening(): Promise<void> {
    const accepting = this.#accepting
    this.#accepting = null
    if (this.#isNative) removeFile(this.#asked)
    if (accepting?.by === 'node') accepting.server.close()
    if (accepting?.by !== 'us') return
    await accepting.native.stop('the listener was closed')
    calls()?.close(accepting.native.fd)
  }

  #fail(of: Fault): FaultError {
    this.#state = { phase: 'failed', fault: of }
    this.happened({ what: 'failed', fault: of })
    this.#track.end()
    return new FaultError(of)
  }

  readOptions(): readonly OptionReading[] {
    const fd = this.#descriptor()
    const bound = this.#bound
    if (fd === null) return this.#readings
    return bound.kind === 'unix'
      ? readAll(fd, 'unixListener', null, this.#readings)
      : readAll(fd, 'tcpListener', bound.host.includes(':') ? 6 : 4, this.#readings)
  }

  /** Sets one option and reads it back. Null where the descriptor is gone. */
  setOption(option: OptionName, asked: OptionValue): OptionReading | null {
    const fd = this.#descriptor()
    if (fd === null) return null
    const reading = fulfil(fd, { option, asked })
    this.#readings = merge(this.#readings, [reading])
    this.happened({ what: 'optionsSet', options: [reading] })
    return reading
  }

  #descriptor(): number | null {
    if (this.#accepting?.by === 'us') return this.#accepting.native.fd
    return this.#accepting === null ? null : descriptorOf(this.#accepting.server)
  }

  kernelSocket(): KernelSocket | null {
    const descriptor = this.#descriptor()
    return descriptor === null ? null : { of: this.kind, descriptor }
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
      accept: this.#mode,
      ...this.#queueNow(),
    }
  }

  #queueNow(): Pick<ListenerSummary, 'queue' | 'acceptsWaiting'> {
    const fd = this.isListening ? this.#descriptor() : null
    const queue = fd === null ? null : acceptQueueOf({ of: this.kind, descriptor: fd })
    return {
      ...(queue === null ? {} : { queue }),
      ...(this.#accepting?.by === 'us' ? { acceptsWaiting: this.#accepting.native.waiting } : {}),
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

  happened(event: SocketEvent): void {
    this.#track.event(event)
    this.#hub.changed(this)
  }
}

function isSame(one: AcceptQueue, other: AcceptQueue | null): boolean {
  return one.length === other?.length && one.limit === other.limit && one.dropped === other.dropped
}
