import { calls, type Calls } from '../posix/calls'
import { libc } from '../posix/libc'

/** The system calls by which the kernel tells of a socket. */
export interface KernelCalls extends Calls {
  /** @returns 0, or less where the kernel refuses */
  ioctl(fd: number, request: number, value: Int32Array): number
}

let bound: KernelCalls | null | undefined

/** Null on other systems than Linux, and where koffi's library does not load. */
export function kernelCalls(): KernelCalls | null {
  bound ??= bind()
  return bound
}

/** Why nothing can be read of the kernel here; undefined where it can. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux')
    return 'The kernel’s view rests on Linux: getsockopt(TCP_INFO), SO_MEMINFO and sock_diag(7). This system does not have them.'
  return kernelCalls() === null
    ? 'The kernel’s view needs the library koffi, which does not load here.'
    : undefined
}

function bind(): KernelCalls | null {
  const all = process.platform === 'linux' ? calls() : null
  const library = libc()
  if (all === null || library === null) return null
  // Of its variable arguments one is given, always a pointer.
  const ioctl = library.func('int ioctl(int fd, unsigned long request, void *value)')
  return { ...all, ioctl: ioctl as KernelCalls['ioctl'] }
}
