import { type Socket } from 'node:net'
import { type OptionReading, type StreamOptions } from '../../../shared/model/options'
import { fulfil, reread, type Wish } from '../posix/readings'
import { type OptionName } from '../../../shared/model/socketOptions'
import { descriptorOf } from './internals'

/** Tells whether an address is of IPv6; its options have names of their own. */
function isIpv6(host: string | undefined): boolean {
  return host !== undefined && host.includes(':')
}

/**
 * Sets what is asked and reads each back from the kernel (tcp(7), ip(7), socket(7)).
 * @returns one reading per option asked, empty when the socket has no descriptor any more
 */
export function setStreamOptions(
  socket: Socket,
  kind: 'tcp' | 'unix',
  asked: StreamOptions,
): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return []
  return wishes(socket, asked).map((wish) =>
    kind === 'unix' && !unixOptions.includes(wish.option)
      ? {
          name: wish.option,
          value: null,
          asked: wish.asked,
          note: 'A Unix socket does not have this option.',
        }
      : fulfil(descriptor, wish),
  )
}

function wishes(socket: Socket, asked: StreamOptions): Wish[] {
  const list: Wish[] = []
  const { noDelay, keepAlive, keepAliveDelayMs, ttl, receiveBufferBytes, sendBufferBytes } = asked
  if (noDelay !== undefined)
    list.push({ option: 'TCP_NODELAY', asked: noDelay, byNode: () => socket.setNoDelay(noDelay) })
  if (keepAlive !== undefined) {
    list.push({
      option: 'SO_KEEPALIVE',
      asked: keepAlive,
      byNode: () => socket.setKeepAlive(keepAlive, keepAliveDelayMs),
    })
  }
  if (keepAliveDelayMs !== undefined) {
    const seconds = Math.max(1, Math.round(keepAliveDelayMs / 1000))
    const note =
      seconds * 1000 === keepAliveDelayMs
        ? undefined
        : `The kernel counts whole seconds; ${keepAliveDelayMs} ms were asked.`
    list.push({
      option: 'TCP_KEEPIDLE',
      asked: seconds,
      note,
      byNode: () => socket.setKeepAlive(keepAlive ?? true, keepAliveDelayMs),
    })
  }
  if (ttl !== undefined)
    list.push({ option: isIpv6(socket.remoteAddress) ? 'IPV6_UNICAST_HOPS' : 'IP_TTL', asked: ttl })
  if (receiveBufferBytes !== undefined) list.push({ option: 'SO_RCVBUF', asked: receiveBufferBytes })
  if (sendBufferBytes !== undefined) list.push({ option: 'SO_SNDBUF', asked: sendBufferBytes })
  return list
}

const unixOptions: readonly OptionName[] = ['SO_RCVBUF', 'SO_SNDBUF']

/** All options of an open connection, as the kernel has them now. */
export function readStreamOptions(
  socket: Socket,
  kind: 'tcp' | 'unix',
  known: readonly OptionReading[],
): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return known
  if (kind === 'unix') return reread(descriptor, unixOptions, known)
  const ttl = isIpv6(socket.remoteAddress) ? 'IPV6_UNICAST_HOPS' : 'IP_TTL'
  return reread(
    descriptor,
    ['TCP_NODELAY', 'SO_KEEPALIVE', 'TCP_KEEPIDLE', ttl, 'SO_RCVBUF', 'SO_SNDBUF'],
    known,
  )
}
