import { type Socket } from 'node:net'
import { type Endpoint, formatEndpoint } from '../../../shared/model/endpoint'
import { type Fault, fault } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId, type SocketId } from '../../../shared/model/ids'
import { type OptionReading, type StreamOptions } from '../../../shared/model/options'
import { type SocketEvent } from '../../../shared/model/record'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { type ConnectionState, type DialAttempt, type Ending, type Side } from '../../../shared/model/state'
import { type ConnectionSummary, type Counters } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { toFault } from '../fault'
import { type Hub, type Owned } from '../hub'
import { type KernelSocket } from '../kernel/readSocket'
import { merge } from '../posix/readings'
import { type Track } from '../recorder'
import { type BehavedConnection, type Greeter, type Reaction } from '../types'
import { whenRoom } from '../whenRoom'
import { addressesOf, type StreamEndpoint } from './addresses'
import { endingOf, linger, watchForEnd } from './ending'
import { descriptorOf, handleOf, type StreamHandle } from './internals'
import { type OpenStream, readStreamOptions, setStreamOption, setStreamOptions } from './options'
import { pauses, type Reading } from './reading'
import { Transport, type TransportOwner } from './transport'
import { Waiters } from './waiters'

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
export class Connection implements Owned, BehavedConnection, TransportOwner {
  readonly id: ConnectionId
  readonly kind: 'tcp' | 'unix'
  readonly asked: StreamEndpoint
  readonly acceptor: Acceptor | null
  readonly track: Track
  readonly #hub: Hub
  readonly #counts = new Counts()
  hasMoved = false

  #state: ConnectionState
  #dialling: Socket | null = null
  readonly #transport: Transport
  #options: readonly OptionReading[] = []
  #plays: string | null = null
  #passesTo: ConnectionId | null = null
  #reaction: Reaction | null = null
  #tap: ((bytes: Uint8Array) => void) | null = null
  /** Who sent the first FIN. */
  #firstFin: Side | null = null
  #hasPeerFinished = false
  #hasFinished = false
  /** Why it ends, from the moment that is known; the state tells once the descriptor is gone. */
  #ending: ConnectionEnd | null = null
  /** The socket that its descriptor goes on as. */
  #handedTo: SocketId | null = null
  #unsentBytes = 0
  #isClosing = false
  /** A reset waits for the half-close that is under way. */
  #isResetDue = false
  #stopLinger: (() => void) | null = null
  #stopWatch: (() => void) | null = null
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
    this.#transport = new Transport(hub, this.track, this)
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
  get reading(): Reading {
    return this.#transport.reading
  }
  /** False once our FIN is on its way. */
  get canSend(): boolean {
    return this.isOpen && this.#ending === null && this.#transport.canSend
  }
  get queuedBytes(): number {
    return this.#transport.queuedBytes
  }

  /** Queued, or sent and not acknowledged. */
  get unheardBytes(): number {
    const { queuedBytes, unacknowledgedBytes } = this.#transport.remaining()
    return queuedBytes + unacknowledgedBytes
  }

  /** The socket with which it is dialled. */
  dialsWith(socket: Socket): void {
    this.#dialling = socket
  }

  kernelSocket(): KernelSocket | null {
    const descriptor =
      this.#state.phase === 'dialling' && this.#dialling !== null
        ? descriptorOf(this.#dialling)
        : this.#transport.descriptor
    return descriptor === null ? null : { of: this.kind, descriptor }
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
    this.#open(handleOf(socket), by)
    this.#transport.attach(socket, isReadDirectly)
    if (wanted !== undefined) this.setOptions(wanted)
    this.#release()
  }

  /** Accepted: a handle that has no socket yet. */
  openedAsleep(handle: StreamHandle, wanted: StreamOptions | undefined): void {
    this.#open(handle, 'remote')
    this.#transport.attachAsleep(handle)
    if (wanted !== undefined) this.setOptions(wanted)
  }

  #open(handle: StreamHandle | null, by: Side): void {
    const { local, remote } = addressesOf(handle, this.asked, by)
    this.#state = { phase: 'open', local, remote }
    this.#dialling = null
    this.#hub.openSockets++
    this.happened({ what: 'opened', local, remote, by })
  }

