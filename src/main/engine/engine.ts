import { type Endpoint } from '../../shared/model/endpoint'
import { fault, type Reply } from '../../shared/model/fault'
import { type ConnectionId, type ListenerId, type SocketId, type UdpId } from '../../shared/model/ids'
import { type OptionReading } from '../../shared/model/options'
import { type UdpSummary } from '../../shared/model/summary'
import { attempt, attemptLater, failed } from './fault'
import { Hub } from './hub'
import { socketLimit } from './posix/descriptors'
import { type Recorder } from './recorder'
import { over, refuseDestination, refuseEndpoint, stillDialling, unknown, wrongKind } from './refusals'
import { Connection } from './stream/connection'
import { dial } from './stream/dial'
import { Listener } from './stream/listener'
import { pauses } from './stream/reading'
import { removeStale } from './stream/stale'
import { type Behaviour, type Engine } from './types'
import { UdpSocket } from './udp/udpSocket'

export interface EngineOptions {
  readonly recorder: Recorder
  /** How long a closing connection waits for its peer's FIN once our own is sent. Default 1000. */
  readonly lingerMs?: number | undefined
  /** Sockets that may be open at once; callers beyond are dropped and counted. Default: what RLIMIT_NOFILE leaves. */
  readonly socketLimit?: number | undefined
  /** False: reads with 'data' events, as is done by itself where Node lacks what the faster way needs. Default true. */
  readonly isReadingDirect?: boolean | undefined
}

interface BroadcastCount {
  readonly sent: number
  readonly failed: number
}

const LINGER_MS = 1000
/** At the end of the program peers get this long for their FIN; then RST. */
const DISPOSE_GRACE_MS = 250

/** The engine over real sockets of this process. It never throws and never rejects: what fails is a reply or an event. */
export function createEngine(options: EngineOptions): Engine {
  const hub = new Hub(options.recorder, {
    lingerMs: options.lingerMs ?? LINGER_MS,
    socketLimit: options.socketLimit ?? socketLimit(),
    isDirect: options.isReadingDirect ?? true,
  })
  return new SocketEngine(hub)
}

class SocketEngine implements Engine {
  readonly #hub: Hub
  readonly #stops: (() => void)[]

  constructor(hub: Hub) {
    this.#hub = hub
    this.#stops = [hub.readMemory.stop, hub.recorder.onRoom((hasRoom) => this.#roomChanged(hasRoom))]
  }

  onEvent(...[listener]: Parameters<Engine['onEvent']>) {
    return this.#hub.onEvent(listener)
  }

