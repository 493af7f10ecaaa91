import { calls, errnoName } from './calls'
import { libc } from './libc'

/** From <asm-generic/socket.h>; socket(7). */
const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const SO_DETACH_FILTER = 27
/** BPF_RET | BPF_K of <linux/bpf_common.h>, with k = 0: of every packet nothing is let in. */
const DROP_ALL = Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0)
/** sizeof(struct sock_fprog) on 64 bits. */
const PROGRAM_BYTES = 16

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
 * before TCP or UDP see it, so that nothing is acknowledged. What the socket sends goes out as always. Linux alone; needs no
 * privilege (socket(7), SO_ATTACH_FILTER).
 * @returns null when done, else the errno's name
 */
export function setUnplugged(fd: number, isUnplugged: boolean): string | null {
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

function bindAttach(): AttachFilter | null {
  const library = process.platform === 'linux' ? libc() : null
  if (library === null) return null
  library.struct('sock_fprog', { len: 'uint16', filter: 'void *' })
  return library.func(
    'int setsockopt(int fd, int level, int name, const sock_fprog *program, uint32_t length)',
  ) as AttachFilter
}
