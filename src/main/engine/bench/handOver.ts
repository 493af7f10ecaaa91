import { Socket } from 'node:net'
import { formatEndpoint, hasPath } from '../../../shared/model/endpoint'
import { fault, FaultError } from '../../../shared/model/fault'
import { unfit } from '../finder'
import { type Hub, type Owned } from '../hub'
import { type Calls, errnoName } from '../posix/calls'
import { Connection } from '../stream/connection'
import { type Bench } from './bench'
import { type BenchSocket } from './benchSocket'

const HOW = 'A connected stream, a listening stream and a bound UDP socket can be handed over.'

/** Gives a socket's descriptor to an ordinary connection, which Node reads and writes from then on. Throws a `FaultError`. */
export async function handOver(hub: Hub, socket: BenchSocket): Promise<Owned> {
  const { id } = socket
  if (socket.fd === null) unfit(id, 'is closed.')
  if (socket.going > 0) unfit(id, 'is in a call that has not returned.', 'Cancel the call first.')
  socket.look()
  const { state } = socket
  if (state.phase === 'open' || state.phase === 'halfClosed') return giveConnection(hub, socket, state)
  return unfit(id, `cannot be handed over as it stands.`, HOW)
}

function giveConnection(
  hub: Hub,
  socket: BenchSocket,
  { remote }: Extract<BenchSocket['state'], { phase: 'open' | 'halfClosed' }>,
): Connection {
  if (remote.kind !== 'tcp' && remote.kind !== 'unix') return unfit(socket.id, 'is no stream.')
  const connection = new Connection(hub, remote.kind, remote, null, `handed-over ${formatEndpoint(remote)}`)
  connection.happened({ what: 'takenOver', from: socket.id })
  socket.give((fd) => {
    const opened = new Socket({
      fd,
      readable: true,
      writable: true,
      allowHalfOpen: true,
      ...(hub.isDirect ? { onread: connection.reading.onread } : {}),
    })
    connection.opened(opened, 'local', undefined, hub.isDirect)
    hub.add(connection)
    return connection.id
  })
  return connection
}

/**
 * Takes an ordinary socket's descriptor for a bench: duplicated before Node closes its own, so that the kernel's socket goes on and
 * nothing is told to the peer. Throws a `FaultError`.
 */
export function takeBack(posix: Calls, socket: Owned, bench: Bench): BenchSocket {
  if (socket instanceof Connection) return takeConnection(posix, socket, bench)
  return unfit(socket.id, 'cannot be taken to a bench.', HOW)
}

function takeConnection(posix: Calls, connection: Connection, bench: Bench): BenchSocket {
  const { id, state, descriptor } = connection
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
  const family = hasPath(state.local) ? 'AF_UNIX' : state.local.host.includes(':') ? 'AF_INET6' : 'AF_INET'
  const taken = bench.take(duplicate(posix, descriptor), { family, type: 'SOCK_STREAM' }, id)
  connection.handOver(taken.id)
  return taken
}

function duplicate(posix: Calls, descriptor: number): number {
  const fd = posix.duplicate(descriptor)
  if (fd >= 0) return fd
  throw new FaultError(
    fault('SB_STATE', `The descriptor could not be duplicated: ${errnoName(fd)}.`, { syscall: 'fcntl' }),
  )
}
