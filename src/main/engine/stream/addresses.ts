import { type Server } from 'node:net'
import { type TcpEndpoint, type UnixEndpoint } from '../../../shared/model/endpoint'
import { inetPeerOf } from '../posix/peerName'
import { type InetAddress, type StreamHandle } from './internals'

export type StreamEndpoint = TcpEndpoint | UnixEndpoint

/** Whether it is an abstract name (unix(7)). They exist on Linux only; elsewhere `@name` is a file like any other. */
export function isAbstract(path: string): boolean {
  return process.platform === 'linux' && path.startsWith('@')
}

function inet(host: string, port: number): TcpEndpoint {
  return { kind: 'tcp', host, port }
}

/** A Unix socket that was never bound has no name. */
export const unnamed: UnixEndpoint = { kind: 'unix', path: '' }

/** getsockname(2) and getpeername(2) of an open connection. `asked` is what was dialled or listened on. */
export function addressesOf(
  handle: StreamHandle | null,
  asked: StreamEndpoint,
  by: 'local' | 'remote',
): { readonly local: StreamEndpoint; readonly remote: StreamEndpoint } {
  // Node tells no addresses of Unix sockets; the dialling side of one has no name, as Node never binds it.
  if (asked.kind === 'unix') {
    return by === 'local' ? { local: unnamed, remote: asked } : { local: asked, remote: unnamed }
  }
  return {
    // A listener on one address has given it to every connection; only a wildcard needs asking.
    local: by === 'remote' && !isWildcard(asked) ? asked : ask(handle, 'getsockname', asked),
    remote: peerOf(handle) ?? ask(handle, 'getpeername', asked),
  }
}

function peerOf(handle: StreamHandle | null): TcpEndpoint | null {
  const peer = handle === null ? null : inetPeerOf(handle.fd)
  return peer === null ? null : inet(peer.host, peer.port)
}

/** Port 0 of no address where the kernel does not tell: a caller that has reset the connection meanwhile has none any more. */
function ask(
  handle: StreamHandle | null,
  call: 'getsockname' | 'getpeername',
  asked: TcpEndpoint,
): TcpEndpoint {
  told.address = asked.host.includes(':') ? '::' : '0.0.0.0'
  told.port = 0
  handle?.[call]?.(told)
  return inet(told.address, told.port)
}

/** Filled in anew by each call: a new object for each would be most of its cost. */
const told: InetAddress & { family: string } = { address: '', family: '', port: 0 }

function isWildcard(endpoint: TcpEndpoint): boolean {
  return endpoint.host === '0.0.0.0' || endpoint.host === '::'
}

/** The address a server was given, with the real port. */
export function boundAddress(server: Server, asked: StreamEndpoint): StreamEndpoint {
  const address = server.address()
  return address === null || typeof address === 'string' ? asked : inet(address.address, address.port)
}
