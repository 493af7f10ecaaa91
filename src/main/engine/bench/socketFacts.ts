import { type BenchFamily, type BenchSocketState, type BenchType } from '../../../shared/model/bench'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type Calls } from '../posix/calls'
import { type Address } from '../posix/sockaddr'

const isLinux = process.platform === 'linux'
const [SOL_SOCKET, SO_ACCEPTCONN, SO_LINGER] = isLinux ? [1, 30, 13] : [0xffff, 0x0002, 0x0080]
/** TCP_INFO of <linux/tcp.h>: its first byte is the state. */
const TCP_INFO = [6, 11] as const
/** <net/tcp_states.h>. */
const tcpStates = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
]

/** What a socket of a bench was made as. */
export interface SocketKind {
  readonly family: BenchFamily
  readonly type: BenchType
  /** Its number; 0 is what goes with the type. */
  readonly protocol: number
}

/** The kind of endpoint that its addresses are. */
export function endpointKindOf({ family, type }: SocketKind): Endpoint['kind'] {
  if (type === 'SOCK_STREAM') return family === 'AF_UNIX' ? 'unix' : 'tcp'
  if (family === 'AF_UNIX') return 'unixgram'
  return type === 'SOCK_RAW' ? 'raw' : 'udp'
}

/** The endpoint that an address of such a socket is. */
export function endpointOf(address: Address, of: SocketKind): Endpoint {
  const kind = endpointKindOf(of)
  if (address.family === 'AF_UNIX') {
    return { kind: kind === 'unixgram' ? 'unixgram' : 'unix', path: address.path }
  }
  const { host, port } = address
  if (kind === 'raw') return { kind, host, protocol: of.protocol }
  return { kind: kind === 'tcp' ? 'tcp' : 'udp', host, port }
}

function isUnbound(address: Address | null): boolean {
  if (address === null) return true
  return address.family === 'AF_UNIX' ? address.path === '' : address.port === 0
}

function word(posix: Calls, fd: number, level: number, option: number): number {
  const bytes = new Uint8Array(4)
  return posix.getsockopt(fd, level, option, bytes) < 0 ? 0 : (new Int32Array(bytes.buffer)[0] ?? 0)
}

/** What the kernel tells of a socket: nothing here is remembered. */
export interface SocketFacts {
  readonly state: BenchSocketState
  readonly kernel: string
}

export function factsOf(posix: Calls, fd: number, of: SocketKind): SocketFacts {
  const { family, type } = of
  const own = posix.getsockname(fd).address
  const peer = posix.getpeername(fd)
  const isStream = type === 'SOCK_STREAM'
  const kernel = isStream && family !== 'AF_UNIX' ? tcpState(posix, fd) : ''
  const at = own === null ? null : endpointOf(own, of)
  if (at === null) return { state: { phase: 'made' }, kernel }
  if (isStream && word(posix, fd, SOL_SOCKET, SO_ACCEPTCONN) !== 0) {
    return { state: { phase: 'listening', at }, kernel: kernel === '' ? 'LISTEN' : kernel }
  }
  const remote = peer.returned < 0 ? null : endpointOf(peer.address ?? unnamed, of)
  if (isStream && remote !== null) return { state: { phase: 'open', local: at, remote }, kernel }
  if (remote === null && isUnbound(own)) return { state: { phase: 'made' }, kernel }
  return { state: { phase: 'bound', at, peer: remote }, kernel }
}

const unnamed: Address = { family: 'AF_UNIX', path: '' }

function tcpState(posix: Calls, fd: number): string {
  if (!isLinux) return ''
  const info = new Uint8Array(8)
  return posix.getsockopt(fd, ...TCP_INFO, info) < 0 ? '' : (tcpStates[info[0] ?? 0] ?? '')
}

/** Whether closing sends RST and not FIN: what came has not been read, or SO_LINGER is 0 (tcp(7), RFC 2525 section 2.17). */
export function closesByReset(posix: Calls, fd: number): boolean {
  const linger = new Int32Array(2)
  const bytes = new Uint8Array(linger.buffer)
  if (posix.getsockopt(fd, SOL_SOCKET, SO_LINGER, bytes) === 8 && linger[0] !== 0 && linger[1] === 0)
    return true
  return posix.recv(fd, new Uint8Array(1), PEEK_AT_ONCE) > 0
}
/** MSG_PEEK and MSG_DONTWAIT. */
const PEEK_AT_ONCE = isLinux ? 0x42 : 0x82
