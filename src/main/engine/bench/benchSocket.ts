import { type BenchMode, type BenchSocketState, type BenchSocketSummary } from '../../../shared/model/bench'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type BenchId, type BenchSocketId, type SocketId } from '../../../shared/model/ids'
import { type SocketEvent } from '../../../shared/model/record'
import { type Counters } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { type Hub, type Owned } from '../hub'
import { type KernelSocket } from '../kernel/readSocket'
import { type Calls } from '../posix/calls'
import { type Address } from '../posix/sockaddr'
import { MAX_CHUNK_BYTES, type Track } from '../recorder'
import { SOCKET_BYTES } from './callerMessages'
import { closesByReset, endpointKindOf, endpointOf, factsOf, type SocketKind } from './socketFacts'

/** One descriptor of a bench, and its record. It is closed exactly once: by its bench's call, at the bench's end, or by whoever it was handed to. */
export class BenchSocket implements Owned {
  readonly id: BenchSocketId
  readonly bench: BenchId
  readonly kind: SocketKind
  /** Int32: the descriptor; -1 once it is closed or handed over. Calls in their threads look there. */
  readonly descriptor = new SharedArrayBuffer(SOCKET_BYTES)
  mode: BenchMode = { kind: 'blocking' }
  /** What readline has read behind the last line; null before makefile. */
  file: { rest: Uint8Array; isTimedOut: boolean } | null = null
  /** Calls that have not returned. */
  going = 0
  /** Of listen; null before it. */
  backlog: number | null = null
  hasMoved = false
  readonly #hub: Hub
  readonly #posix: Calls
  readonly #track: Track
  readonly #counts = new Counts()
  readonly #word = new Int32Array(this.descriptor)
  #state: BenchSocketState = { phase: 'made' }
  #kernel = ''
  #hasFinished = false
  #hasPeerFinished = false
  #ending: Extract<SocketEvent, { what: 'closed' }> = {
    what: 'closed',
    how: 'fin',
    by: 'local',
    unsentBytes: 0,
  }

  constructor(hub: Hub, posix: Calls, bench: BenchId, fd: number, kind: SocketKind, about: string) {
    this.#hub = hub
    this.#posix = posix
    this.bench = bench
    this.kind = kind
    this.id = hub.nextBenchSocketId()
    this.#track = hub.recorder.track(
      this.id,
      endpointKindOf(kind),
      `${about} ${kind.family} ${kind.type} on ${bench}`,
    )
    this.#word[0] = fd
    hub.openSockets++
  }

  get #isStream(): boolean {
    return this.kind.type === 'SOCK_STREAM'
  }
  get isOver(): boolean {
    return this.#state.phase === 'closed'
  }
  /** Null once it is closed. */
  get fd(): number | null {
    const fd = Atomics.load(this.#word, 0)
    return fd < 0 ? null : fd
  }
  get state(): BenchSocketState {
    return this.#state
  }

  /** Asks the kernel how it stands, and records what is new. @param by whose act it is that a connection is open */
  look(by: 'local' | 'remote' = 'local'): void {
    const { fd } = this
    if (fd === null || this.isOver) return
    const { state, kernel } = factsOf(this.#posix, fd, this.kind)
    const before = this.#state
    if (kernel !== this.#kernel) this.#hub.changed(this)
    this.#kernel = kernel
    this.#state = this.#halved(state)
    if (JSON.stringify(before) === JSON.stringify(this.#state)) return
    const now = this.#state
    this.#hub.changed(this)
    if (now.phase === 'listening' && before.phase !== 'listening')
      this.happened({ what: 'listening', at: now.at })
    if (now.phase === 'open' && before.phase !== 'open' && before.phase !== 'halfClosed') {
      this.happened({ what: 'opened', local: now.local, remote: now.remote, by })
    }
    if (now.phase !== 'bound') return
    if (before.phase !== 'bound') this.happened({ what: 'bound', at: now.at })
    const peerBefore = before.phase === 'bound' ? before.peer : null
    if (JSON.stringify(now.peer) !== JSON.stringify(peerBefore))
      this.happened({ what: 'peerSet', peer: now.peer })
  }

  #halved(state: BenchSocketState): BenchSocketState {
    if (state.phase !== 'open' || this.#hasFinished === this.#hasPeerFinished) return state
    return { ...state, phase: 'halfClosed', by: this.#hasFinished ? 'local' : 'remote' }
  }

  /** shutdown(2) has sent our FIN, or 0 bytes were read: the peer's. */
  finished(by: 'local' | 'remote'): void {
    if (by === 'local' ? this.#hasFinished : this.#hasPeerFinished) return
    if (by === 'local') this.#hasFinished = true
    else this.#hasPeerFinished = true
    this.happened({ what: 'finished', by })
  }

  /** A call has told that the peer broke it off. */
  wasReset(): void {
    this.#ending = { what: 'closed', how: 'reset', by: 'remote', unsentBytes: 0 }
  }

  /** The kernel took these bytes, or gave them. @param atNanos since the session began; null for now */
  moved(direction: 'in' | 'out', bytes: Uint8Array, peer: Address | null, atNanos: number | null): void {
    // Of a stream that is nothing: its end is told by itself.
    if (this.#isStream && bytes.length === 0) return
    this.#track.moment(atNanos)
    this.#record(direction, bytes, peer)
    this.#track.moment(null)
    if (direction === 'in') this.#counts.cameIn(bytes.length)
    else this.#counts.wentOut(bytes.length)
    this.#hub.counted(this)
  }

  #record(direction: 'in' | 'out', bytes: Uint8Array, peer: Address | null): void {
    if (this.#isStream) {
      if (this.#state.phase === 'made' || this.#state.phase === 'bound') this.look()
      for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
        this.#track.chunk(direction, bytes.subarray(at, at + MAX_CHUNK_BYTES))
      }
    } else {
      if (this.#state.phase === 'made') this.look()
      const { state } = this
      const local = 'at' in state ? state.at : this.#nowhere()
      const known = state.phase === 'bound' ? state.peer : null
      const remote = peer === null ? (known ?? this.#nowhere()) : endpointOf(peer, this.kind)
      // What comes on a raw IPv4 socket begins with its IP header (raw(7)).
      const hasIpHeader =
        this.kind.type === 'SOCK_RAW' && this.kind.family === 'AF_INET' && direction === 'in'
      this.#track.datagram(direction, bytes, local, remote, hasIpHeader)
    }
  }

  #nowhere(): Endpoint {
    const { family } = this.kind
    if (family === 'AF_UNIX') return endpointOf({ family, path: '' }, this.kind)
    return endpointOf({ family, host: family === 'AF_INET' ? '0.0.0.0' : '::', port: 0 }, this.kind)
  }

  /** Just before it is closed: whether that will be a FIN. */
  aboutToClose(): void {
    const { fd } = this
    const isOpen = this.#state.phase === 'open' || this.#state.phase === 'halfClosed'
    if (fd === null || this.kind.family === 'AF_UNIX' || this.#ending.how === 'reset') return
    if (isOpen && closesByReset(this.#posix, fd)) this.#ending = { ...this.#ending, how: 'reset' }
    else if (this.#hasPeerFinished) this.#ending = { ...this.#ending, by: 'remote' }
  }

  /** The descriptor is gone, and no call holds on to the socket any more. */
  closed(): void {
    if (this.isOver) return
    this.#state = { phase: 'closed' }
    this.#kernel = ''
    this.#hub.openSockets--
    this.happened(this.#ending)
    this.#track.end()
  }

  /** Another part of the program has the descriptor from now on. @returns it */
  give(to: SocketId): number {
    const fd = Atomics.exchange(this.#word, 0, -1)
    this.#state = { phase: 'closed', handedTo: to }
    this.#kernel = ''
    this.#hub.openSockets--
    this.happened({ what: 'handedOver', to })
    this.#track.end()
    return fd
  }

  happened(event: SocketEvent): void {
    if (!this.isOver || event.what === 'closed' || event.what === 'handedOver') this.#track.event(event)
    this.#hub.changed(this)
  }

  changed(): void {
    this.#hub.changed(this)
  }

  summary(): BenchSocketSummary {
    const { family, type } = this.kind
    return {
      kind: 'benchSocket',
      id: this.id,
      bench: this.bench,
      asked: `${family} ${type}`,
      state: this.#state,
      family,
      type,
      fd: this.fd,
      mode: this.mode,
      kernel: this.#kernel,
      blocked: this.going,
    }
  }

  kernelSocket(): KernelSocket | null {
    const { fd } = this
    if (fd === null || this.kind.type === 'SOCK_RAW') return null
    return { of: this.kind.family === 'AF_UNIX' ? 'unix' : this.#isStream ? 'tcp' : 'udp', descriptor: fd }
  }

  counters(): Counters {
    return this.#counts.copy(this.#track.rows)
  }
}
