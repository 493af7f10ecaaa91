import { type Socket } from 'node:dgram'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { fulfil, reread, type Wish } from '../posix/readings'
import { type OptionName } from '../../../shared/model/socketOptions'
import { descriptorOf } from './internals'

/** Sets what is asked and reads each back from the kernel (ip(7), ipv6(7), socket(7)). */
export function setUdpOptions(socket: Socket, family: 4 | 6, asked: UdpOptions): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  return descriptor === null ? [] : wishes(socket, family, asked).map((wish) => fulfil(descriptor, wish))
}

function wishes(socket: Socket, family: 4 | 6, asked: UdpOptions): Wish[] {
  const list: Wish[] = []
  const {
    broadcast,
    ttl,
    multicastTtl,
    multicastLoopback,
    receiveBufferBytes,
    sendBufferBytes,
    reuseAddress,
  } = asked
  if (broadcast !== undefined)
    list.push({ option: 'SO_BROADCAST', asked: broadcast, byNode: () => socket.setBroadcast(broadcast) })
  if (ttl !== undefined) {
    list.push({
      option: family === 6 ? 'IPV6_UNICAST_HOPS' : 'IP_TTL',
      asked: ttl,
      byNode: () => socket.setTTL(ttl),
    })
  }
  if (multicastTtl !== undefined) {
    const option = family === 6 ? 'IPV6_MULTICAST_HOPS' : 'IP_MULTICAST_TTL'
    list.push({ option, asked: multicastTtl, byNode: () => socket.setMulticastTTL(multicastTtl) })
  }
  if (multicastLoopback !== undefined) {
    const option = family === 6 ? 'IPV6_MULTICAST_LOOP' : 'IP_MULTICAST_LOOP'
    list.push({
      option,
      asked: multicastLoopback,
      byNode: () => socket.setMulticastLoopback(multicastLoopback),
    })
  }
  if (receiveBufferBytes !== undefined) {
    list.push({
      option: 'SO_RCVBUF',
      asked: receiveBufferBytes,
      byNode: () => socket.setRecvBufferSize(receiveBufferBytes),
    })
  }
  if (sendBufferBytes !== undefined) {
    list.push({
      option: 'SO_SNDBUF',
      asked: sendBufferBytes,
      byNode: () => socket.setSendBufferSize(sendBufferBytes),
    })
  }
  if (reuseAddress !== undefined) list.push({ option: 'SO_REUSEADDR', asked: reuseAddress })
  return list
}

/** All options of an open socket, as the kernel has them now. */
export function readUdpOptions(
  socket: Socket,
  family: 4 | 6,
  known: readonly OptionReading[],
): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return known
  const inet: readonly OptionName[] =
    family === 6
      ? ['IPV6_UNICAST_HOPS', 'IPV6_MULTICAST_HOPS', 'IPV6_MULTICAST_LOOP']
      : ['IP_TTL', 'IP_MULTICAST_TTL', 'IP_MULTICAST_LOOP']
  return reread(descriptor, ['SO_BROADCAST', 'SO_REUSEADDR', 'SO_RCVBUF', 'SO_SNDBUF', ...inet], known)
}