  /** The socket's 'error': a result of the experiment, told when the descriptor is gone. */
  broke(error: Error): void {
    if (this.#ending !== null) return
    const of = toFault(error, { endpoint: formatEndpoint(this.#remote()), kind: this.kind })
    this.#ending = { ...endingOf(of.code, this.kind), fault: of }
  }

  behave(behaviour: Greeter): void {
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
  taken(bytes: Uint8Array, atNanos: number | null): void {
    this.#counts.wentOut(bytes.length)
    this.acceptor?.counts.wentOut(bytes.length)
    this.track.moment(atNanos)
    this.track.chunk('out', bytes)
    this.track.moment(null)
    this.#counted()
  }

  now(): number {
    return this.#hub.recorder.clock.nanos()
  }

  /** All that was queued has been taken (WritingEvents). */
  drained(): void {
    this.reading.resume(pauses.answers)
    this.#release()
    this.#hub.changed(this)
    this.#reaction?.drained?.()
  }

  /** For behaviours: bytes that come too late are dropped, as the peer's side of the experiment shows. */
  write(bytes: Uint8Array): void {
    this.#transport.write(bytes)
    const queued = this.queuedBytes
    if (queued === 0) return
    if (queued > MOST_UNSENT_ANSWERS) this.reading.pause(pauses.answers)
    this.#hub.changed(this)
  }

  hold(isHeld: boolean): void {
    if (isHeld && !this.#isClosing) this.reading.pause(pauses.passing)
    else this.reading.resume(pauses.passing)
  }

  passesTo(to: ConnectionId): void {
    this.#passesTo = to
    this.happened({ what: 'passedOn', to })
  }

  playsSide(connection: string, as: 'client' | 'server'): void {
    this.#plays = connection
    if (this.#state.phase !== 'closed' && this.#state.phase !== 'failed')
      this.happened({ what: 'plays', connection, as })
  }

  whenRoom(): Promise<void> | null {
    const { recorder } = this.#hub
    return recorder.hasRoom ? null : whenRoom(recorder)
  }

  /** @returns the bytes the kernel took at once */
  send(bytes: Uint8Array): number {
    const taken = this.#transport.write(bytes)
    if (taken < bytes.length) this.#hub.changed(this)
    return taken
  }

  /** FIN after what is queued. Reading goes on. */
  finish(): void {
    if (this.canSend) this.#transport.finish(() => this.#finished())
  }

  /** FIN after what is queued, and the end once the peer has finished too or stays silent for too long. */
  close(): void {
    if (this.#state.phase === 'dialling') return this.cancel()
    if (this.#isClosing || this.#ending !== null) return
    // After the peer's FIN nothing more is read, so that an RST then goes unseen until the socket is asked.
    const untold = this.kind === 'tcp' && this.#hasPeerFinished ? this.#transport.untoldError() : null
    if (untold !== null) return this.#destroy(endingOf(untold, this.kind))
    this.#isClosing = true
    this.finish()
    if (this.reading.isPausedFor(pauses.user)) this.resume()
    this.reading.resume(pauses.answers | pauses.passing) // nothing is answered any more, or passed on
    this.#lingerOn()
  }

  /** A slow peer may take its time with what is on its way, as long as it takes some; then its FIN is due. */
  #lingerOn(): void {
    this.#stopLinger?.()
    this.#stopLinger = linger(
      this.#hub.lingerMs,
      () => this.#transport.remaining(),
      () => this.#destroy({ how: 'fin', by: this.#firstFin ?? 'local' }),
    )
  }

  /** RST at once (unix(7) has none: there the descriptor is closed at once). */
  reset(): void {
    if (this.#state.phase === 'dialling') return this.cancel()
    if (this.#ending !== null) return
    if (this.kind === 'unix') {
      this.happened({ what: 'noted', text: 'Unix sockets have no RST: the descriptor was closed at once.' })
      this.#destroy({ how: 'reset', by: 'local' })
    } else if (this.#transport.isShuttingDown) {
      this.#isResetDue = true
    } else {
      this.#destroy({ how: 'reset', by: 'local' }, 'reset')
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
    const stream = this.#stream()
    return stream === null ? [] : this.optionsSet(setStreamOptions(stream, wanted))
  }

  setOption(name: OptionName, value: OptionValue): OptionReading | null {
    const stream = this.#stream()
    const reading = stream === null ? null : setStreamOption(stream, name, value)
    if (reading !== null) this.optionsSet([reading])
    return reading
  }

  /** Options were set on its socket, perhaps before it was connected. */
  optionsSet(readings: readonly OptionReading[]): readonly OptionReading[] {
    if (readings.length === 0) return readings
    this.#options = merge(this.#options, readings)
    this.happened({ what: 'optionsSet', options: readings })
    return readings
  }

  readOptions(): readonly OptionReading[] {
    const stream = this.#stream()
    return stream === null ? this.#options : readStreamOptions(stream, this.#options)
  }

  #stream(): OpenStream | null {
    const socket = this.#transport.socket()
    if (socket === null) return null
    const { host } = { host: '', ...('local' in this.#state ? this.#state.local : this.asked) }
    return { socket, kind: this.kind, family: this.kind === 'unix' ? null : host.includes(':') ? 6 : 4 }
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
      ...(this.#plays !== null && { plays: this.#plays }),
      ...(this.#passesTo !== null && { passesTo: this.#passesTo }),
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
    // libuv takes an RST that comes along with data for the end of the stream (uv__stream_io, POLLHUP); the kernel knows better.
    const untold = this.kind === 'tcp' ? this.#transport.untoldError() : null
    // After a FIN it would be EPIPE (tcp_reset in net/ipv4/tcp_input.c).
    if (untold === 'ECONNRESET') return this.#destroy(endingOf(untold, this.kind))
    this.#hasPeerFinished = true
    this.#sideFinished('remote')
    if (untold !== null) return this.#destroy(endingOf(untold, this.kind))
    if (this.kind === 'tcp') {
      this.#stopWatch = watchForEnd(
        () => this.#transport.untoldError(),
        (code) => this.#destroy(endingOf(code, this.kind)),
      )
    }
    this.#reaction?.peerFinished()
  }

  /** The socket's 'finish': shutdown(2) is done, our FIN is on its way. */
  #finished(): void {
    this.#hasFinished = true
    this.#sideFinished('local')
    if (this.#isResetDue) return this.reset()
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
    this.#stopLinger?.()
    if (this.#handedTo !== null) return this.#goneTo(this.#handedTo, state)
    const ending = this.#ending ?? { how: 'fin', by: this.#firstFin ?? 'local' }
    const end = { ...ending, unsentBytes: this.#unsentBytes + this.#transport.stop() }
    this.#hub.openSockets--
    this.#end(
      { phase: 'closed', ...end, local: state.local, remote: state.remote },
      { what: 'closed', ...end },
    )
  }

  /** A duplicate of the descriptor goes on as another socket: ours is closed, and the peer hears nothing of it. */
  handOver(to: SocketId): void {
    this.#handedTo = to
    this.#destroy({ how: 'fin', by: 'local' })
  }

  #goneTo(to: SocketId, { local, remote }: { readonly local: Endpoint; readonly remote: Endpoint }): void {
    this.#hub.openSockets--
    this.#end(
      { phase: 'closed', how: 'fin', by: 'local', local, remote, unsentBytes: 0, handedTo: to },
      { what: 'handedOver', to },
    )
  }

  #destroy(why: ConnectionEnd, how: 'close' | 'reset' = 'close'): void {
    this.#ending ??= why
    this.#stopLinger?.()
    this.#unsentBytes = this.#transport.destroy(how)
  }

  #end(state: ConnectionState, event: SocketEvent): void {
    this.#state = state
    this.#dialling = null
    this.#stopWatch?.()
    this.#transport.detach()
    const reaction = this.#reaction
    this.#reaction = null
    this.#tap = null
    this.happened(event)
    this.track.end()
    this.acceptor?.connectionEnded(this)
    this.#release()
    reaction?.ended?.()
  }

  #release(): void {
    this.#waiters.release((fact) => this.isOver || this.#isSo(fact))
  }
}
