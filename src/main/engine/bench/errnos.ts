import { type Errno } from '../../../shared/model/bench'
import { libc } from '../posix/libc'
import { errnoNumber } from './protocols'

type Strerror = (errno: number) => string
let strerror: Strerror | null = null

/** An errno with the C library's own words for it, which Python and strace print too. */
export function errnoOf(code: string): Errno {
  strerror ??=
    (libc()?.func('const char *strerror(int errnum)') as Strerror | undefined) ?? ((errno) => String(errno))
  const number = errnoNumber(code)
  return { code, number, message: strerror(number) }
}
