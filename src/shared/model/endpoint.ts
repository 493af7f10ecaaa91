import { type Fault, fault, type Reply } from './fault'
import { formatProtocol, parseProtocol } from './protocols'

/** What one can dial, listen on or bind. Hosts are kept as written, IPv6 without its brackets. */
export type Endpoint = TcpEndpoint | UdpEndpoint | UnixEndpoint | UnixgramEndpoint | RawEndpoint
/** Addresses with a port. */
export type InetEndpoint = TcpEndpoint | UdpEndpoint

export interface TcpEndpoint {
  readonly kind: 'tcp'
  readonly host: string
  /** 0 to 65535; 0 asks the kernel to choose. */
  readonly port: number
}
export interface UdpEndpoint {
  readonly kind: 'udp'
  readonly host: string
  readonly port: number
}
export type DatagramEndpoint = UdpEndpoint | UnixgramEndpoint | RawEndpoint
/** A path, or on Linux an abstract name, written with a leading `@` (unix(7)). An empty path is an unnamed socket. */
export interface UnixEndpoint {
  readonly kind: 'unix'
  readonly path: string
}

/**
 * A Unix datagram socket's: as with `unix`. An empty path asks for none: an unnamed socket sends, and nobody can send to it.
 * `@` alone asks the kernel for an abstract name of its choice (unix(7), autobind).
 */
export interface UnixgramEndpoint {
  readonly kind: 'unixgram'
  readonly path: string
}
/** A raw socket's (raw(7)): a host, and the protocol above IP that it sends and takes, 0 to 255. */
export interface RawEndpoint {
  readonly kind: 'raw'
  readonly host: string
  readonly protocol: number
}

const FORMS =
  'Write tcp://host:port, udp://host:port, unix:/path or unixgram:/path (Linux: unix:@name for an abstract name), or raw://host/protocol.'

/** sun_path holds 108 bytes with its closing NUL on Linux, 104 on macOS (unix(7)); an abstract name has no NUL at its end. */
export const MAX_UNIX_PATH_BYTES = 107

/**
 * Reads an address as people write it. `host:port` without a scheme is TCP.
 * Refuses with `SB_INPUT` (or `ENAMETOOLONG` for a Unix path over 107 bytes) and says which part is wrong.
 */
export function parseEndpoint(text: string): Reply<Endpoint> {
  const trimmed = text.trim()
  if (trimmed === '') return refuse(text, 'The address is empty.', FORMS)
  const scheme = /^(tcp|udp|unix|unixgram|raw):|^([a-z][a-z0-9+.-]*):\/\//i
    .exec(trimmed)?.[0]
    .replace(/:.*$/, '')
    .toLowerCase()
  switch (scheme) {
    case 'unix':
    case 'unixgram':
      return parseUnix(text, scheme, trimmed.slice(scheme.length + 1))
    case 'raw':
      return parseRaw(text, trimmed.slice(scheme.length + 1))
    case 'tcp':
    case 'udp':
      return parseInet(text, scheme, trimmed.slice(scheme.length + 1))
    case undefined:
      return parseInet(text, 'tcp', `//${trimmed}`)
    default:
      return refuse(text, `"${scheme}" is not a kind of socket that Switchboard knows.`, FORMS)
  }
}

function parseUnix(text: string, kind: 'unix' | 'unixgram', rest: string): Reply<Endpoint> {
  const path = rest.startsWith('///') ? rest.slice(2) : rest
  const mayBeUnnamed = kind === 'unixgram' && path !== '//'
  if (!mayBeUnnamed && (path === '' || path === '@' || path === '//'))
    return refuse(text, 'The path of the Unix socket is empty.', FORMS)
  if (path.includes('\0')) return refuse(text, 'A Unix socket path cannot contain a NUL byte.', FORMS)
  const tooLong = refuseLongPath(path, text)
  return tooLong === null ? { ok: true, value: { kind, path } } : { ok: false, fault: tooLong }
}

/** Why a Unix socket's path cannot be: it has more bytes than sun_path of unix(7) has room for. @param endpoint as it was given */
export function refuseLongPath(path: string, endpoint: string): Fault | null {
  const lengthBytes = new TextEncoder().encode(path).length
  if (lengthBytes <= MAX_UNIX_PATH_BYTES) return null
  return {
    code: 'ENAMETOOLONG',
    endpoint,
    summary: `The Unix socket path is ${lengthBytes} bytes long; the kernel takes at most ${MAX_UNIX_PATH_BYTES}.`,
    hint: 'Choose a shorter path, for example under /tmp.',
  }
}

