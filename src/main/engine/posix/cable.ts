import { calls, errnoName } from './calls'
import { libc } from './libc'
import { encodeAddress, MAX_ADDRESS_BYTES } from './sockaddr'

/** From <asm-generic/socket.h>; socket(7). */
const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const SO_DETACH_FILTER = 27
/** BPF_RET | BPF_K of <linux/bpf_common.h>, with k = 0: of every packet nothing is let in. */
const DROP_ALL = Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0)
/** sizeof(struct sock_fprog) on 64 bits. */
const PROGRAM_BYTES = 16
/** From <netinet/tcp.h>; struct tcp_md5sig: the peer's address, flags and prefix, the key's length, an interface, the key (tcp(7)). */
const IPPROTO_TCP = 6
const TCP_MD5SIG = 14
const SIGNATURE_BYTES = 216
const KEY_LENGTH_AT = MAX_ADDRESS_BYTES + 2
const KEY_AT = MAX_ADDRESS_BYTES + 8
/** Nobody else has it: that is all that it is for. */
const KEY = new TextEncoder().encode('unplugged')

/** The filter throws away what comes in. The key does that too, and the other side throws away what goes out. */
export const cableWays = ['filter', 'key'] as const
export type CableWay = (typeof cableWays)[number]

type AttachFilter = (
  fd: number,
  level: number,
  name: number,
  program: { len: number; filter: Uint8Array },
  length: number,
) => number

let attach: AttachFilter | null | undefined

/**
 * Pulls a socket's cable out, or puts it in again: while it is out the kernel throws away every packet that comes for this socket
 * before TCP or UDP see it, so that nothing is acknowledged. Linux alone. Where a filter for TCP is a privilege (CAP_NET_ADMIN;
 * kernels differ), the socket is told to take nothing from its peer but what is signed with a key that the peer does not have.
 * @param ways those that are tried, in this order
 * @returns null when done, else the errno's name
 */
export function setUnplugged(
  fd: number,
  isUnplugged: boolean,
  ways: readonly CableWay[] = cableWays,
): string | null {
  let errno: string | null = 'ENOSYS'
  for (const way of ways) {
    errno = way === 'filter' ? setFilter(fd, isUnplugged) : setKey(fd, isUnplugged)
    if (errno === null || !(isUnplugged ? errno === 'EPERM' : errno === 'ENOENT')) return errno
  }
  return errno
}

/** socket(7), SO_ATTACH_FILTER. What the socket sends goes out as always. */
function setFilter(fd: number, isUnplugged: boolean): string | null {
  const posix = calls()
  attach ??= bindAttach()
  if (posix === null || attach === null) return 'ENOSYS'
  if (!isUnplugged) {
    const returned = posix.setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, new Uint8Array(4))
    return returned < 0 ? errnoName(returned) : null
  }
  const returned = attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, { len: 1, filter: DROP_ALL }, PROGRAM_BYTES)
  return returned < 0 ? (libc()?.errno() ?? 'ENOSYS') : null
}

/** tcp(7), TCP_MD5SIG (RFC 2385): what has no signature is dropped as it comes in; a peer without the key drops what has one. */
function setKey(fd: number, isUnplugged: boolean): string | null {
  const posix = calls()
  if (posix === null || process.platform !== 'linux') return 'ENOSYS'
  const { returned: named, address: peer } = posix.getpeername(fd)
  if (named < 0) return errnoName(named)
  if (peer === null || peer.family === 'AF_UNIX') return 'EOPNOTSUPP'
  const value = Buffer.alloc(SIGNATURE_BYTES)
  encodeAddress({ ...peer, port: 0 }).copy(value)
  if (isUnplugged) {
    const words = new DataView(value.buffer, value.byteOffset)
    words.setUint16(KEY_LENGTH_AT, KEY.length, true)
    value.set(KEY, KEY_AT)
  }
  const returned = posix.setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, value)
  return returned < 0 ? errnoName(returned) : null
}

function bindAttach(): AttachFilter | null {
  const library = process.platform === 'linux' ? libc() : null
  if (library === null) return null
  library.struct('sock_fprog', { len: 'uint16', filter: 'void *' })
  return library.func(
    'int setsockopt(int fd, int level, int name, const sock_fprog *program, uint32_t length)',
  ) as AttachFilter
}
