import { type Libc, libc } from './libc'

/** Options by their names in socket(7), tcp(7), ip(7) and ipv6(7). */
export type OptionName =
  | 'SO_RCVBUF'
  | 'SO_SNDBUF'
  | 'SO_KEEPALIVE'
  | 'SO_BROADCAST'
  | 'SO_REUSEADDR'
  | 'SO_ERROR'
  | 'TCP_NODELAY'
  | 'TCP_KEEPIDLE'
  | 'IP_TTL'
  | 'IP_MULTICAST_TTL'
  | 'IP_MULTICAST_LOOP'
  | 'IPV6_UNICAST_HOPS'
  | 'IPV6_MULTICAST_HOPS'
  | 'IPV6_MULTICAST_LOOP'
  | 'IPV6_V6ONLY'

type Constants = Readonly<Record<OptionName, readonly [level: number, name: number]>>

/** From <asm-generic/socket.h>, <linux/tcp.h>, <linux/in.h>, <linux/in6.h>: the same on x64 and arm64, glibc and musl. */
const linux: Constants = {
  SO_REUSEADDR: [1, 2],
  SO_ERROR: [1, 4],
  SO_BROADCAST: [1, 6],
  SO_SNDBUF: [1, 7],
  SO_RCVBUF: [1, 8],
  SO_KEEPALIVE: [1, 9],
  TCP_NODELAY: [6, 1],
  TCP_KEEPIDLE: [6, 4],
  IP_TTL: [0, 2],
  IP_MULTICAST_TTL: [0, 33],
  IP_MULTICAST_LOOP: [0, 34],
  IPV6_UNICAST_HOPS: [41, 16],
  IPV6_MULTICAST_HOPS: [41, 18],
  IPV6_MULTICAST_LOOP: [41, 19],
  IPV6_V6ONLY: [41, 26],
}

/** From <sys/socket.h>, <netinet/tcp.h>, <netinet/in.h> and <netinet6/in6.h> of macOS; TCP_KEEPIDLE is called TCP_KEEPALIVE there. */
const darwin: Constants = {
  SO_REUSEADDR: [0xffff, 0x0004],
  SO_ERROR: [0xffff, 0x1007],
  SO_BROADCAST: [0xffff, 0x0020],
  SO_SNDBUF: [0xffff, 0x1001],
  SO_RCVBUF: [0xffff, 0x1002],
  SO_KEEPALIVE: [0xffff, 0x0008],
  TCP_NODELAY: [6, 0x01],
  TCP_KEEPIDLE: [6, 0x10],
  IP_TTL: [0, 4],
  IP_MULTICAST_TTL: [0, 10],
  IP_MULTICAST_LOOP: [0, 11],
  IPV6_UNICAST_HOPS: [41, 4],
  IPV6_MULTICAST_HOPS: [41, 10],
  IPV6_MULTICAST_LOOP: [41, 11],
  IPV6_V6ONLY: [41, 27],
}

/** getsockopt(2) and setsockopt(2) on a descriptor, for options that are one number. */
export interface Sockopt {
  /** The value, or the errno's name. */
  get(descriptor: number, option: OptionName): number | string
  /** Bytes of a stream that the kernel has taken and the peer has not acknowledged; for a Unix socket: has not read. 0 if unknown. */
  unacknowledgedBytes(descriptor: number): number
  /** Null when done, else the errno's name. */
  set(descriptor: number, option: OptionName, value: number): string | null
}

/** SIOCOUTQ of <linux/sockios.h>; its value is TIOCOUTQ of <asm-generic/ioctls.h>. See tcp(7) and unix(7). */
const SIOCOUTQ = 0x5411
/** SO_NWRITE of <sys/socket.h> of macOS. */
const SO_NWRITE = 0x1024

type Ioctl = (fd: number, request: number, type: string, value: number[]) => number
type Getsockopt = (fd: number, level: number, name: number, value: Uint8Array, length: number[]) => number
type Setsockopt = (fd: number, level: number, name: number, value: Uint8Array, length: number) => number
let loaded: Sockopt | null | undefined

/**
 * The kernel's own view of options, which Node cannot read back. Null on systems whose constants are not known here,
 * and where koffi's library is not installed or does not load; callers then say that the value cannot be read.
 */
export function sockopt(): Sockopt | null {
  loaded ??= load()
  return loaded
}

function load(): Sockopt | null {
  const constants = process.platform === 'linux' ? linux : process.platform === 'darwin' ? darwin : null
  const library = constants === null ? null : libc()
  return constants === null || library === null ? null : bind(library, constants)
}

function bind(library: Libc, constants: Constants): Sockopt {
  const getsockopt = library.func(
    'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)',
  ) as Getsockopt
  const setsockopt = library.func(
    'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
  ) as Setsockopt
  const ioctl = library.func('int ioctl(int fd, unsigned long request, ...)') as Ioctl
  const bytes = new Uint8Array(4)
  const number = new Int32Array(bytes.buffer)
  const length = [4]
  return {
    get(descriptor, option) {
      const [level, name] = constants[option]
      number[0] = 0
      length[0] = 4
      if (getsockopt(descriptor, level, name, bytes, length) !== 0) return library.errno()
      // macOS answers one byte for IP_MULTICAST_TTL and IP_MULTICAST_LOOP.
      return (length[0] === 1 ? bytes[0] : number[0]) ?? 0
    },
    unacknowledgedBytes(descriptor) {
      if (process.platform === 'linux') {
        const answer = [0]
        return ioctl(descriptor, SIOCOUTQ, '_Out_ int *', answer) === 0 ? (answer[0] ?? 0) : 0
      }
      number[0] = 0
      length[0] = 4
      return getsockopt(descriptor, constants.SO_ERROR[0], SO_NWRITE, bytes, length) === 0
        ? (number[0] ?? 0)
        : 0
    },
    set(descriptor, option, value) {
      const [level, name] = constants[option]
      number[0] = value
      return setsockopt(descriptor, level, name, bytes, 4) === 0 ? null : library.errno()
    },
  }
}
