import { type Socket } from 'node:net'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { type Fault, fault } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId } from '../../../shared/model/ids'
import { type OptionReading, type StreamOptions } from '../../../shared/model/options'
import { type SocketEvent } from '../../../shared/model/record'
import { type ConnectionState, type DialAttempt, type Ending, type Side } from '../../../shared/model/state'
import { type ConnectionSummary, type Counters } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { toFault } from '../fault'
import { type Hub, type Owned } from '../hub'
import { merge } from '../posix/readings'
import { sockopt } from '../posix/sockopt'
import { type Track } from '../recorder'
import { type BehavedConnection, type Behaviour, type Reaction } from '../types'
import { addressesOf, type StreamEndpoint } from './addresses'
import { endingOf, linger, type Remaining } from './ending'
import { adopt, descriptorOf, handleOf, type Sleeper, type StreamHandle } from './internals'
import { hear, type Hearer } from './hearing'
import { readStreamOptions, setStreamOptions } from './options'
import { pauses, Reading, type Sink } from './reading'
import { Waiters } from './waiters'
import { Writing, type WritingEvents } from './writing'

/** Unsent answers of a behaviour beyond which its peer is not read any further. */
const MOST_UNSENT_ANSWERS = 1024 * 1024

/** What a connection needs of the listener that accepted it. */
export interface Acceptor extends Owned {
  readonly id: ListenerId
  readonly counts: Counts
  connectionEnded(connection: Connection): void
}

/** What one can wait for: the dial's end, an empty queue, our FIN on its way, the descriptor gone. */
type Fact = 'dialled' | 'drained' | 'finished' | 'ended'

/** How a connection ends, and for what reason. */
interface ConnectionEnd {
  readonly how: Ending
  readonly by: Side
  readonly fault?: Fault
}

/** One stream connection, dialled or accepted, TCP or Unix: its state, and the acts on it. */
export class Connection implements Owned, BehavedConnection, Hearer, Sink, Sleeper, WritingEvents {
  readonly id: ConnectionId
  readonly kind: 'tcp' | 'unix'
  readonly asked: StreamEndpoint
  readonly acceptor: Acceptor | null
  readonly track: Track
  readonly reading: Reading
  readonly #hub: Hub
  readonly #counts = new Counts()
  hasMoved = false

  #state: ConnectionState
  #socket: Socket | null = null
  /** The handle of an accepted connection on which nothing has happened yet. */
  #sleeping: StreamHandle | null = null
  #writing: Writing | null = null
  #options: readonly OptionReading[] = []
  #reaction: Reaction | null = null
  #tap: ((bytes: Uint8Array) => void) | null = null
  /** Who sent the first FIN. */
  #firstFin: Side | null = null
  #hasPeerFinished = false
  #hasFinished = false
  /** Why it ends, from the moment that is known; the state tells once the descriptor is gone. */
  #ending: ConnectionEnd | null = null
  #unsentBytes = 0
  #isFinishing = false
  #isClosing = false
  #stopLinger: (() => void) | null = null
  readonly #waiters = new Waiters<Fact>()

  /** @param asked dialled: the address asked for. Accepted: the address listened on. */
  constructor(
    hub: Hub,
    kind: 'tcp' | 'unix',
    asked: StreamEndpoint,
    acceptor: Acceptor | null,
    about: string,
  ) {
    this.#hub = hub
    this.id = hub.nextConnectionId()
    this.kind = kind
    this.asked = asked
    this.acceptor = acceptor
    this.track = hub.recorder.track(this.id, kind, about)
    this.reading = new Reading(hub.readMemory, this.track, this)
    this.#state = { phase: 'dialling', to: asked, attempts: [] }
  }

  get state(): ConnectionState {
    return this.#state
  }
  get isOver(): boolean {
    return this.#state.phase === 'closed' || this.#state.phase === 'failed'
  }
  get isOpen(): boolean {
    return this.#state.phase === 'open' || this.#state.phase === 'halfClosed'
  }
  /** False once our FIN is on its way. */
  get canSend(): boolean {
    return this.isOpen && this.#ending === null && !this.#isFinishing
  }
  get queuedBytes(): number {
    return this.#writing?.queuedBytes ?? 0
  }

