import { lookup } from 'node:dns/promises'
import { formatEndpoint, type RawEndpoint } from '../../../shared/model/endpoint'
import { fault, FaultError } from '../../../shared/model/fault'
import { type RawId } from '../../../shared/model/ids'
import { type UdpOptions } from '../../../shared/model/options'
import { formatProtocol, ICMP, ICMPV6, IP_HEADER_ALONE } from '../../../shared/model/protocols'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { type RawSummary } from '../../../shared/model/summary'
import { codeFault, toFault } from '../fault'
import { type Calls, errnoName } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Address } from '../posix/sockaddr'
import { Echoes } from './echoes'
import { type CommonSummary, type NativeEndpoint, type NativeFamily, type Opened } from './family'

/** Level and name of IP_HDRINCL (<linux/in.h>, <netinet/in.h> of macOS) and of IPV6_HDRINCL (<linux/in6.h>; macOS has none). */
const HEADER_INCLUDED = process.platform === 'darwin' ? { ipv4: [0, 2] } : { ipv4: [0, 3], ipv6: [41, 36] }

/** A raw socket (raw(7)) of IPv4 or IPv6, and one protocol above it. */
export class Raw implements NativeFamily {
  readonly kind = 'raw'
  /** Queues, memory and drops, as of any datagram socket. */
  readonly kernelKind = 'udp'
  readonly optionKind = 'raw'
  readonly id: RawId
  readonly #asked: RawEndpoint
  readonly #echoes: Echoes | null
  version: 4 | 6 = 4
  #isHeaderIncluded = false

  constructor(id: RawId, asked: RawEndpoint) {
    this.id = id
    this.#asked = asked
    this.#echoes = asked.protocol === ICMP || asked.protocol === ICMPV6 ? new Echoes() : null
  }

  async open(posix: Calls, options: UdpOptions, made: (descriptor: number) => void): Promise<Opened> {
    const endpoint = formatEndpoint(this.#asked)
    const { address, family } = await resolve(this.#asked, 0)
    this.version = family
    const { families, types } = numbers as NonNullable<typeof numbers>
    const { protocol } = this.#asked
    const descriptor = posix.socket(
      family === 6 ? families.AF_INET6 : families.AF_INET,
      types.SOCK_RAW,
      protocol,
    )
    if (descriptor < 0)
      throw new FaultError(codeFault(errnoName(descriptor), 'socket', { endpoint, kind: 'raw' }))
    const refuse = (returned: number, syscall: string): never => {
      posix.close(descriptor)
      throw new FaultError(codeFault(errnoName(returned), syscall, { endpoint, kind: 'raw' }))
    }
    // IPPROTO_RAW has it on by itself.
    this.#isHeaderIncluded = options.isHeaderIncluded ?? (protocol === IP_HEADER_ALONE && family === 4)
    if (options.isHeaderIncluded !== undefined) {
      const [level, name] = (family === 6 ? HEADER_INCLUDED.ipv6 : HEADER_INCLUDED.ipv4) ?? []
      const value = new Uint8Array(Int32Array.of(Number(options.isHeaderIncluded)).buffer)
      const returned = posix.setsockopt(descriptor, level ?? -1, name ?? -1, value)
      if (returned < 0) refuse(returned, 'setsockopt')
    }
    made(descriptor)
    const at: RawEndpoint = { kind: 'raw', host: address, protocol }
    const returned = posix.bind(descriptor, this.toAddress(at))
    if (returned < 0) refuse(returned, 'bind')
    const bound = posix.getsockname(descriptor).address
    return { descriptor, at: bound === null ? at : this.toEndpoint(bound) }
  }

  async target(to: NativeEndpoint): Promise<NativeEndpoint> {
    const raw = to as RawEndpoint
    const { protocol } = this.#asked
    if (raw.protocol !== protocol) {
      const summary = `${this.id} sends ${formatProtocol(protocol)} (protocol ${protocol}), and not ${formatProtocol(raw.protocol)}.`
      const to = formatEndpoint({ ...raw, protocol })
      throw new FaultError(
        fault('SB_INPUT', summary, {
          endpoint: formatEndpoint(raw),
          hint: `Send to ${to}, or bind a socket of that protocol.`,
        }),
      )
    }
    return { ...raw, host: (await resolve(raw, this.version)).address }
  }

  /** Raw addresses have no port; the kernel wants 0 there (ipv6(7)). */
  toAddress(to: NativeEndpoint): Address {
    const { host } = to as RawEndpoint
    return this.version === 6
      ? { family: 'AF_INET6', host: host.replace(/%.*$/s, ''), port: 0 }
      : { family: 'AF_INET', host, port: 0 }
  }

  toEndpoint(address: Address | null): RawEndpoint {
    const none = this.version === 6 ? '::' : '0.0.0.0'
    const host = address === null || address.family === 'AF_UNIX' ? none : address.host
    return { kind: 'raw', host, protocol: this.#asked.protocol }
  }

  /** IPv4 comes with its header, IPv6 without (raw(7), ipv6(7)). */
  hasIpHeader(direction: Direction): boolean {
    return direction === 'in' ? this.version === 4 : this.#isHeaderIncluded
  }

  passed(
    direction: Direction,
    bytes: Uint8Array,
    remote: NativeEndpoint,
    atNanos: number,
  ): SocketEvent | null {
    if (this.#echoes === null) return null
    const message = this.hasIpHeader(direction) ? behindIp(bytes, this.version) : bytes
    return this.#echoes.passed(direction, message, remote, atNanos)
  }

  released(): void {
    // Nothing of it is left anywhere.
  }

  summarise(common: CommonSummary): RawSummary {
    return { kind: 'raw', id: this.id, ...common, isHeaderIncluded: this.#isHeaderIncluded }
  }
}

/** What an IP header carries. */
function behindIp(packet: Uint8Array, version: 4 | 6): Uint8Array {
  return packet.subarray(version === 6 ? 40 : ((packet[0] ?? 0) & 15) * 4)
}

/** getaddrinfo(3) for names; addresses as they are. @param version 0: either */
async function resolve(to: RawEndpoint, version: 0 | 4 | 6): Promise<{ address: string; family: 4 | 6 }> {
  try {
    const { address, family } = await lookup(to.host, { family: version })
    return { address, family: family === 6 ? 6 : 4 }
  } catch (error) {
    throw new FaultError(toFault(error, { kind: 'raw', endpoint: formatEndpoint(to) }))
  }
}
