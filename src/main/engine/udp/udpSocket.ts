import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isIP } from 'node:net'
import {
  type DatagramEndpoint,
  type Endpoint,
  formatEndpoint,
  type UdpEndpoint,
} from '../../../shared/model/endpoint'
import { fault, FaultError, type Fault } from '../../../shared/model/fault'
import { type DatagramId, type SocketId, type UdpId } from '../../../shared/model/ids'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { type SocketEvent } from '../../../shared/model/record'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { type UdpState } from '../../../shared/model/state'
import { type Counters, type SendReceipt, type UdpSummary } from '../../../shared/model/summary'
import { Counts } from '../counts'
import { explainPort, toFault } from '../fault'
import { type DatagramSocket } from '../datagram/family'
import { Reacting } from '../datagram/reacting'
import { type Hub } from '../hub'
import { type KernelSocket, readDrops } from '../kernel/readSocket'
import { fulfil, merge, readAll } from '../posix/readings'
import { type Track } from '../recorder'
import { tooLate } from '../refusals'
import { type DatagramReaction } from '../types'
import { descriptorOf } from './internals'
import { bindNatively, needsNative } from './nativeBind'
import { setUdpOptions } from './options'

/** One UDP socket, bound, and perhaps connected to one peer. */
export class UdpSocket implements DatagramSocket {
  readonly kind = 'udp'
  readonly id: UdpId
  readonly #hub: Hub
  readonly #asked: UdpEndpoint
  readonly #track: Track
  readonly #counts = new Counts()
  readonly #groups = new Set<string>()
  #state: UdpState
  #socket: Socket | null = null
  #family: 4 | 6 = 4
  #options: readonly OptionReading[] = []
  #plays: string | null = null
  readonly #reacting = new Reacting()
  /** Datagrams for which the kernel had no room, when it was last asked. */
  #dropped: number | null = null
  #tap: ((bytes: Uint8Array, from: UdpEndpoint) => void) | null = null
  hasMoved = false

  /** Of one that a behaviour opened: the socket whose datagrams it passes on. */
  passesFor: DatagramId | null = null

  constructor(hub: Hub, asked: UdpEndpoint) {
    this.#hub = hub
    this.id = hub.nextUdpId()
    this.#asked = asked
    this.#state = { phase: 'opening', at: asked }
    this.#track = hub.recorder.track(this.id, 'udp', `bound ${formatEndpoint(asked)}`)
  }

  get isOver(): boolean {
    return this.#state.phase === 'closed' || this.#state.phase === 'failed'
  }
  get isBound(): boolean {
    return this.#state.phase === 'bound'
  }
  get peer(): UdpEndpoint | null {
    return this.#state.phase === 'bound' ? (this.#state.peer as UdpEndpoint | null) : null
  }

  /** What is bound; before that what was asked for. */
  get at(): Endpoint {
    return this.#state.phase === 'bound' ? this.#state.at : this.#asked
  }

