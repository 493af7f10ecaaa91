import { type Socket } from 'node:dgram'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { fulfilAll, type NodeCalls } from '../posix/asks'
import { descriptorOf } from './internals'

/** Sets what is asked and reads each back from the kernel (ip(7), ipv6(7), socket(7)). */
export function setUdpOptions(socket: Socket, family: 4 | 6, asked: UdpOptions): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return []
  return fulfilAll(descriptor, asksOf(asked, 'udp', family), nodeCalls(socket, family, asked))
}

function nodeCalls(socket: Socket, family: 4 | 6, asked: UdpOptions): NodeCalls {
  const { broadcast, ttl, multicastTtl, multicastLoopback, receiveBufferBytes, sendBufferBytes } = asked
  const [ttlName, groupTtlName, loopName] =
    family === 6
      ? (['IPV6_UNICAST_HOPS', 'IPV6_MULTICAST_HOPS', 'IPV6_MULTICAST_LOOP'] as const)
      : (['IP_TTL', 'IP_MULTICAST_TTL', 'IP_MULTICAST_LOOP'] as const)
  return {
    SO_BROADCAST: () => socket.setBroadcast(broadcast ?? false),
    SO_RCVBUF: () => socket.setRecvBufferSize(receiveBufferBytes ?? 0),
    SO_SNDBUF: () => socket.setSendBufferSize(sendBufferBytes ?? 0),
    [ttlName]: () => socket.setTTL(ttl ?? 0),
    [groupTtlName]: () => socket.setMulticastTTL(multicastTtl ?? 0),
    [loopName]: () => socket.setMulticastLoopback(multicastLoopback ?? true),
  }
}
