import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { type Libc, libc } from './libc'
import { numbers } from './numbers'
import { type Address, decodeAddress, encodeAddress, MAX_ADDRESS_BYTES } from './sockaddr'

/** What a call returned: its value from 0 on, or minus the errno, as the kernel itself and libuv put it. */
export type Returned = number

/** An accepted connection, or a datagram, with its sender. */
export interface WithAddress {
  readonly returned: Returned
  /** Null on failure, and where the kernel gave none. */
  readonly address: Address | null
}

/**
 * The socket calls as they are (socket(2) and those that it refers to), on the thread that calls them: what blocks, blocks it.
 * Nothing is retried, nothing is hidden; EINTR comes back like any other errno.
 */
export interface Calls {
  socket(family: number, type: number, protocol: number): Returned
  bind(fd: number, address: Address): Returned
  listen(fd: number, backlog: number): Returned
  /** The new descriptor is closed on exec; non-blocking only if so asked (accept4(2)). */
  accept(fd: number, isNonBlocking: boolean): WithAddress
  connect(fd: number, address: Address): Returned
  /** connect(2) to AF_UNSPEC: a datagram socket has no peer any more. */
  disconnect(fd: number): Returned
  send(fd: number, bytes: Uint8Array, flags: number): Returned
  sendto(fd: number, bytes: Uint8Array, flags: number, address: Address): Returned
  /** Fills `into` from its beginning. */
  recv(fd: number, into: Uint8Array, flags: number): Returned
  recvfrom(fd: number, into: Uint8Array, flags: number): WithAddress
  shutdown(fd: number, how: number): Returned
  close(fd: number): Returned
  getsockname(fd: number): WithAddress
  getpeername(fd: number): WithAddress
  /** @returns how long the value is that was put into `into` */
  getsockopt(fd: number, level: number, name: number, into: Uint8Array): Returned
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): Returned
  /** Waits until one of the descriptors is ready. @param timeoutMs -1 for ever, 0 not at all */
  poll(watched: PollSet, timeoutMs: number): Returned
  setNonBlocking(fd: number, isNonBlocking: boolean): Returned
  isNonBlocking(fd: number): boolean
  /** pipe(2). @returns 0, with the reading and the writing end in `into` */
  pipe(into: Int32Array): Returned
  read(fd: number, into: Uint8Array): Returned
  write(fd: number, bytes: Uint8Array): Returned
  /** The same by ioctl(FIONBIO), in one system call. */
  ioctlNonBlocking(fd: number, isNonBlocking: boolean): Returned
  /** fcntl(F_DUPFD_CLOEXEC): another descriptor of the same socket, closed on exec. */
  duplicate(fd: number): Returned
  /** dup3(O_CLOEXEC): `onto` is closed and stands for the same as `fd` from then on, in one step. */
  duplicateOnto(fd: number, onto: number): Returned
}

/** The structures of poll(2): one of 8 bytes for each descriptor. */
export class PollSet {
  readonly length: number
  readonly words: Int32Array
  readonly #events: Int16Array

  constructor(length: number) {
    this.length = length
    this.words = new Int32Array(length * 2)
    this.#events = new Int16Array(this.words.buffer)
  }

  watch(at: number, fd: number, events: number): void {
    this.words[at * 2] = fd
    this.#events[at * 4 + 2] = events
    this.#events[at * 4 + 3] = 0
  }

  /** revents: what is ready, and what is wrong. */
  told(at: number): number {
    return this.#events[at * 4 + 3] ?? 0
  }
}

/** The name of the errno behind a negative return value. */
export function errnoName(returned: Returned): string {
  const name = getSystemErrorName(returned)
  // libuv, whose names these are, has none for those that it never sees, such as EINPROGRESS.
  return /^E[A-Z0-9]+$/.test(name) ? name : (namesOfErrnos.get(-returned) ?? name)
}

const namesOfErrnos = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

let bound: Calls | null | undefined

/** Null on systems that it does not know, and where koffi's library is not installed or does not load; callers then say what is missing. */
export function calls(): Calls | null {
  if (bound === undefined) {
    const library = numbers === null ? null : libc()
    bound = library === null ? null : bindAll(library)
  }
  return bound
}

/** koffi has NULL for memory of no length; the kernel is to be told where nothing lies, as any C program does. */
const nothing = new Uint8Array(1)
function pointable(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? nothing : bytes
}

type Native = (...values: unknown[]) => number

