import { Socket } from 'node:net'
import { type Endpoint, formatEndpoint, hasPath } from '../../../shared/model/endpoint'
import { fault, FaultError } from '../../../shared/model/fault'
import { unfit } from '../finder'
import { type Hub, type Owned } from '../hub'
import { type Calls, errnoName } from '../posix/calls'
import { Connection } from '../stream/connection'
import { Listener } from '../stream/listener'
import { type Greeter } from '../types'
import { UdpSocket } from '../udp/udpSocket'
import { type Bench } from './bench'
import { type BenchSocket } from './benchSocket'
import { type SocketKind } from './socketFacts'

const HOW = 'A connected stream, a listening stream and a bound UDP socket can be handed over.'
/** What a listener does that comes from a bench, until it is told otherwise. */
const silent: Greeter = {
  name: 'none',
  greet: () => ({ received: () => undefined, peerFinished: () => undefined }),
}

/** Gives a socket's descriptor to an ordinary one, which Node reads and writes from then on. Throws a `FaultError`. */
export async function handOver(hub: Hub, socket: BenchSocket): Promise<Owned> {
  const { id } = socket
  if (socket.fd === null) unfit(id, 'is closed.')
  if (socket.going > 0) unfit(id, 'is in a call that has not returned.', 'Cancel the call first.')
  socket.look()
  const { state } = socket
  if (state.phase === 'open' || state.phase === 'halfClosed') return giveConnection(hub, socket, state.remote)
  if (state.phase === 'listening') return giveListener(hub, socket, state.at)
  if (state.phase === 'bound' && state.at.kind === 'udp') {
    if (state.peer === null) return giveUdp(hub, socket, state.at)
    return unfit(id, 'is connected to one peer, which an ordinary UDP socket would not know of.', HOW)
  }
  return unfit(id, 'cannot be handed over as it stands.', HOW)
}

function giveConnection(hub: Hub, socket: BenchSocket, remote: Endpoint): Connection {
  if (remote.kind !== 'tcp' && remote.kind !== 'unix') return unfit(socket.id, 'is no stream.', HOW)
  const connection = new Connection(hub, remote.kind, remote, null, `handed-over ${formatEndpoint(remote)}`)
  connection.happened({ what: 'takenOver', from: socket.id })
  const opened = new Socket({
    fd: socket.give(connection.id),
    readable: true,
    writable: true,
    allowHalfOpen: true,
    ...(hub.isDirect ? { onread: connection.reading.onread } : {}),
  })
  connection.opened(opened, 'local', undefined, hub.isDirect)
  hub.add(connection)
  return connection
}

async function giveListener(hub: Hub, socket: BenchSocket, at: Endpoint): Promise<Listener> {
  if (at.kind !== 'tcp' && at.kind !== 'unix') return unfit(socket.id, 'is no stream.', HOW)
  // Node would call listen(2) with a backlog of its own.
  const backlog = socket.backlog === null ? {} : { backlog: Math.max(0, socket.backlog) }
  const listener = new Listener(hub, at, silent, backlog)
  listener.happened({ what: 'takenOver', from: socket.id })
  await listener.open(socket.give(listener.id))
  hub.add(listener)
  return listener
}

async function giveUdp(hub: Hub, socket: BenchSocket, at: Endpoint): Promise<UdpSocket> {
  if (at.kind !== 'udp') return unfit(socket.id, 'is no UDP socket.', HOW)
  const udp = new UdpSocket(hub, at)
  udp.happened({ what: 'takenOver', from: socket.id })
  await udp.adopt(socket.give(udp.id))
  hub.add(udp)
  return udp
}

/**
 * Takes an ordinary socket's descriptor for a bench: duplicated before Node closes its own, so that the kernel's socket goes on and
 * nothing is told to the peer. Throws a `FaultError`.
 */
export async function takeBack(posix: Calls, socket: Owned, bench: Bench): Promise<BenchSocket> {
  if (socket instanceof Connection) return takeConnection(posix, socket, bench)
  const fd = socket instanceof Listener || socket instanceof UdpSocket ? descriptorIn(socket) : null
  if (fd === null) return unfit(socket.id, 'has no descriptor that could be taken.', HOW)
  if (socket instanceof Listener) {
    const taken = bench.take(duplicate(posix, fd), kindOf(socket.at, 'SOCK_STREAM'), socket.id)
    await socket.handOver(taken.id)
    return taken
  }
  const udp = socket as UdpSocket
  const taken = bench.take(duplicate(posix, fd), kindOf(udp.at, 'SOCK_DGRAM'), socket.id)
  udp.handOver(taken.id)
  return taken
}

function descriptorIn(socket: Listener | UdpSocket): number | null {
  return socket.kernelSocket()?.descriptor ?? null
}

function takeConnection(posix: Calls, connection: Connection, bench: Bench): BenchSocket {
  const { id, state } = connection
  const descriptor = connection.kernelSocket()?.descriptor ?? null
  if ((state.phase !== 'open' && state.phase !== 'halfClosed') || descriptor === null) {
    return unfit(id, 'is not open.')
  }
  if (connection.queuedBytes > 0) {
    return unfit(
      id,
      `still has ${connection.queuedBytes} bytes to send, which would be lost.`,
      'Wait until the peer has taken them.',
    )
  }
  if (!connection.canSend) return unfit(id, 'is about to end.')
  const taken = bench.take(duplicate(posix, descriptor), kindOf(state.local, 'SOCK_STREAM'), id)
  connection.handOver(taken.id)
  return taken
}

function kindOf(at: Endpoint, type: SocketKind['type']): SocketKind {
  const family = hasPath(at) ? 'AF_UNIX' : at.host.includes(':') ? 'AF_INET6' : 'AF_INET'
  return { family, type, protocol: 0 }
}

function duplicate(posix: Calls, descriptor: number): number {
  const fd = posix.duplicate(descriptor)
  if (fd >= 0) return fd
  throw new FaultError(
    fault('SB_STATE', `The descriptor could not be duplicated: ${errnoName(fd)}.`, { syscall: 'fcntl' }),
  )
}
