import { type OptionName } from '../../../shared/model/socketOptions'
import { calls } from './calls'
import { type Libc, libc } from './libc'
import { readOption, writeOption } from './optionValues'

/** Options that are one number, and what else a descriptor can be asked. */
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
/** SOL_SOCKET and SO_NWRITE of <sys/socket.h> of macOS. */
const SO_NWRITE = [0xffff, 0x1024] as const

type Ioctl = (fd: number, request: number, type: string, value: number[]) => number
let loaded: Sockopt | null | undefined

/**
 * The kernel's own view of options, which Node cannot read back. Null on systems whose constants are not known here,
 * and where koffi's library is not installed or does not load; callers then say that the value cannot be read.
 */
export function sockopt(): Sockopt | null {
  if (loaded === undefined) {
    const library = libc()
    loaded = library === null || calls() === null ? null : bind(library)
  }
  return loaded
}

function bind(library: Libc): Sockopt {
  const ioctl = library.func('int ioctl(int fd, unsigned long request, ...)') as Ioctl
  return {
    get(descriptor, option) {
      const found = readOption(descriptor, option)
      if (found === null) return 'ENOSYS'
      return typeof found === 'object' && 'errno' in found ? found.errno : Number(found)
    },
    unacknowledgedBytes(descriptor) {
      if (process.platform === 'linux') {
        const answer = [0]
        return ioctl(descriptor, SIOCOUTQ, '_Out_ int *', answer) === 0 ? (answer[0] ?? 0) : 0
      }
      const number = new Int32Array(1)
      const bytes = new Uint8Array(number.buffer)
      return (calls()?.getsockopt(descriptor, ...SO_NWRITE, bytes) ?? -1) >= 0 ? (number[0] ?? 0) : 0
    },
    set: (descriptor, option, value) => writeOption(descriptor, option, value),
  }
}
