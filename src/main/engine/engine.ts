import { type DatagramEndpoint, isDatagramEndpoint, type Endpoint } from '../../shared/model/endpoint'
import {
  type ConnectionId,
  type DatagramId,
  isBenchId,
  isBenchSocketId,
  type ListenerId,
  type SocketId,
} from '../../shared/model/ids'
import { Benches } from './bench/benches'
import { fault, FaultError } from '../../shared/model/fault'
import { expected, fitsOption } from '../../shared/model/socketOptions/optionText'
import { type AcceptMode } from '../../shared/model/options'
import { NativeSocket } from './datagram/nativeSocket'
import { Raw } from './datagram/raw'
import { Unixgram } from './datagram/unixgram'
import { attempt, attemptLater } from './fault'
import { allow, Finder, isDatagramSocket, unfit } from './finder'
import { Hub } from './hub'
import { readSocket } from './kernel/readSocket'
import { setUnplugged } from './posix/cable'
import { socketLimit } from './posix/descriptors'
import { Watcher } from './posix/watcher'
import { type Recorder } from './recorder'
import { refuseDestination, refuseEndpoint, wrongKind } from './refusals'
import { Connection } from './stream/connection'
import { dial } from './stream/dial'
import { Listener } from './stream/listener'
import { pauses } from './stream/reading'
import { removeStale } from './stream/stale'
import {
  type BehavedSocket,
  type Behaviour,
  type DatagramBehaviour,
  type Engine,
  type Greeter,
} from './types'
import { UdpSocket } from './udp/udpSocket'

export interface EngineOptions {
  readonly recorder: Recorder
  /** How long a closing connection waits for its peer's FIN once our own is sent. Default 1000. */
  readonly lingerMs?: number | undefined
  /** Sockets that may be open at once; callers beyond are dropped and counted. Default: what RLIMIT_NOFILE leaves. */
  readonly socketLimit?: number | undefined
  /** False: reads with 'data' events, as is done by itself where Node lacks what the faster way needs. Default true. */
  readonly isReadingDirect?: boolean | undefined
  /** The built thread (out/main/watcher.js) that watches descriptors for which Node has no handle. Without it such sockets are refused. */
  readonly watcher?: string | undefined
  /** The built thread (out/main/caller.js) in which the calls of a syscall bench are made. Without it there are no benches. */
  readonly caller?: string | undefined
}

const UNPLUGGED = 'unplugged: from here on whatever is sent here is lost'
const LINGER_MS = 1000
/** At the end of the program peers get this long for their FIN; then RST. */
const DISPOSE_GRACE_MS = 250

/** The engine over real sockets of this process. It never throws and never rejects: what fails is a reply or an event. */
export function createEngine(options: EngineOptions): Engine {
  const hub = new Hub(options.recorder, {
    lingerMs: options.lingerMs ?? LINGER_MS,
    socketLimit: options.socketLimit ?? socketLimit(),
    isDirect: options.isReadingDirect ?? true,
    watcher: new Watcher(options.watcher),
  })
  return new SocketEngine(hub, new Benches(hub, options.caller))
}

class SocketEngine implements Engine {
  readonly #hub: Hub
  readonly #find: Finder
  readonly benches: Benches
  readonly #stops: (() => void)[]

  constructor(hub: Hub, benches: Benches) {
    this.#hub = hub
    this.benches = benches
    this.#find = new Finder(hub)
    this.#stops = [hub.readMemory.stop, hub.recorder.onRoom((hasRoom) => this.#roomChanged(hasRoom))]
  }

  onEvent(...[listener]: Parameters<Engine['onEvent']>) {
    return this.#hub.onEvent(listener)
  }