function bindAll(library: Libc): Calls {
  const call = (prototype: string): Native => {
    const native = library.func(prototype) as Native
    return (...values) => {
      const returned = native(...values)
      return returned < 0 ? -library.errnoNumber() : returned
    }
  }
  const isLinux = process.platform === 'linux'
  const socket = call('int socket(int domain, int type, int protocol)')
  const bind = call('int bind(int fd, const void *address, uint32_t length)')
  const listen = call('int listen(int fd, int backlog)')
  const accept4 = isLinux
    ? call('int accept4(int fd, void *address, void *length, int flags)')
    : call('int accept(int fd, void *address, void *length)')
  const connect = call('int connect(int fd, const void *address, uint32_t length)')
  // ssize_t is no type of koffi's.
  const send = call('long send(int fd, const void *bytes, size_t length, int flags)')
  const sendto = call(
    'long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)',
  )
  const recv = call('long recv(int fd, void *into, size_t length, int flags)')
  const recvfrom = call(
    'long recvfrom(int fd, void *into, size_t length, int flags, void *address, void *addressLength)',
  )
  const shutdown = call('int shutdown(int fd, int how)')
  const close = call('int close(int fd)')
  const getsockname = call('int getsockname(int fd, void *address, void *length)')
  const getpeername = call('int getpeername(int fd, void *address, void *length)')
  const getsockopt = call('int getsockopt(int fd, int level, int name, void *value, void *length)')
  const setsockopt = call('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)')
  const poll = call('int poll(void *set, unsigned long count, int timeout)')
  const fcntl = call('int fcntl(int fd, int command, ...)')
  const pipe = call('int pipe(void *into)')
  const read = call('long read(int fd, void *into, size_t length)')
  const write = call('long write(int fd, const void *bytes, size_t length)')

  const address = new Uint8Array(MAX_ADDRESS_BYTES)
  const length = new Uint32Array(1)
  const addressed = (act: () => Returned): WithAddress => {
    length[0] = MAX_ADDRESS_BYTES
    const returned = act()
    return { returned, address: returned < 0 ? null : decodeAddress(address, length[0] ?? 0) }
  }
  const { getFlags, setFlags, nonBlocking } = numbers?.fcntl ?? { getFlags: 0, setFlags: 0, nonBlocking: 0 }
  const flagsOf = (fd: number): Returned => fcntl(fd, getFlags)
  // F_SETFD and FD_CLOEXEC, which SOCK_CLOEXEC sets at once on Linux.
  const dup2 = isLinux ? call('int dup3(int fd, int onto, int flags)') : call('int dup2(int fd, int onto)')
  const ioctl = call('int ioctl(int fd, unsigned long request, ...)')
  // <asm-generic/ioctls.h>; <sys/filio.h> of macOS.
  const FIONBIO = isLinux ? 0x5421 : 0x8004667e
  const closeOnExec = (fd: number): Returned => (fd >= 0 && !isLinux ? fcntl(fd, 2, 'int', 1) : 0)
  const SOCK_CLOEXEC = isLinux ? 0o2000000 : 0

  const all: Calls = {
    socket(family, type, protocol) {
      const fd = socket(family, type | SOCK_CLOEXEC, protocol)
      closeOnExec(fd)
      return fd
    },
    bind(fd, to) {
      const bytes = encodeAddress(to)
      return bind(fd, bytes, bytes.length)
    },
    listen: (fd, backlog) => listen(fd, backlog),
    accept(fd, isNonBlocking) {
      const answer = addressed(() =>
        isLinux
          ? accept4(fd, address, length, SOCK_CLOEXEC | (isNonBlocking ? nonBlocking : 0))
          : accept4(fd, address, length),
      )
      closeOnExec(answer.returned)
      // BSD gives the new descriptor the listener's flags.
      if (!isLinux && answer.returned >= 0) all.setNonBlocking(answer.returned, isNonBlocking)
      return answer
    },
    connect(fd, to) {
      const bytes = encodeAddress(to)
      return connect(fd, bytes, bytes.length)
    },
    disconnect: (fd) => connect(fd, new Uint8Array(16), 16),
    send: (fd, bytes, flags) => send(fd, pointable(bytes), bytes.length, flags),
    sendto(fd, bytes, flags, to) {
      const encoded = encodeAddress(to)
      return sendto(fd, pointable(bytes), bytes.length, flags, encoded, encoded.length)
    },
    recv: (fd, into, flags) => recv(fd, into, into.length, flags),
    recvfrom: (fd, into, flags) => addressed(() => recvfrom(fd, into, into.length, flags, address, length)),
    shutdown: (fd, how) => shutdown(fd, how),
    close: (fd) => close(fd),
    getsockname: (fd) => addressed(() => getsockname(fd, address, length)),
    getpeername: (fd) => addressed(() => getpeername(fd, address, length)),
    getsockopt(fd, level, name, into) {
      length[0] = into.length
      const returned = getsockopt(fd, level, name, into, length)
      return returned < 0 ? returned : (length[0] ?? 0)
    },
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, value, value.length),
    poll: (watched, timeoutMs) => poll(watched.words, watched.length, timeoutMs),
    setNonBlocking(fd, isNonBlocking) {
      const flags = flagsOf(fd)
      if (flags < 0) return flags
      return fcntl(fd, setFlags, 'int', isNonBlocking ? flags | nonBlocking : flags & ~nonBlocking)
    },
    isNonBlocking: (fd) => (flagsOf(fd) & nonBlocking) !== 0,
    pipe: (into) => pipe(into),
    read: (fd, into) => read(fd, into, into.length),
    write: (fd, bytes) => write(fd, bytes, bytes.length),
    ioctlNonBlocking: (fd, isNonBlocking) =>
      ioctl(fd, FIONBIO, 'void *', Int32Array.of(isNonBlocking ? 1 : 0)),
    duplicate: (fd) => fcntl(fd, isLinux ? 1030 : 67, 'int', 0),
    duplicateOnto(fd, onto) {
      if (isLinux) return dup2(fd, onto, SOCK_CLOEXEC)
      const returned = dup2(fd, onto)
      closeOnExec(returned)
      return returned
    },
  }
  return all
}
