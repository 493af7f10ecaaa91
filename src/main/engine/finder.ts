import { fault, type Fault, FaultError } from '../../shared/model/fault'
import { type ConnectionId, type DatagramId, type ListenerId, type SocketId } from '../../shared/model/ids'
import { type Hub } from './hub'
import { Connection } from './stream/connection'
import { Listener } from './stream/listener'
import { type DatagramSocket } from './datagram/family'
import { NativeSocket } from './datagram/nativeSocket'
import { UdpSocket } from './udp/udpSocket'

/** Finds sockets by id. Throws a `FaultError` where there is none, or it is in no phase for what is asked. */
export class Finder {
  readonly #hub: Hub

  constructor(hub: Hub) {
    this.#hub = hub
  }

  any(id: SocketId): Connection | Listener | UdpSocket | NativeSocket {
    const socket = this.#hub.find(id)
    if (socket instanceof Connection || socket instanceof Listener || isDatagramSocket(socket)) return socket
    throw new FaultError(fault('SB_UNKNOWN', `There is no socket ${id}.`))
  }

  listener(id: ListenerId): Listener {
    const socket = this.any(id)
    return socket instanceof Listener ? socket : unfit(id, 'is no listener.')
  }

  listening(id: ListenerId): Listener {
    const listener = this.listener(id)
    return listener.isListening ? listener : unfit(id, 'does not listen (any more).')
  }

  connection(id: ConnectionId): Connection {
    const socket = this.any(id)
    return socket instanceof Connection ? socket : unfit(id, 'is no connection.')
  }

  /** A connection that has not ended: it may still be dialling. */
  live(id: ConnectionId): Connection {
    const connection = this.connection(id)
    return connection.isOver ? unfit(id, 'has ended.') : connection
  }

  open(id: ConnectionId): Connection {
    const connection = this.live(id)
    if (connection.isOpen) return connection
    return unfit(id, 'is not connected yet.', 'Wait until its state is "open".')
  }

  bound(id: DatagramId): DatagramSocket {
    const socket = this.any(id)
    if (!isDatagramSocket(socket)) return unfit(id, 'is no datagram socket.')
    return socket.isBound ? socket : unfit(id, 'is not bound (any more).')
  }

  boundUdp(id: DatagramId): UdpSocket {
    const socket = this.bound(id)
    return socket instanceof UdpSocket ? socket : unfit(id, 'is no UDP socket.')
  }
}

export function isDatagramSocket(socket: unknown): socket is UdpSocket | NativeSocket {
  return socket instanceof UdpSocket || socket instanceof NativeSocket
}

/** Throws: the socket cannot do this, for a reason that goes on after its id. */
export function unfit(id: SocketId, why: string, hint?: string): never {
  throw new FaultError(fault('SB_STATE', `${id} ${why}`, { hint }))
}

/** Throws what there is to refuse. */
export function allow(bad: Fault | null): void {
  if (bad !== null) throw new FaultError(bad)
}