  async listen(...[at, behaviour, options]: Parameters<Engine['listen']>) {
    return attemptLater(async () => {
      if (at.kind === 'udp')
        return failed(wrongKind('listen', at, 'A UDP socket is bound, not listened on: use Bind.'))
      const bad = refuseEndpoint(at)
      if (bad !== null) return failed(bad)
      const listener = new Listener(this.#hub, at, behaviour, options ?? {})
      this.#hub.add(listener)
      return listener.open()
    })
  }

  async closeListener(id: ListenerId) {
    return attemptLater(async () =>
      this.#listening(id, (listener) => {
        listener.close()
        return { ok: true, value: listener.summary() }
      }),
    )
  }

  behave(id: ListenerId, behaviour: Behaviour) {
    return attempt(() =>
      this.#listening(id, (listener) => {
        listener.behave(behaviour)
        return { ok: true, value: listener.summary() }
      }),
    )
  }

  broadcast(id: ListenerId, bytes: Uint8Array) {
    return attempt<BroadcastCount>(() =>
      this.#found(id, Listener, (listener) => {
        let sent = 0
        let refused = 0
        for (const connection of listener.connections) {
          if (connection.canSend) {
            connection.send(bytes)
            sent++
          } else refused++
        }
        return { ok: true, value: { sent, failed: refused } }
      }),
    )
  }

  dial(...[to, options]: Parameters<Engine['dial']>) {
    return attempt(() => {
      if (to.kind === 'udp')
        return failed(wrongKind('dial', to, 'A UDP socket is bound, and may then be connected: use Bind.'))
      const bad = refuseDestination(to)
      if (bad !== null) return failed(bad)
      const connection = dial(this.#hub, to, options ?? {})
      this.#hub.add(connection)
      return { ok: true, value: connection.summary() }
    })
  }

  async dialled(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#hub.find(id)
      if (!(connection instanceof Connection)) return failed(unknown(id))
      await connection.until('dialled')
      return { ok: true, value: connection.summary() }
    })
  }

  send(id: ConnectionId, bytes: Uint8Array) {
    return attempt(() =>
      this.#open(id, (connection) => {
        if (!connection.canSend)
          return failed(fault('SB_STATE', `The sending side of ${id} is closed: its FIN has been sent.`))
        const takenBytes = connection.send(bytes)
        return {
          ok: true,
          value: { lengthBytes: bytes.length, takenBytes, queuedBytes: connection.queuedBytes },
        }
      }),
    )
  }

  async drained(id: ConnectionId) {
    const connection = this.#hub.find(id)
    if (connection instanceof Connection) await connection.until('drained')
  }

  async close(id: ConnectionId) {
    return this.#ending(id, 'ended', (connection) => connection.close())
  }

  async halfClose(id: ConnectionId) {
    return attemptLater(async () => {
      const connection = this.#hub.find(id)
      if (connection instanceof Connection && connection.isOpen && !connection.canSend) {
        return failed(fault('SB_STATE', `${id} is half-closed by us already.`))
      }
      if (connection instanceof Connection && connection.state.phase === 'dialling')
        return failed(stillDialling(id))
      return this.#ending(id, 'finished', (each) => each.finish())
    })
  }

  async reset(id: ConnectionId) {
    return this.#ending(id, 'ended', (connection) => connection.reset())
  }

  pause(id: ConnectionId) {
    return attempt(() =>
      this.#open(id, (connection) => {
        connection.pause()
        return { ok: true, value: connection.summary() }
      }),
    )
  }

  resume(id: ConnectionId) {
    return attempt(() =>
      this.#open(id, (connection) => {
        connection.resume()
        return { ok: true, value: connection.summary() }
      }),
    )
  }

  setStreamOptions(...[id, options]: Parameters<Engine['setStreamOptions']>) {
    return attempt(() =>
      this.#open(id, (connection) => ({ ok: true, value: connection.setOptions(options) })),
    )
  }

  async bindUdp(...[at, options]: Parameters<Engine['bindUdp']>) {
    return attemptLater(async () => {
      if (at.kind !== 'udp')
        return failed(wrongKind('bind', at, 'A TCP or Unix socket listens or dials: use Listen or Dial.'))
      const bad = refuseEndpoint(at)
      if (bad !== null) return failed(bad)
      const socket = new UdpSocket(this.#hub, at)
      this.#hub.add(socket)
      return socket.open(options ?? {})
    })
  }

  async sendUdp(...[id, bytes, to]: Parameters<Engine['sendUdp']>) {
    return attemptLater(async () =>
      this.#bound(id, async (socket) => {
        if (to !== null && to.kind !== 'udp')
          return failed(wrongKind('send', to, 'Datagrams go to udp:// addresses.'))
        const bad = to === null ? null : refuseDestination(to)
        if (bad !== null) return failed(bad)
        if (to === null && socket.peer === null) {
          return failed(fault('SB_STATE', `${id} is not connected: give the address to send to.`))
        }
        if (to !== null && socket.peer !== null) {
          const hint = 'Disconnect it first, or leave the address away.'
          return failed(fault('SB_STATE', `${id} is connected to one peer and sends to it only.`, { hint }))
        }
        return socket.send(bytes, to)
      }),
    )
  }

  async connectUdp(id: UdpId, to: Endpoint) {
    return attemptLater<UdpSummary>(async () =>
      this.#bound(id, async (socket) => {
        if (to.kind !== 'udp')
          return failed(wrongKind('connect', to, 'A UDP socket is connected to a udp:// address.'))
        const bad = refuseDestination(to)
        return bad === null ? socket.connect(to) : failed(bad)
      }),
    )
  }

  disconnectUdp(id: UdpId) {
    return attempt(() =>
      this.#bound(id, (socket) => {
        if (socket.peer === null) return failed(fault('SB_STATE', `${id} is not connected.`))
        return socket.disconnect()
      }),
    )
  }

  joinGroup(...[id, group, networkInterface]: Parameters<Engine['joinGroup']>) {
    return attempt(() => this.#bound(id, (socket) => socket.joinGroup(group, networkInterface)))
  }

  leaveGroup(...[id, group, networkInterface]: Parameters<Engine['leaveGroup']>) {
    return attempt(() => this.#bound(id, (socket) => socket.leaveGroup(group, networkInterface)))
  }

  setUdpOptions(...[id, options]: Parameters<Engine['setUdpOptions']>) {
    return attempt<readonly OptionReading[]>(() =>
      this.#bound(id, (socket) => ({ ok: true, value: socket.setOptions(options) })),
    )
  }

  async closeUdp(id: UdpId) {
    return attemptLater<UdpSummary>(async () =>
      this.#bound(id, (socket): Reply<UdpSummary> => {
        socket.close()
        return { ok: true, value: socket.summary() }
      }),
    )
  }

  readOptions(id: SocketId) {
    return attempt<readonly OptionReading[]>(() => {
      const socket = this.#hub.find(id)
      if (socket instanceof Connection || socket instanceof Listener || socket instanceof UdpSocket) {
        return { ok: true, value: socket.readOptions() }
      }
      return failed(unknown(id))
    })
  }

  summary(id: SocketId) {
    return this.#hub.find(id)?.summary() ?? null
  }

  summaries() {
    return [...this.#hub.all()].map((socket) => socket.summary())
  }

  connectionsOf(id: ListenerId) {
    const listener = this.#hub.find(id)
    return listener instanceof Listener ? [...listener.connections].map((each) => each.id) : []
  }

  counters(id: SocketId) {
    return this.#hub.find(id)?.counters() ?? null
  }

  takeMovedCounters(...[each]: Parameters<Engine['takeMovedCounters']>) {
    this.#hub.takeMovedCounters(each)
  }

  forget(id: SocketId): Reply<null> {
    const socket = this.#hub.find(id)
    if (socket === undefined) return failed(unknown(id))
    if (!socket.isOver) return failed(fault('SB_STATE', `${id} is still open.`, { hint: 'Close it first.' }))
    this.#hub.forget(socket)
    return { ok: true, value: null }
  }

  async removeStale(path: string) {
    return removeStale(path)
  }

  onReceived(...[id, listener]: Parameters<Engine['onReceived']>) {
    const socket = this.#hub.find(id)
    if (socket instanceof UdpSocket) socket.tapReceived(listener)
    if (socket instanceof Connection)
      socket.tapReceived(listener === null ? null : (bytes) => listener(bytes, null))
  }

  async dispose() {
    this.#hub.isEnding = true
    const connections: Connection[] = []
    for (const socket of this.#hub.all()) {
      if (socket instanceof Listener && socket.isListening) socket.close()
      if (socket instanceof UdpSocket) socket.close()
      if (socket instanceof Connection && !socket.isOver) connections.push(socket)
    }
    for (const connection of connections) connection.close()
    const all = Promise.all(connections.map((connection) => connection.until('ended')))
    const grace = setTimeout(() => {
      for (const connection of connections) if (!connection.isOver) connection.reset()
    }, DISPOSE_GRACE_MS)
    await all
    clearTimeout(grace)
    this.#hub.tell()
    for (const stop of this.#stops) stop()
  }

  #roomChanged(hasRoom: boolean): void {
    for (const socket of this.#hub.all()) {
      if (!(socket instanceof Connection) || socket.isOver) continue
      if (hasRoom) socket.reading.resume(pauses.room)
      else socket.reading.pause(pauses.room)
    }
  }

  async #ending(id: ConnectionId, until: 'ended' | 'finished', act: (connection: Connection) => void) {
    return attemptLater(async () => {
      const connection = this.#hub.find(id)
      if (!(connection instanceof Connection)) return failed(unknown(id))
      if (connection.isOver) return failed(over(id))
      act(connection)
      await connection.until(until)
      return { ok: true, value: connection.summary() }
    })
  }

  #found<Found extends Connection | Listener | UdpSocket, Answer>(
    id: SocketId,
    kind: abstract new (...parts: never[]) => Found,
    act: (socket: Found) => Answer,
  ): Answer | Reply<never> {
    const socket = this.#hub.find(id)
    return socket instanceof kind ? act(socket) : failed(unknown(id))
  }

  #open<T>(id: ConnectionId, act: (connection: Connection) => Reply<T>): Reply<T> {
    return this.#found(id, Connection, (connection) => {
      if (connection.state.phase === 'dialling') return failed(stillDialling(id))
      return connection.isOver ? failed(over(id)) : act(connection)
    })
  }

  #listening<T>(id: ListenerId, act: (listener: Listener) => Reply<T>): Reply<T> {
    return this.#found(id, Listener, (listener) =>
      listener.isListening ? act(listener) : failed(fault('SB_STATE', `${id} does not listen (any more).`)),
    )
  }

  #bound<Answer>(id: UdpId, act: (socket: UdpSocket) => Answer): Answer | Reply<never> {
    return this.#found(id, UdpSocket, (socket) =>
      socket.isBound ? act(socket) : failed(fault('SB_STATE', `${id} is not bound (any more).`)),
    )
  }
}