  /** Binds. Throws a `FaultError`. */
  async open(options: UdpOptions): Promise<void> {
    const endpoint = formatEndpoint(this.#asked)
    let early: readonly OptionReading[] | null = null
    try {
      const address = await resolve(this.#asked.host, 0)
      this.#family = address.family
      if (needsNative(address.family, options)) {
        const native = await bindNatively(address.family, address.address, this.#asked.port, options)
        this.#socket = native.socket
        early = native.readings
      } else {
        this.#socket = createSocket({
          type: address.family === 6 ? 'udp6' : 'udp4',
          // SO_REUSEADDR counts only when it is set before bind(2).
          reuseAddr: options.reuseAddress ?? false,
        })
        await bind(this.#socket, this.#asked.port, address.address)
      }
    } catch (error) {
      this.#socket?.close()
      this.#socket = null
      const plain = toFault(error, { endpoint, kind: 'udp', syscall: 'bind' })
      throw this.#fail(await explainPort(plain, 'udp', this.#asked.port))
    }
    if (this.#hub.isEnding) {
      this.#socket.close()
      this.#socket = null
      throw this.#fail(tooLate(endpoint))
    }
    this.#begin(this.#socket)
    if (early === null) this.setOptions(options)
    else this.#optionsSet(early)
  }

  /** Opens a descriptor that is bound already. */
  async adopt(descriptor: number): Promise<void> {
    this.#family = this.#asked.host.includes(':') ? 6 : 4
    const socket = createSocket(this.#family === 6 ? 'udp6' : 'udp4')
    const listening = once(socket, 'listening')
    socket.bind({ fd: descriptor })
    await listening
    this.#socket = socket
    this.#begin(socket)
  }

  #begin(socket: Socket): void {
    this.#hub.openSockets++
    this.#state = { phase: 'bound', at: this.#local(), peer: null }
    this.happened({ what: 'bound', at: this.#state.at })
    socket.on('message', this.#received).on('error', this.#failedLater).setMaxListeners(0)
  }

  tapReceived(listener: ((bytes: Uint8Array, from: UdpEndpoint) => void) | null): void {
    this.#tap = listener
  }

  behave(name: string, reaction: DatagramReaction): void {
    this.#reacting.set(name, reaction)
    this.happened({ what: 'behaviourSet', behaviour: name })
  }

  readonly #received = (bytes: Buffer, from: RemoteInfo): void => {
    if (this.#state.phase !== 'bound') return
    const remote: UdpEndpoint = { kind: 'udp', host: from.address, port: from.port }
    this.#counts.cameIn(bytes.length)
    this.#track.datagram('in', bytes, this.#state.at, remote)
    this.#hub.counted(this)
    this.#tap?.(bytes, remote)
    this.#reacting.received(bytes, remote)
  }

  /** What ICMP brought in (ECONNREFUSED on a connected socket, udp(7)): a result, and the socket stays. */
  readonly #failedLater = (error: Error): void => {
    const peer = this.peer
    this.happened({
      what: 'failed',
      fault: toFault(error, {
        endpoint: formatEndpoint(peer ?? this.#asked),
        kind: 'udp',
        syscall: 'recvmsg',
      }),
    })
  }

  /**
   * One datagram, of length 0 too. Resolves when the kernel has it; throws what keeps it from that.
   * @param to null: to the peer of a connected socket
   */
  async send(bytes: Uint8Array, to: DatagramEndpoint | null): Promise<SendReceipt> {
    const endpoint = formatEndpoint(to ?? this.peer ?? this.#asked)
    // The caller may use its memory again while the kernel is not yet asked.
    const copy = Buffer.from(bytes)
    const target = to === null ? null : await this.#target(to as UdpEndpoint)
    const error = await handOver(this.#opened(), copy, target)
    if (error !== null) {
      const of = toFault(error, { kind: 'udp', syscall: 'send', endpoint })
      if (this.isBound) this.happened({ what: 'failed', fault: of })
      throw new FaultError(of)
    }
    this.#sent(copy, target ?? this.peer)
    return { lengthBytes: copy.length, takenBytes: copy.length, queuedBytes: 0 }
  }

  #opened(): Socket {
    if (this.#socket !== null) return this.#socket
    throw new FaultError(fault('SB_STATE', `${this.id} was closed in the meantime.`))
  }

  #sent(bytes: Uint8Array, to: UdpEndpoint | null): void {
    const state = this.#state
    if (state.phase !== 'bound' || to === null) return
    // A socket that lost its port on disconnecting gets one with its next datagram.
    if ((state.at as UdpEndpoint).port === 0) this.#state = { ...state, at: this.#local() }
    this.#counts.wentOut(bytes.length)
    this.#track.datagram('out', bytes, this.#state.phase === 'bound' ? this.#state.at : state.at, to)
    this.#hub.counted(this)
  }

  async #target(to: UdpEndpoint): Promise<UdpEndpoint> {
    try {
      const { address } = await resolve(to.host, this.#family)
      return { kind: 'udp', host: address, port: to.port }
    } catch (error) {
      throw new FaultError(toFault(error, { kind: 'udp', endpoint: formatEndpoint(to) }))
    }
  }

  /** connect(2): one peer only, and its ICMP errors are told. */
  async connect(to: DatagramEndpoint): Promise<void> {
    const target = await this.#target(to as UdpEndpoint)
    const socket = this.#opened()
    if (this.peer !== null) this.disconnect()
    try {
      await connected(socket, target)
    } catch (error) {
      throw new FaultError(toFault(error, { kind: 'udp', syscall: 'connect', endpoint: formatEndpoint(to) }))
    }
    this.#setPeer(target)
  }

  disconnect(): void {
    this.#socket?.disconnect()
    this.#setPeer(null)
    if (this.#state.phase !== 'bound' || (this.#state.at as UdpEndpoint).port !== 0) return
    // udp(7) does not tell, __udp_disconnect in net/ipv4/udp.c does: only a port that was asked for by number is kept.
    const text =
      'The kernel took the port back, since it had chosen it itself; the next datagram gets a new one.'
    this.happened({ what: 'noted', text })
  }

  #setPeer(peer: UdpEndpoint | null): void {
    if (this.#state.phase !== 'bound') return
    this.#state = { phase: 'bound', at: this.#local(), peer }
    this.happened({ what: 'peerSet', peer })
  }

  /**
   * IP_ADD_MEMBERSHIP (ip(7)). With an interface named, datagrams to groups leave by it too (IP_MULTICAST_IF):
   * otherwise they would take the default route, if there is one, and miss those who joined beside us.
   */
  joinGroup(group: string, networkInterface: string | undefined): void {
    this.#membership(group, networkInterface, (socket) => {
      socket.addMembership(group, networkInterface)
      if (networkInterface !== undefined) socket.setMulticastInterface(networkInterface)
    })
    this.#groups.add(spell(group, networkInterface))
    this.happened({
      what: 'groupJoined',
      group,
      ...(networkInterface === undefined ? {} : { networkInterface }),
    })
  }

  leaveGroup(group: string, networkInterface: string | undefined): void {
    this.#membership(group, networkInterface, (socket) => socket.dropMembership(group, networkInterface))
    this.#groups.delete(spell(group, networkInterface))
    this.happened({
      what: 'groupLeft',
      group,
      ...(networkInterface === undefined ? {} : { networkInterface }),
    })
  }

  #membership(group: string, networkInterface: string | undefined, act: (socket: Socket) => void): void {
    const endpoint = spell(group, networkInterface)
    if (isIP(group) !== this.#family) {
      const summary = `"${group}" is not an IPv${this.#family} address, as this socket needs for a group.`
      const hint =
        this.#family === 4 ? 'Groups are 224.0.0.0 to 239.255.255.255.' : 'Groups begin with ff, as ff02::1.'
      throw new FaultError(fault('SB_INPUT', summary, { endpoint, hint }))
    }
    try {
      act(this.#opened())
    } catch (error) {
      throw new FaultError(toFault(error, { endpoint, kind: 'udp' }))
    }
  }

  setOptions(wanted: UdpOptions): readonly OptionReading[] {
    return this.#optionsSet(this.#socket === null ? [] : setUdpOptions(this.#socket, this.#family, wanted))
  }

  /** Sets one option; null where the descriptor is gone. */
  setOption(option: OptionName, asked: OptionValue): OptionReading | null {
    const descriptor = this.#descriptor()
    return descriptor === null ? null : (this.#optionsSet([fulfil(descriptor, { option, asked })])[0] ?? null)
  }

  #optionsSet(readings: readonly OptionReading[]): readonly OptionReading[] {
    if (readings.length === 0) return readings
    this.#options = merge(this.#options, readings)
    this.happened({ what: 'optionsSet', options: readings })
    return readings
  }

  readOptions(): readonly OptionReading[] {
    const descriptor = this.#descriptor()
    return descriptor === null ? this.#options : readAll(descriptor, 'udp', this.#family, this.#options)
  }

  #descriptor(): number | null {
    return this.#socket === null ? null : descriptorOf(this.#socket)
  }

  kernelSocket(): KernelSocket | null {
    const descriptor = this.#descriptor()
    return descriptor === null ? null : { of: 'udp', descriptor }
  }

  /** Asks the kernel how many datagrams it has dropped by now. */
  countDrops(): void {
    const of = this.kernelSocket()
    this.dropsAre(of === null ? null : readDrops(of.descriptor))
  }

  /** Somebody has asked the kernel. */
  dropsAre(dropped: number | null): void {
    if (dropped === null || dropped === this.#dropped) return
    this.#dropped = dropped
    this.#hub.changed(this)
  }

  /** A duplicate of the descriptor goes on as another socket. */
  handOver(to: SocketId): void {
    this.#end({ what: 'handedOver', to })
  }

  /** The descriptor is gone when this returns. */
  close(): Promise<void> {
    this.#end({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    return Promise.resolve()
  }

  #end(event: SocketEvent): void {
    const state = this.#state
    if (state.phase !== 'bound' || this.#socket === null) return
    this.countDrops()
    if (this.#dropped !== null) this.#track.dropped(this.#dropped)
    this.#socket.close()
    this.#socket = null
    this.#tap = null
    this.#reacting.end()
    this.#hub.openSockets--
    this.#state = { phase: 'closed', at: state.at }
    this.happened(event)
    this.#track.end()
  }

  summary(): UdpSummary {
    return {
      kind: 'udp',
      id: this.id,
      asked: formatEndpoint(this.#asked),
      state: this.#state,
      groups: [...this.#groups],
      dropped: this.#dropped,
      options: this.#options,
      behaviour: this.#reacting.name,
      ...(this.#plays !== null && { plays: this.#plays }),
      ...(this.passesFor !== null && { passesFor: this.passesFor }),
    }
  }

  playsSide(connection: string, as: 'client' | 'server'): void {
    this.#plays = connection
    if (this.isBound) this.happened({ what: 'plays', connection, as })
  }

  counters(): Counters {
    return this.#counts.copy(this.#track.rows)
  }

  #local(): UdpEndpoint {
    if (this.#socket === null) return this.#asked
    const { address, port } = this.#socket.address()
    return { kind: 'udp', host: address, port }
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

function spell(group: string, networkInterface: string | undefined): string {
  return networkInterface === undefined ? group : `${group} on ${networkInterface}`
}

/** getaddrinfo(3) for names; addresses as they are. @param family 0: either */
async function resolve(host: string, family: 0 | 4 | 6): Promise<{ address: string; family: 4 | 6 }> {
  const { address, family: found } = await lookup(host, { family })
  return { address, family: found === 6 ? 6 : 4 }
}

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((done, refused) => {
    socket.once('error', refused)
    socket.bind({ port, address, exclusive: true }, () => {
      socket.off('error', refused)
      done()
    })
  })
}

/** Resolves when the kernel has the datagram, or with why it has not. Node calls nobody back when the socket closes first. */
function handOver(socket: Socket, bytes: Buffer, target: UdpEndpoint | null): Promise<Error | null> {
  return new Promise((done) => {
    const closed = () => done(new FaultError(fault('SB_STATE', 'The socket was closed in the meantime.')))
    const answered = (error: Error | null) => {
      socket.off('close', closed)
      done(error)
    }
    socket.once('close', closed)
    if (target === null) socket.send(bytes, answered)
    else socket.send(bytes, target.port, target.host, answered)
  })
}

function connected(socket: Socket, to: UdpEndpoint): Promise<void> {
  return new Promise((done, refused) => {
    socket.once('error', refused)
    socket.connect(to.port, to.host, (error?: Error | null) => {
      socket.off('error', refused)
      if (error) refused(error)
      else done()
    })
  })
}
