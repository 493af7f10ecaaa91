/** The numbers behind the names of the socket calls, which differ between systems. */
export interface Numbers {
  readonly families: Readonly<Record<Family, number>>
  readonly types: Readonly<Record<SocketType, number>>
  readonly sendAndReceive: Readonly<Partial<Record<MessageFlag, number>>>
  readonly shutdown: Readonly<Record<ShutdownSide, number>>
  readonly poll: {
    readonly in: number
    readonly out: number
    readonly error: number
    readonly hangUp: number
  }
  /** F_GETFL, F_SETFL and O_NONBLOCK of fcntl(2). */
  readonly fcntl: { readonly getFlags: number; readonly setFlags: number; readonly nonBlocking: number }
}

export const families = ['AF_INET', 'AF_INET6', 'AF_UNIX'] as const
export type Family = (typeof families)[number]

export const socketTypes = ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_SEQPACKET'] as const
export type SocketType = (typeof socketTypes)[number]

/** Flags of send(2) and recv(2) that a user may set. */
export const messageFlags = [
  'MSG_OOB',
  'MSG_PEEK',
  'MSG_DONTROUTE',
  'MSG_DONTWAIT',
  'MSG_WAITALL',
  'MSG_TRUNC',
  'MSG_MORE',
  'MSG_NOSIGNAL',
] as const
export type MessageFlag = (typeof messageFlags)[number]

export const shutdownSides = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'] as const
export type ShutdownSide = (typeof shutdownSides)[number]

const shutdown = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const
/** <poll.h>: the same on both systems. */
const poll = { in: 0x1, out: 0x4, error: 0x8, hangUp: 0x10 } as const

/** <bits/socket.h>, <bits/socket_type.h>, <asm-generic/fcntl.h>: the same on x64 and arm64, glibc and musl. */
const linux: Numbers = {
  families: { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 },
  types: { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_SEQPACKET: 5 },
  sendAndReceive: {
    MSG_OOB: 0x1,
    MSG_PEEK: 0x2,
    MSG_DONTROUTE: 0x4,
    MSG_TRUNC: 0x20,
    MSG_DONTWAIT: 0x40,
    MSG_WAITALL: 0x100,
    MSG_NOSIGNAL: 0x4000,
    MSG_MORE: 0x8000,
  },
  shutdown,
  poll,
  fcntl: { getFlags: 3, setFlags: 4, nonBlocking: 0o4000 },
}

/** <sys/socket.h> and <sys/fcntl.h> of macOS. */
const darwin: Numbers = {
  families: { AF_UNIX: 1, AF_INET: 2, AF_INET6: 30 },
  types: { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_SEQPACKET: 5 },
  sendAndReceive: {
    MSG_OOB: 0x1,
    MSG_PEEK: 0x2,
    MSG_DONTROUTE: 0x4,
    MSG_TRUNC: 0x10,
    MSG_WAITALL: 0x40,
    MSG_DONTWAIT: 0x80,
    MSG_NOSIGNAL: 0x80000,
  },
  shutdown,
  poll,
  fcntl: { getFlags: 3, setFlags: 4, nonBlocking: 0x4 },
}

/** Null where the POSIX layer cannot serve. */
export const numbers: Numbers | null =
  process.platform === 'linux' ? linux : process.platform === 'darwin' ? darwin : null

/** macOS puts the structure's length before the family (sys/socket.h); Linux has two bytes of family. */
export const hasLengthByte = process.platform === 'darwin'
