import { type Libc, libc } from './libc'

/** From <bits/socket.h> of Linux; abstract names exist there only. */
const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000

type Socket = (domain: number, type: number, protocol: number) => number
type Named = (fd: number, address: Uint8Array, length: number) => number
type Close = (fd: number) => number

/** A call that failed: its errno's name and its own. */
export interface Refusal {
  readonly code: string
  readonly syscall: string
}

/**
 * A stream socket that is bound or connected to an abstract name (unix(7)), as a descriptor for Node to open.
 * The libuv of Node 20 hands the kernel the whole `sun_path`, so that the zeros behind the name become part of it, and
 * nobody who uses the name alone gets through; here the address ends where the name does.
 * @param name without the NUL in front
 * @returns the descriptor; a refusal; or null where the C library cannot be called
 */
export function openAbstract(name: string, act: 'bind' | 'connect'): number | Refusal | null {
  calls ??= load()
  if (calls === null) return null
  const fd = calls.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (fd < 0) return { code: calls.errno(), syscall: 'socket' }
  const address = Buffer.concat([Buffer.from(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`\0${name}`)])
  // A Unix connect is done at once, non-blocking or not; EAGAIN tells that the accept queue is full.
  if (calls[act](fd, address, address.length) === 0) return fd
  const code = calls.errno()
  calls.close(fd)
  return { code, syscall: act }
}

interface Calls {
  readonly socket: Socket
  readonly bind: Named
  readonly connect: Named
  readonly close: Close
  errno(): string
}

let calls: Calls | null | undefined

function load(): Calls | null {
  const library = libc()
  return library === null ? null : bindCalls(library)
}

function bindCalls(library: Libc): Calls {
  return {
    socket: library.func('int socket(int domain, int type, int protocol)') as Socket,
    bind: library.func('int bind(int fd, const uint8_t *address, uint32_t length)') as Named,
    connect: library.func('int connect(int fd, const uint8_t *address, uint32_t length)') as Named,
    close: library.func('int close(int fd)') as Close,
    errno: () => library.errno(),
  }
}
