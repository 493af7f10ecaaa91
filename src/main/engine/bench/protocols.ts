import { constants } from 'node:os'
import { type BenchFamily, type BenchProtocol } from '../../../shared/model/bench'

/** <netinet/in.h>: the same on both systems. */
const protocols: Readonly<Record<BenchProtocol, number>> = {
  '0': 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_ICMPV6: 58,
  IPPROTO_RAW: 255,
}

export function protocolNumber(protocol: BenchProtocol): number {
  return protocols[protocol]
}

/** As strace prints it. */
export function protocolText(family: BenchFamily, protocol: BenchProtocol): string {
  if (protocol !== '0') return family === 'AF_UNIX' ? String(protocols[protocol]) : protocol
  return family === 'AF_UNIX' ? '0' : 'IPPROTO_IP'
}

/** The number of an errno by its name, on this system. */
export function errnoNumber(code: string): number {
  return (constants.errno as Readonly<Record<string, number>>)[code] ?? 0
}