  async listen(...[at, behaviour, options]: Parameters<Engine['listen']>) {
    return attemptLater(async () => {
      allow(refuseEndpoint(at))
      if (isDatagramEndpoint(at)) throw new FaultError(wrongKind('listen', at))
      const listener = new Listener(this.#hub, at, this.#inside(behaviour), options ?? {})
      this.#hub.add(listener)
      await listener.open()
      return listener.summary()
    })
  }

  async closeListener(id: ListenerId) {
    return attemptLater(async () => {
      const listener = this.#find.listening(id)
      await listener.close()
      return listener.summary()
    })
  }

  async setAccept(id: ListenerId, mode: AcceptMode) {
    return attemptLater(async () => {
      const listener = this.#find.listening(id)
      await listener.setAccept(mode)
      return listener.summary()
    })
  }

  async accept(id: ListenerId) {
    return attemptLater(async () => ({ connection: await this.#find.listening(id).accept() }))
  }

  behave(id: ListenerId, behaviour: Behaviour) {
    return attempt(() => {
      const listener = this.#find.listening(id)
      listener.behave(this.#inside(behaviour))
      return listener.summary()
    })
  }

  #inside(behaviour: Behaviour): Greeter {
    return { name: behaviour.name, greet: (connection) => behaviour.greet(connection, this) }
  }

  broadcast(id: ListenerId, bytes: Uint8Array) {
    return attempt(() => {
      const connections = [...this.#find.listener(id).connections]
      const able = connections.filter((connection) => connection.canSend)
      for (const connection of able) connection.send(bytes)
      return { sent: able.length, failed: connections.length - able.length }
    })
  }

  dial(...[to, options]: Parameters<Engine['dial']>) {
    return attempt(() => {
      allow(refuseDestination(to))
      if (isDatagramEndpoint(to)) throw new FaultError(wrongKind('dial', to))
      const connection = dial(this.#hub, to, options ?? {})
      this.#hub.add(connection)
      return connection.summary()
    })
  }

  attend(id: ConnectionId, behaviour: Behaviour) {
    return attempt(() => {
      const connection = this.#find.live(id)
      connection.behave(this.#inside(behaviour))
      return connection.summary()
    })
  }

  plays(...[id, connection, as]: Parameters<Engine['plays']>) {
    const socket = this.#hub.find(id)
    if (socket instanceof Connection || socket instanceof UdpSocket) socket.playsSide(connection, as)
  }

  async dialled(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#find.connection(id)
      await connection.until('dialled')
      return connection.summary()
    })
  }

  send(id: ConnectionId, bytes: Uint8Array) {
    return attempt(() => {
      const connection = this.#find.open(id)
      if (!connection.canSend) return unfit(id, 'sends no more: its FIN has been sent.')
      const takenBytes = connection.send(bytes)
      return { lengthBytes: bytes.length, takenBytes, queuedBytes: connection.queuedBytes }
    })
  }

  async drained(id: ConnectionId) {
    const socket = this.#hub.find(id)
    if (socket instanceof Connection) await socket.until('drained')
  }

  unheardBytes(id: ConnectionId) {
    const socket = this.#hub.find(id)
    return socket instanceof Connection && socket.isOpen ? socket.unheardBytes : 0
  }

  async close(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#find.live(id)
      connection.close()
      await connection.until('ended')
      return connection.summary()
    })
  }

  async halfClose(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#find.open(id)
      if (!connection.canSend) return unfit(id, 'is half-closed by us already.')
      connection.finish()
      await connection.until('finished')
      return connection.summary()
    })
  }

  async reset(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#find.live(id)
      connection.reset()
      await connection.until('ended')
      return connection.summary()
    })
  }

  pause(id: ConnectionId) {
    return attempt(() => {
      const connection = this.#find.open(id)
      connection.pause()
      return connection.summary()
    })
  }

  resume(id: ConnectionId) {
    return attempt(() => {
      const connection = this.#find.open(id)
      connection.resume()
      return connection.summary()
    })
  }

  setStreamOptions(...[id, options]: Parameters<Engine['setStreamOptions']>) {
    return attempt(() => this.#find.open(id).setOptions(options))
  }

  async bindUdp(...[at, options, passesFor]: Parameters<Engine['bindUdp']>) {
    return attemptLater(async () => {
      allow(refuseEndpoint(at))
      if (!isDatagramEndpoint(at)) throw new FaultError(wrongKind('bind', at))
      const socket = makeSocket(this.#hub, at)
      if (socket instanceof UdpSocket) socket.passesFor = passesFor ?? null
      this.#hub.add(socket)
      await socket.open(options ?? {})
      return socket.summary()
    })
  }

  async sendUdp(...[id, bytes, to]: Parameters<Engine['sendUdp']>) {
    return attemptLater(async () => {
      const socket = this.#find.bound(id)
      if (to === null) {
        if (socket.peer === null) unfit(id, 'is not connected: give the address to send to.')
        return socket.send(bytes, null)
      }
      allow(refuseDestination(to))
      if (to.kind !== socket.kind) throw new FaultError(wrongKind('send', to))
      if (socket.peer !== null) {
        unfit(
          id,
          'is connected to one peer and sends to it only.',
          'Disconnect it first, or leave the address away.',
        )
      }
      return socket.send(bytes, to)
    })
  }

  async connectUdp(id: DatagramId, to: Endpoint) {
    return attemptLater(async () => {
      const socket = this.#find.bound(id)
      allow(refuseDestination(to))
      if (to.kind !== socket.kind) throw new FaultError(wrongKind('connect', to))
      await socket.connect(to)
      return socket.summary()
    })
  }

  behaveUdp(id: DatagramId, behaviour: DatagramBehaviour) {
    return attempt(() => {
      const socket = this.#find.bound(id)
      const behaved: BehavedSocket = {
        id,
        get at() {
          return socket.at
        },
        async answer(bytes, to) {
          // What keeps it from going is in the record; the next may fare better.
          await attemptLater(() => socket.send(bytes, socket.peer === null ? to : null))
        },
        note: (text) => {
          if (socket.isBound) socket.happened({ what: 'noted', text })
        },
      }
      socket.behave(behaviour.name, behaviour.begin(behaved, this))
      return socket.summary()
    })
  }

  disconnectUdp(id: DatagramId) {
    return attempt(() => {
      const socket = this.#find.bound(id)
      if (socket.peer === null) return unfit(id, 'is not connected.')
      socket.disconnect()
      return socket.summary()
    })
  }

  joinGroup(...[id, group, networkInterface]: Parameters<Engine['joinGroup']>) {
    return attempt(() => {
      const socket = this.#find.boundUdp(id)
      socket.joinGroup(group, networkInterface)
      return socket.summary()
    })
  }

  leaveGroup(...[id, group, networkInterface]: Parameters<Engine['leaveGroup']>) {
    return attempt(() => {
      const socket = this.#find.boundUdp(id)
      socket.leaveGroup(group, networkInterface)
      return socket.summary()
    })
  }

  setUdpOptions(...[id, options]: Parameters<Engine['setUdpOptions']>) {
    return attempt(() => this.#find.bound(id).setOptions(options))
  }

  async closeUdp(id: DatagramId) {
    return attemptLater(async () => {
      const socket = this.#find.bound(id)
      await socket.close()
      return socket.summary()
    })
  }

  readKernel(id: SocketId) {
    const socket = this.#hub.find(id)
    const of = socket?.kernelSocket() ?? null
    const reading = of === null ? null : readSocket(of)
    if (socket instanceof UdpSocket) socket.dropsAre(reading?.values.drops ?? null)
    return reading
  }

  countDrops(id: DatagramId) {
    const socket = this.#hub.find(id)
    if (socket instanceof UdpSocket) socket.countDrops()
  }

  setOption(...[id, name, value]: Parameters<Engine['setOption']>) {
    return attempt(() => {
      const socket = this.#find.any(id)
      if (!fitsOption(name, value))
        throw new FaultError(fault('SB_INPUT', `${name} takes ${expected(name)}.`))
      return socket.setOption(name, value) ?? unfit(id, 'has no descriptor (any more).')
    })
  }

  unplug(id: ConnectionId, isUnplugged: boolean) {
    return attempt(() => {
      const socket = this.#find.open(id)
      const descriptor = socket.kernelSocket()?.descriptor ?? unfit(id, 'has no descriptor (any more).')
      const errno = setUnplugged(descriptor, isUnplugged)
      if (errno !== null)
        throw new FaultError(
          fault('SB_STATE', `${id} cannot be unplugged here: ${errno}.`, {
            syscall: 'setsockopt',
            hint: 'This needs Linux and the native library; a few kernels keep it to those with CAP_NET_ADMIN.',
          }),
        )
      socket.happened({ what: 'noted', text: isUnplugged ? UNPLUGGED : 'plugged in again' })
      return null
    })
  }

  readOptions(id: SocketId) {
    return attempt(() => this.#find.any(id).readOptions())
  }

  summary(id: SocketId) {
    return this.#hub.find(id)?.summary() ?? null
  }

  summaries() {
    return [...this.#hub.all()].map((socket) => socket.summary())
  }

  live() {
    return [...this.#hub.all()].filter(({ isOver }) => !isOver).map(({ id }) => id)
  }

  connectionsOf(id: ListenerId) {
    const listener = this.#hub.find(id)
    return listener instanceof Listener ? [...listener.connections].map((each) => each.id) : []
  }

  counters(id: SocketId) {
    return this.#hub.find(id)?.counters() ?? null
  }

  takeMovedCounters(...[each, most = Infinity]: Parameters<Engine['takeMovedCounters']>) {
    this.#hub.takeMovedCounters(each, most)
  }

  adopt(id: SocketId): SocketId {
    return this.#hub.adopt(id)
  }

  forget(id: SocketId) {
    if (isBenchId(id) || isBenchSocketId(id)) return this.benches.forget(id)
    return attempt(() => {
      const socket = this.#find.any(id)
      if (!socket.isOver) unfit(id, 'is still open.', 'Close it first.')
      this.#hub.forget(socket)
      return null
    })
  }

  async removeStale(path: string) {
    return removeStale(path)
  }

  onReceived(...[id, listener]: Parameters<Engine['onReceived']>) {
    const socket = this.#hub.find(id)
    if (isDatagramSocket(socket)) socket.tapReceived(listener)
    if (socket instanceof Connection) {
      socket.tapReceived(listener === null ? null : (bytes) => listener(bytes, null))
    }
  }

  async dispose() {
    this.#hub.isEnding = true
    await this.benches.dispose()
    const connections: Connection[] = []
    const closing: Promise<void>[] = []
    for (const socket of this.#hub.all()) {
      if (socket instanceof Listener && socket.isListening) closing.push(socket.close())
      if (isDatagramSocket(socket)) closing.push(socket.close())
      if (socket instanceof Connection && !socket.isOver) connections.push(socket)
    }
    for (const connection of connections) connection.close()
    const grace = setTimeout(() => {
      for (const connection of connections) if (!connection.isOver) connection.reset()
    }, DISPOSE_GRACE_MS)
    await Promise.all(connections.map((connection) => connection.until('ended')))
    clearTimeout(grace)
    await Promise.all(closing)
    await this.#hub.watcher.close()
    this.#hub.tell()
    for (const stop of this.#stops) stop()
  }

  #roomChanged(hasRoom: boolean): void {
    for (const socket of this.#hub.all()) {
      if (socket instanceof NativeSocket && hasRoom) socket.roomCame()
      if (!(socket instanceof Connection) || socket.isOver) continue
      if (hasRoom) socket.reading.resume(pauses.room)
      else socket.reading.pause(pauses.room)
    }
  }
}

function makeSocket(hub: Hub, at: DatagramEndpoint): UdpSocket | NativeSocket {
  switch (at.kind) {
    case 'udp':
      return new UdpSocket(hub, at)
    case 'unixgram':
      return new NativeSocket(hub, at, new Unixgram(hub.nextUnixgramId(), at))
    case 'raw':
      return new NativeSocket(hub, at, new Raw(hub.nextRawId(), at))
  }
}