  /** The dial goes on with these attempts. @param event told when one has come to its end */
  dialling(attempts: readonly DialAttempt[], event: SocketEvent | null): void {
    if (this.#state.phase !== 'dialling') return
    this.#state = { ...this.#state, attempts }
    if (event === null) this.#hub.changed(this)
    else this.happened(event)
  }

  /** The dial came to nothing. */
  dialFailed(of: Fault): void {
    if (this.#state.phase !== 'dialling') return
    this.#end({ phase: 'failed', fault: of, attempts: this.#state.attempts }, { what: 'failed', fault: of })
  }

  /** The socket is connected. Its events come here from now on. @param isReadDirectly made with `reading.onread` */
  opened(socket: Socket, by: Side, wanted: StreamOptions | undefined, isReadDirectly: boolean): void {
    this.#socket = socket
    this.#open(handleOf(socket), by)
    hear(socket, this)
    if (wanted !== undefined) this.setOptions(wanted)
    this.reading.attach(socket, isReadDirectly)
  }

  /** Accepted. The socket is made when it is needed: for most of ten thousand silent callers it never is. */
  openedAsleep(handle: StreamHandle, wanted: StreamOptions | undefined): void {
    this.#sleeping = handle
    this.#open(handle, 'remote')
    if (!this.reading.attachAsleep(handle, this)) this.wake()
    if (wanted !== undefined) this.setOptions(wanted)
  }

  #open(handle: StreamHandle | null, by: Side): void {
    const { local, remote } = addressesOf(handle, this.asked, by)
    this.#state = { phase: 'open', local, remote }
    this.#hub.openSockets++
    this.track.connected(local, remote, by)
    this.happened({ what: 'opened', local, remote, by })
    if (!this.#hub.recorder.hasRoom) this.reading.pause(pauses.room)
    this.#release()
  }

  /** Something came in, or is to be done (Sleeper). */
  wake(): void {
    const handle = this.#sleeping
    if (handle === null) return
    this.#sleeping = null
    const socket = adopt(handle, this.reading.onread)
    this.#socket = socket
    hear(socket, this)
    this.reading.attach(socket, true)
  }

  /** The socket, as long as there is one. */
  #awake(): Socket | null {
    this.wake()
    return this.#socket
  }

  /** The socket's 'error': a result of the experiment, told when the descriptor is gone. */
  broke(error: Error): void {
    if (this.#ending !== null) return
    const of = toFault(error, { endpoint: formatEndpoint(this.#remote()), kind: this.kind })
    this.#ending = { ...endingOf(of.code, this.kind), fault: of }
  }

  behave(behaviour: Behaviour): void {
    this.#reaction = behaviour.greet(this)
    if (this.#hasPeerFinished) this.#reaction.peerFinished()
  }

  tapReceived(listener: ((bytes: Uint8Array) => void) | null): void {
    this.#tap = listener
  }

  /** A chunk came in (Reading). */
  received(bytes: Uint8Array): void {
    this.#counts.cameIn(bytes.length)
    this.acceptor?.counts.cameIn(bytes.length)
    this.track.chunk('in', bytes)
    this.#counted()
    this.#tap?.(bytes)
    this.#reaction?.received(bytes)
  }

  /** The kernel took these bytes (WritingEvents). */
  taken(bytes: Uint8Array): void {
    this.#counts.wentOut(bytes.length)
    this.acceptor?.counts.wentOut(bytes.length)
    this.track.chunk('out', bytes)
    this.#counted()
  }

  /** All that was queued has been taken (WritingEvents). */
  drained(): void {
    this.reading.resume(pauses.answers)
    this.#release()
    this.#hub.changed(this)
  }

  /** For behaviours: bytes that come too late are dropped, as the peer's side of the experiment shows. */
  write(bytes: Uint8Array): void {
    if (this.#isFinishing || this.#write(bytes) < 0) return
    const queued = this.queuedBytes
    if (queued === 0) return
    if (queued > MOST_UNSENT_ANSWERS) this.reading.pause(pauses.answers)
    this.#hub.changed(this)
  }

  /** @returns the bytes the kernel took at once */
  send(bytes: Uint8Array): number {
    const taken = this.#write(bytes)
    if (taken < bytes.length) this.#hub.changed(this)
    return Math.max(0, taken)
  }

  /** @returns -1 when nothing can be sent any more */
  #write(bytes: Uint8Array): number {
    const socket = this.#awake()
    if (socket === null || this.#ending !== null) return -1
    // Many a connection is only listened to: its writing side is made when it is needed.
    this.#writing ??= new Writing(socket, this.#hub.staging, this)
    return this.#writing.write(bytes)
  }

  /** FIN after what is queued. Reading goes on. */
  finish(): void {
    const socket = this.#awake()
    if (this.#isFinishing || socket === null || this.#ending !== null) return
    this.#isFinishing = true
    socket.once('finish', () => this.#finished())
    if (this.#writing === null) socket.end()
    else this.#writing.finish()
  }

  /** FIN after what is queued, and the end once the peer has finished too or stays silent for too long. */
  close(): void {
    if (this.#state.phase === 'dialling') return this.cancel()
    if (this.#isClosing || this.#awake() === null) return
    if (this.#hasResetUnseen()) return this.#destroy({ how: 'reset', by: 'remote' })
    this.#isClosing = true
    this.finish()
    if (this.reading.isPausedFor(pauses.user)) this.resume()
    this.reading.resume(pauses.answers) // nothing is answered any more
    this.#lingerOn()
  }

  /** A slow peer may take its time with what is on its way, as long as it takes some; then its FIN is due. */
  #lingerOn(): void {
    this.#stopLinger?.()
    this.#stopLinger = linger(
      this.#hub.lingerMs,
      () => this.#remaining(),
      () => this.#destroy({ how: 'fin', by: this.#firstFin ?? 'local' }),
    )
  }

  #remaining(): Remaining {
    const descriptor = this.#socket === null ? null : descriptorOf(this.#socket)
    const unacknowledgedBytes = descriptor === null ? 0 : (sockopt()?.unacknowledgedBytes(descriptor) ?? 0)
    return { queuedBytes: this.queuedBytes, unacknowledgedBytes }
  }

  /** RST at once (unix(7) has none: there the descriptor is closed at once). */
  reset(): void {
    if (this.#state.phase === 'dialling') return this.cancel()
    const socket = this.#awake()
    if (socket === null || this.#ending !== null) return
    if (this.kind === 'unix') {
      this.happened({ what: 'noted', text: 'Unix sockets have no RST: the descriptor was closed at once.' })
      this.#destroy({ how: 'reset', by: 'local' })
    } else if (socket.writableEnded && !socket.writableFinished) {
      // libuv refuses to reset while a shutdown is under way (uv_tcp_close_reset), which takes one turn of the loop.
      socket.once('finish', () => this.reset())
    } else {
      this.#stop({ how: 'reset', by: 'local' })
      socket.resetAndDestroy()
    }
  }

  /** Ends a dial that is under way. */
  cancel(): void {
    this.dialFailed(
      fault('SB_CANCELLED', `The dial of ${formatEndpoint(this.asked)} was cancelled.`, {
        endpoint: formatEndpoint(this.asked),
      }),
    )
  }

  pause(): void {
    if (this.reading.isPausedFor(pauses.user)) return
    this.reading.pause(pauses.user)
    this.happened({ what: 'paused' })
  }

  resume(): void {
    if (!this.reading.isPausedFor(pauses.user)) return
    this.reading.resume(pauses.user)
    this.happened({ what: 'resumed' })
  }

  setOptions(wanted: StreamOptions): readonly OptionReading[] {
    const socket = this.#awake()
    if (socket === null) return []
    const readings = setStreamOptions(socket, this.kind, wanted)
    if (readings.length === 0) return readings
    this.#options = merge(this.#options, readings)
    this.happened({ what: 'optionsSet', options: readings })
    return readings
  }

  readOptions(): readonly OptionReading[] {
    const socket = this.#awake()
    if (socket !== null) this.#options = readStreamOptions(socket, this.kind, this.#options)
    return this.#options
  }

  /** Resolves when that is so, or the connection has ended. */
  until(fact: Fact): Promise<void> {
    return this.isOver || this.#isSo(fact) ? Promise.resolve() : this.#waiters.until(fact)
  }

  #isSo(fact: Fact): boolean {
    switch (fact) {
      case 'dialled':
        return this.#state.phase !== 'dialling'
      case 'drained':
        return this.isOpen && this.queuedBytes === 0
      case 'finished':
        return this.#hasFinished
      case 'ended':
        return this.isOver
    }
  }

  summary(): ConnectionSummary {
    return {
      kind: 'connection',
      id: this.id,
      listener: this.acceptor?.id ?? null,
      asked: formatEndpoint(this.acceptor === null ? this.asked : this.#remote()),
      state: this.#state,
      isReadingPaused: this.reading.isPausedFor(pauses.user),
      queuedBytes: this.queuedBytes,
      options: this.#options,
    }
  }

  counters(): Counters {
    return this.#counts.copy(this.track.rows)
  }

  happened(event: SocketEvent): void {
    this.track.event(event)
    this.#hub.changed(this)
  }

  #counted(): void {
    this.#hub.counted(this)
    if (this.acceptor !== null) this.#hub.counted(this.acceptor)
  }

  #remote(): StreamEndpoint {
    const state = this.#state
    return 'remote' in state ? (state.remote as StreamEndpoint) : this.asked
  }

  /** The socket's 'end': the peer's FIN. With allowHalfOpen we may still write. */
  peerFinished(): void {
    this.#hasPeerFinished = true
    this.#sideFinished('remote')
    this.#reaction?.peerFinished()
  }

  /** The socket's 'finish': shutdown(2) is done, our FIN is on its way. */
  #finished(): void {
    this.#hasFinished = true
    this.#sideFinished('local')
    if (this.#isClosing) this.#lingerOn()
    this.#release()
  }

  #sideFinished(by: Side): void {
    this.#firstFin ??= by
    const state = this.#state
    if (state.phase === 'open')
      this.#state = { phase: 'halfClosed', by, local: state.local, remote: state.remote }
    this.happened({ what: 'finished', by })
  }

  /** The socket's 'close': the descriptor is gone. */
  gone(): void {
    const state = this.#state
    if (state.phase !== 'open' && state.phase !== 'halfClosed') return
    const ending = this.#stop({ how: 'fin', by: this.#firstFin ?? 'local' })
    const end = { ...ending, unsentBytes: this.#unsentBytes }
    this.#hub.openSockets--
    this.#end(
      { phase: 'closed', ...end, local: state.local, remote: state.remote },
      { what: 'closed', ...end },
    )
  }

  /** After the peer's FIN nothing more is read, so that an RST then goes unseen until the socket is asked. */
  #hasResetUnseen(): boolean {
    if (!this.#hasPeerFinished || this.kind === 'unix' || this.#socket === null) return false
    const descriptor = descriptorOf(this.#socket)
    const error = descriptor === null ? 0 : (sockopt()?.get(descriptor, 'SO_ERROR') ?? 0)
    return error !== 0
  }

  #destroy(why: ConnectionEnd): void {
    this.#stop(why)
    this.#socket?.destroy()
  }

  /** The first reason counts. What the kernel has not taken by now it never will. */
  #stop(why: ConnectionEnd): ConnectionEnd {
    this.#ending ??= why
    this.#stopLinger?.()
    if (this.#writing !== null) this.#unsentBytes = this.#writing.stop()
    this.#writing = null
    return this.#ending
  }

  #end(state: ConnectionState, event: SocketEvent): void {
    this.#state = state
    this.reading.detach()
    this.#socket = null
    this.#reaction = null
    this.#tap = null
    this.happened(event)
    this.track.end()
    this.acceptor?.connectionEnded(this)
    this.#release()
  }

  #release(): void {
    this.#waiters.release((fact) => this.isOver || this.#isSo(fact))
  }
}
