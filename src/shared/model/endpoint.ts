import { fault, type Reply } from './fault'

/** What one can dial, listen on or bind. Hosts are kept as written, IPv6 without its brackets. */
export type Endpoint = TcpEndpoint | UdpEndpoint | UnixEndpoint

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
/** A path, or on Linux an abstract name, written with a leading `@` (unix(7)). An empty path is an unnamed socket. */
export interface UnixEndpoint {
  readonly kind: 'unix'
  readonly path: string
}

const FORMS = 'Write tcp://host:port, udp://host:port or unix:/path (Linux: unix:@name for an abstract name).'

/** sun_path holds 108 bytes with its closing NUL on Linux, 104 on macOS (unix(7)); an abstract name has no NUL at its end. */
export const MAX_UNIX_PATH_BYTES = 107

/**
 * Reads an address as people write it. `host:port` without a scheme is TCP.
 * Refuses with `SB_INPUT` (or `ENAMETOOLONG` for a Unix path over 107 bytes) and says which part is wrong.
 */
export function parseEndpoint(text: string): Reply<Endpoint> {
  const trimmed = text.trim()
  if (trimmed === '') return refuse(text, 'The address is empty.', FORMS)
  const scheme = /^(tcp|udp|unix):|^([a-z][a-z0-9+.-]*):\/\//i
    .exec(trimmed)?.[0]
    .replace(/:.*$/, '')
    .toLowerCase()
  switch (scheme) {
    case 'unix':
      return parseUnix(text, trimmed.slice('unix:'.length))
    case 'tcp':
    case 'udp':
      return parseInet(text, scheme, trimmed.slice(scheme.length + 1))
    case undefined:
      return parseInet(text, 'tcp', `//${trimmed}`)
    default:
      return refuse(text, `"${scheme}" is not a kind of socket that Switchboard knows.`, FORMS)
  }
}

function parseUnix(text: string, rest: string): Reply<Endpoint> {
  const path = rest.startsWith('///') ? rest.slice(2) : rest
  if (path === '' || path === '@' || path === '//')
    return refuse(text, 'The path of the Unix socket is empty.', FORMS)
  if (path.includes('\0')) return refuse(text, 'A Unix socket path cannot contain a NUL byte.', FORMS)
  const lengthBytes = new TextEncoder().encode(path).length
  if (lengthBytes > MAX_UNIX_PATH_BYTES) {
    return {
      ok: false,
      fault: {
        code: 'ENAMETOOLONG',
        syscall: 'bind',
        endpoint: text,
        summary: `The Unix socket path is ${lengthBytes} bytes long; the kernel takes at most ${MAX_UNIX_PATH_BYTES}.`,
        hint: 'Choose a shorter path, for example under /tmp.',
      },
    }
  }
  return { ok: true, value: { kind: 'unix', path } }
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
  if (/[\s/?#@%]/.test(host.replace(/%[\w.-]+$/, '')))
    return refuse(text, `"${host}" is not a host name or an address.`, FORMS)
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

/** The canonical spelling, that `parseEndpoint` reads back to the same value. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.kind}://${host}:${endpoint.port}`
}

/** True for what only this machine can reach. Host names other than localhost are not resolved here and count as not. */
export function isLoopback(endpoint: Endpoint): boolean {
  if (endpoint.kind === 'unix') return true
  const host = endpoint.host.toLowerCase()
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)
}
