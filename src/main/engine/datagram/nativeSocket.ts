import { formatEndpoint, type DatagramEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { fault, FaultError, type Fault } from '../../../shared/model/fault'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { type SocketEvent } from '../../../shared/model/record'
import { type UdpState } from '../../../shared/model/state'
import { type Counters, type DatagramSummary, type SendReceipt } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { codeFault, toFault } from '../fault'
import { type Hub } from '../hub'
import { type KernelSocket } from '../kernel/readSocket'
import { calls, type Calls, errnoName } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { fulfilAll } from '../posix/asks'
import { fulfil, merge, readAll } from '../posix/readings'
import { type Watch } from '../posix/watcher'
import { MAX_CHUNK_BYTES, type Track } from '../recorder'
import { tooLate } from '../refusals'
import { type DatagramReaction } from '../types'
import { type DatagramSocket, type NativeEndpoint, type NativeFamily } from './family'
import { Reacting } from './reacting'

/** So much is read in one turn of the loop; then others have theirs. */
const BATCH_DATAGRAMS = 256
const BATCH_BYTES = 4 * 1024 * 1024

/** Every read goes through it; what came is copied before the next one. */
let shared: Uint8Array | null = null

/**
 * One datagram socket that Node has no handle for, through its descriptor: read when the watcher says that something has come, closed
 * only once nobody watches it any more.
 */
export class NativeSocket implements DatagramSocket {
  readonly id: NativeFamily['id']
  readonly kind: NativeEndpoint['kind']
  readonly #hub: Hub
  readonly #family: NativeFamily
  readonly #asked: NativeEndpoint
  readonly #track: Track
  readonly #counts = new Counts()
  #state: UdpState
  #open: { readonly posix: Calls; readonly descriptor: number; readonly watch: Watch } | null = null
  #options: readonly OptionReading[] = []
  #readBytes = MAX_CHUNK_BYTES
  #tap: ((bytes: Uint8Array, from: NativeEndpoint) => void) | null = null
  /** Something has come that there is no room for in the recording. */
  #isHeld = false
  readonly #reacting = new Reacting()
  hasMoved = false

  constructor(hub: Hub, asked: NativeEndpoint, family: NativeFamily) {
    this.#hub = hub
    this.#family = family
    this.id = family.id
    this.kind = family.kind
    this.#asked = asked
    this.#state = { phase: 'opening', at: asked }
    this.#track = hub.recorder.track(this.id, this.kind, `bound ${formatEndpoint(asked)}`)
  }

  get isOver(): boolean {
    return this.#state.phase === 'closed' || this.#state.phase === 'failed'
  }
  get isBound(): boolean {
    return this.#state.phase === 'bound'
  }
  get at(): Endpoint {
    return this.#state.phase === 'bound' ? this.#state.at : this.#asked
  }
  get peer(): NativeEndpoint | null {
    return this.#state.phase === 'bound' ? (this.#state.peer as NativeEndpoint | null) : null
  }

  /** Binds. Throws a `FaultError`. */
  async open(options: UdpOptions): Promise<void> {
    const endpoint = formatEndpoint(this.#asked)
    const posix = calls()
    let readings: readonly OptionReading[] = []
    try {
      if (posix === null) throw new FaultError(unsupported(endpoint))
      const { descriptor, at } = await this.#family.open(posix, options, (fd) => {
        const { optionKind, version } = this.#family
        readings = fulfilAll(fd, asksOf(options, optionKind, version))
      })
      try {
        if (this.#hub.isEnding) throw new FaultError(tooLate(endpoint))
        posix.setNonBlocking(descriptor, true)
        const watch = this.#hub.watcher.watch(descriptor, 'in', this.#ready)
        this.#open = { posix, descriptor, watch }
      } catch (error) {
        posix.close(descriptor)
        this.#family.released()
        throw error
      }
      this.#state = { phase: 'bound', at, peer: null }
    } catch (error) {
      throw this.#fail(toFault(error, { endpoint, kind: this.kind, syscall: 'bind' }))
    }
    this.#hub.openSockets++
    this.happened({ what: 'bound', at: this.#state.at })
    this.#readAtMost(options)
    this.#optionsSet(readings)
  }

  tapReceived(listener: ((bytes: Uint8Array, from: DatagramEndpoint) => void) | null): void {
    this.#tap = listener
  }

  behave(name: string, reaction: DatagramReaction): void {
    this.#reacting.set(name, reaction)
    this.happened({ what: 'behaviourSet', behaviour: name })
  }

  readonly #ready = (): void => {
    if (!this.#hub.recorder.hasRoom) this.#isHeld = true
    else if (this.#drain()) setImmediate(this.#ready)
    else this.#open?.watch.again()
  }

  /** The recording takes more again. */
  roomCame(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#ready()
  }

  /** Reads what has come, up to a batch. @returns whether there may be more */
  #drain(): boolean {
    const open = this.#open
    if (open === null) return false
    shared ??= new Uint8Array(MAX_CHUNK_BYTES)
    const into = this.#readBytes === shared.length ? shared : shared.subarray(0, this.#readBytes)
    // Linux tells the true length of what it truncates, if it is asked (recv(2)).
    const flags = process.platform === 'linux' ? (numbers?.sendAndReceive.MSG_TRUNC ?? 0) : 0
    let bytes = 0
    for (let n = 0; n < BATCH_DATAGRAMS && bytes < BATCH_BYTES; n++) {
      if (!this.#hub.recorder.hasRoom) return true
      const { returned, address } = open.posix.recvfrom(open.descriptor, into, flags)
      if (returned < 0) {
        const code = errnoName(returned)
        if (code === 'EAGAIN') return false
        // EINTR is no news; other errors are what came in about an earlier datagram, and are told once.
        if (code !== 'EINTR') this.#refused(code, 'recvmsg', this.peer)
        continue
      }
      bytes += returned
      this.#received(
        into.subarray(0, Math.min(returned, into.length)),
        returned,
        this.#family.toEndpoint(address),
      )
      if (this.#open !== open) return false
    }
    return true
  }

  #received(bytes: Uint8Array, lengthBytes: number, from: NativeEndpoint): void {
    this.#counts.cameIn(bytes.length)
    this.#track.datagram(
      'in',
      bytes,
      this.#state.phase === 'bound' ? this.#state.at : this.#asked,
      from,
      this.#family.hasIpHeader('in'),
    )
    this.#hub.counted(this)
    if (lengthBytes > bytes.length) {
      this.happened({ what: 'truncated', lengthBytes, keptBytes: bytes.length })
    }
    this.#passed('in', bytes, from)
    this.#tap?.(bytes, from)
    this.#reacting.received(bytes, from)
  }

  #passed(direction: 'in' | 'out', bytes: Uint8Array, remote: NativeEndpoint): void {
    const event = this.#family.passed?.(direction, bytes, remote, this.#hub.recorder.clock.nanos()) ?? null
    if (event !== null) this.happened(event)
  }

  async send(bytes: Uint8Array, to: DatagramEndpoint | null): Promise<SendReceipt> {
    // The caller may use its memory again while a name is looked up.
    const copy = Buffer.from(bytes)
    const target = to === null ? null : await this.#target(to as NativeEndpoint)
    const remote = target ?? this.peer
    const { posix, descriptor } = this.#opened()
    // What would block is told as EAGAIN: the descriptor does not block.
    const flags = numbers?.sendAndReceive.MSG_NOSIGNAL ?? 0
    const atNanos = this.#hub.recorder.clock.nanos()
    const returned =
      target === null
        ? posix.send(descriptor, copy, flags)
        : posix.sendto(descriptor, copy, flags, this.#family.toAddress(target))
    if (returned < 0) throw new FaultError(this.#refused(errnoName(returned), 'send', remote))
    this.#counts.wentOut(copy.length)
    if (this.#state.phase === 'bound' && remote !== null) {
      this.#track.datagram('out', copy, this.#state.at, remote, this.#family.hasIpHeader('out'))
      const event = this.#family.passed?.('out', copy, remote, atNanos) ?? null
      if (event !== null) this.happened(event)
    }
    this.#hub.counted(this)
    return { lengthBytes: copy.length, takenBytes: returned, queuedBytes: 0 }
  }

  /** An answer for somebody without a name is nobody's to see: it is in the record that it could not go. */
  async #target(to: NativeEndpoint): Promise<NativeEndpoint> {
    try {
      return await this.#family.target(to)
    } catch (error) {
      const of = toFault(error, { endpoint: formatEndpoint(to), kind: this.kind })
      if (this.isBound) this.happened({ what: 'failed', fault: of })
      throw new FaultError(of)
    }
  }

  #refused(code: string, syscall: 'send' | 'recvmsg' | 'connect', remote: NativeEndpoint | null): Fault {
    const of = codeFault(code, syscall, {
      endpoint: formatEndpoint(remote ?? this.#asked),
      kind: this.kind,
    })
    if (this.isBound) this.happened({ what: 'failed', fault: of })
    return of
  }

  #opened(): { readonly posix: Calls; readonly descriptor: number } {
    if (this.#open !== null) return this.#open
    throw new FaultError(fault('SB_STATE', `${this.id} was closed in the meantime.`))
  }

  /** connect(2): one peer only. */
  async connect(to: DatagramEndpoint): Promise<void> {
    const target = await this.#family.target(to as NativeEndpoint)
    const { posix, descriptor } = this.#opened()
    const returned = posix.connect(descriptor, this.#family.toAddress(target))
    if (returned < 0) {
      throw new FaultError(
        codeFault(errnoName(returned), 'connect', { endpoint: formatEndpoint(target), kind: this.kind }),
      )
    }
    this.#setPeer(target)
  }

  disconnect(): void {
    const { posix, descriptor } = this.#opened()
    posix.disconnect(descriptor)
    this.#setPeer(null)
  }

  #setPeer(peer: NativeEndpoint | null): void {
    if (this.#state.phase !== 'bound') return
    this.#state = { ...this.#state, peer }
    this.happened({ what: 'peerSet', peer })
  }

  setOptions(wanted: UdpOptions): readonly OptionReading[] {
    if (this.#open === null) return []
    this.#readAtMost(wanted)
    const { optionKind, version } = this.#family
    return this.#optionsSet(fulfilAll(this.#open.descriptor, asksOf(wanted, optionKind, version)))
  }

  setOption(option: OptionName, asked: OptionValue): OptionReading | null {
    if (this.#open === null) return null
    return this.#optionsSet([fulfil(this.#open.descriptor, { option, asked })])[0] ?? null
  }

  #readAtMost({ readBytes }: UdpOptions): void {
    if (readBytes !== undefined) this.#readBytes = Math.min(readBytes, MAX_CHUNK_BYTES)
  }

  #optionsSet(readings: readonly OptionReading[]): readonly OptionReading[] {
    if (readings.length === 0) return readings
    this.#options = merge(this.#options, readings)
    this.happened({ what: 'optionsSet', options: readings })
    return readings
  }

  readOptions(): readonly OptionReading[] {
    if (this.#open === null) return this.#options
    const { optionKind, version } = this.#family
    return readAll(this.#open.descriptor, optionKind, version, this.#options)
  }

  kernelSocket(): KernelSocket | null {
    return this.#open === null ? null : { of: this.#family.kernelKind, descriptor: this.#open.descriptor }
  }

  async close(): Promise<void> {
    const open = this.#open
    const state = this.#state
    if (open === null || state.phase !== 'bound') return
    this.#open = null
    this.#tap = null
    this.#reacting.end()
    this.#state = { phase: 'closed', at: state.at }
    this.happened({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    this.#track.end()
    this.#family.released()
    await open.watch.stop()
    open.posix.close(open.descriptor)
    this.#hub.openSockets--
  }

  summary(): DatagramSummary {
    return this.#family.summarise({
      asked: formatEndpoint(this.#asked),
      state: this.#state,
      options: this.#options,
      behaviour: this.#reacting.name,
    })
  }

  counters(): Counters {
    return this.#counts.copy(this.#track.rows)
  }

  #fail(of: Fault): FaultError {
    this.#state = { phase: 'failed', fault: of }
    this.happened({ what: 'failed', fault: of })
    this.#track.end()
    return new FaultError(of)
  }

  happened(event: SocketEvent): void {
    this.#track.event(event)
    this.#hub.changed(this)
  }
}

function unsupported(endpoint: string): Fault {
  return fault('SB_UNSUPPORTED', 'This build cannot call the socket functions of this system directly.', {
    endpoint,
    hint: 'It needs Linux or macOS, and the library koffi that comes with Switchboard.',
  })
}
