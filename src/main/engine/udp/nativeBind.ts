import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { beforeBind } from '../posix/asks'
import { callOn, inetAddress, makeNative } from '../posix/nativeSocket'

/** Whether something is asked that counts only before bind(2), and that Node cannot ask for. */
export function needsNative(family: 4 | 6, options: UdpOptions): boolean {
  const asks = beforeBind(asksOf(options, 'udp', family))
  return asks.some(({ name, value }) => name !== 'SO_REUSEADDR' || value !== true)
}

/** A socket of our own making, with its options, bound, and then Node's. Throws a `FaultError`. */
export async function bindNatively(
  family: 4 | 6,
  host: string,
  port: number,
  options: UdpOptions,
): Promise<{ readonly socket: Socket; readonly readings: readonly OptionReading[] }> {
  const context = { endpoint: formatEndpoint({ kind: 'udp', host, port }), kind: 'udp' } as const
  const asks = asksOf(options, 'udp', family)
  const { fd, readings } = makeNative(family === 6 ? 'AF_INET6' : 'AF_INET', 'SOCK_DGRAM', asks, context)
  callOn(fd, 'bind', (posix) => posix.bind(fd, inetAddress(host, port)), context)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const listening = once(socket, 'listening')
  socket.bind({ fd })
  await listening
  return { socket, readings }
}