function parseRaw(text: string, rest: string): Reply<Endpoint> {
  const parts = /^\/\/(?:\[([^\]]*)\]|([^/[\]]*))(?:\/([^/]*))?$/.exec(rest)
  const host = parts?.[1] ?? parts?.[2] ?? ''
  if (parts === null || host === '')
    return refuse(
      text,
      'The address of a raw socket has no host.',
      'Write raw://127.0.0.1/icmp, or raw://[::1]/ipv6-icmp.',
    )
  if (!isHost(host)) return refuse(text, `"${host}" is not a host name or an address.`, FORMS)
  if (parts[1] === undefined && host.includes(':'))
    return refuse(
      text,
      `"${host}" is an IPv6 address without brackets.`,
      `Write raw://[${host}]/${parts[3] ?? 'ipv6-icmp'}.`,
    )
  const protocol = parseProtocol(parts[3] ?? '')
  if (protocol !== null) return { ok: true, value: { kind: 'raw', host, protocol } }
  const hint =
    'Put a protocol number from 0 to 255 behind the host, or a name: icmp, igmp, tcp, udp, ipv6-icmp …'
  return parts[3] === undefined || parts[3] === ''
    ? refuse(text, `"${text}" has no protocol.`, hint)
    : refuse(
        text,
        `"${parts[3]}" is no protocol that Switchboard knows by name, and no number from 0 to 255.`,
        hint,
      )
}

function isHost(host: string): boolean {
  return !/[\s/?#@%]/.test(host.replace(/%[\w.-]+$/, ''))
}

function parseInet(text: string, kind: 'tcp' | 'udp', rest: string): Reply<Endpoint> {
  if (!rest.startsWith('//')) return refuse(text, `"${text}" lacks the // after ${kind}:.`, FORMS)
  const authority = rest.slice(2).replace(/\/$/, '')
  if (authority === '') return refuse(text, 'The address has no host and no port.', FORMS)
  const parts = authority.startsWith('[')
    ? /^\[([^\]]*)\](?::(.*))?$/.exec(authority)
    : /^([^:]*)(?::([^:]*))?$/.exec(authority)
  if (parts === null) {
    return refuse(
      text,
      `"${authority}" cannot be split into a host and a port.`,
      'Put an IPv6 address in brackets: tcp://[::1]:8060.',
    )
  }
  const host = parts[1] ?? ''
  const port = parts[2]
  if (port === undefined || port === '') {
    return refuse(
      text,
      `"${authority}" has no port.`,
      `Write ${formatEndpoint({ kind, host: host || '127.0.0.1', port: 8060 })}, or port 0 to let the kernel choose.`,
    )
  }
  if (host === '')
    return refuse(
      text,
      'The address has no host.',
      `Write ${kind}://127.0.0.1:${port} for this machine only.`,
    )
  if (!isHost(host)) return refuse(text, `"${host}" is not a host name or an address.`, FORMS)
  if (!/^[0-9]{1,9}$/.test(port) || Number(port) > 65535) {
    return refuse(
      text,
      `Port ${port} is not a whole number from 0 to 65535.`,
      'Ports are 16 bits wide; 0 lets the kernel choose one.',
    )
  }
  return { ok: true, value: { kind, host, port: Number(port) } }
}

function refuse(endpoint: string, summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { endpoint, hint }) }
}

/** Addresses in the file system, or in the kernel's list of abstract names. */
export function hasPath(endpoint: Endpoint): endpoint is UnixEndpoint | UnixgramEndpoint {
  return endpoint.kind === 'unix' || endpoint.kind === 'unixgram'
}

/** Addresses with a port. */
export function hasPort(endpoint: Endpoint): endpoint is InetEndpoint {
  return endpoint.kind === 'tcp' || endpoint.kind === 'udp'
}

/** Addresses of sockets that are bound, and send and take datagrams. */
export function isDatagramEndpoint(endpoint: Endpoint): endpoint is DatagramEndpoint {
  return endpoint.kind === 'udp' || endpoint.kind === 'unixgram' || endpoint.kind === 'raw'
}

export function isSameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return one.kind === other.kind && formatEndpoint(one) === formatEndpoint(other)
}

/** Where a socket is bound that will send to an address, and be answered: the kernel chooses the port, or the name. */
export function callerOf(to: DatagramEndpoint): DatagramEndpoint {
  if (to.kind === 'unixgram') return { kind: 'unixgram', path: '@' }
  const host = to.host.includes(':') ? '::' : '0.0.0.0'
  return to.kind === 'udp' ? { kind: 'udp', host, port: 0 } : { ...to, host }
}

/** The canonical spelling, that `parseEndpoint` reads back to the same value. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (hasPath(endpoint)) return `${endpoint.kind}:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  if (endpoint.kind === 'raw') return `raw://${host}/${formatProtocol(endpoint.protocol)}`
  return `${endpoint.kind}://${host}:${endpoint.port}`
}

/** True for an address of a group, 224.0.0.0/4 or ff00::/8: whoever listens there has to join it. */
export function isMulticast(host: string): boolean {
  const first = /^(\d+)\.\d+\.\d+\.\d+$/.exec(host)?.[1]
  return first === undefined ? /^ff[0-9a-f]{2}:/i.test(host) : Number(first) >= 224 && Number(first) < 240
}

/** True for what only this machine can reach. Host names other than localhost are not resolved here and count as not. */
export function isLoopback(endpoint: Endpoint): boolean {
  if (hasPath(endpoint)) return true
  const host = endpoint.host.toLowerCase()
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)
}
