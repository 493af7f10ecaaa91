import { calls, errnoName } from './calls'
import { numbers } from './numbers'

/** A call that failed: its errno's name and its own. */
export interface Refusal {
  readonly code: string
  readonly syscall: string
}

/**
 * A stream socket that is bound or connected to an abstract name (unix(7)), as a descriptor for Node to open.
 * The libuv of Node 20 hands the kernel the whole `sun_path`, so that the zeros behind the name become part of it, and
 * nobody who uses the name alone gets through; here the address ends where the name does. Abstract names exist on Linux only.
 * @param name without the NUL in front
 * @returns the descriptor; a refusal; or null where the C library cannot be called
 */
export function openAbstract(name: string, act: 'bind' | 'connect'): number | Refusal | null {
  const posix = calls()
  if (posix === null || numbers === null || process.platform !== 'linux') return null
  const fd = posix.socket(numbers.families.AF_UNIX, numbers.types.SOCK_STREAM, 0)
  if (fd < 0) return { code: errnoName(fd), syscall: 'socket' }
  posix.setNonBlocking(fd, true)
  // A Unix connect is done at once, non-blocking or not; EAGAIN tells that the accept queue is full.
  const returned = posix[act](fd, { family: 'AF_UNIX', path: `@${name}` })
  if (returned === 0) return fd
  posix.close(fd)
  return { code: errnoName(returned), syscall: act }
}
