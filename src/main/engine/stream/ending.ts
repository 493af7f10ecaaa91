import { type Ending, type Side } from '../../../shared/model/state'

/**
 * What an errno on an open connection says of its end.
 * tcp(7): after a reset the first call gets ECONNRESET, or EPIPE when the peer's FIN had come before; later writes get EPIPE.
 * unix(7): there is no RST; ECONNRESET tells that the peer closed with our data unread, EPIPE that it closed.
 */
export function endingOf(code: string, kind: 'tcp' | 'unix'): { readonly how: Ending; readonly by: Side } {
  switch (code) {
    case 'ECONNRESET':
      return { how: 'reset', by: 'remote' }
    case 'EPIPE':
      return { how: kind === 'tcp' ? 'reset' : 'error', by: 'remote' }
    case 'ETIMEDOUT':
      // Our kernel gave up on a silent peer.
      return { how: 'timeout', by: 'local' }
    default:
      return { how: 'error', by: 'local' }
  }
}

/** What a closing connection still waits for. */
export interface Remaining {
  /** Bytes that we have and the kernel has not taken. */
  readonly queuedBytes: number
  /** Bytes that the kernel has taken and the peer has not acknowledged (our FIN counts as one). */
  readonly unacknowledgedBytes: number
}

/**
 * A peer that takes nothing of what is on its way is given so many times `lingerMs`: over a slow line with large buffers
 * acknowledgements come late.
 */
const STALL_TIMES = 10

/**
 * Calls `expired` once nothing has moved for `lingerMs`, or for ten times that while something is still on its way.
 * @returns a function that stops it
 */
export function linger(lingerMs: number, look: () => Remaining, expired: () => void): () => void {
  let seen = Infinity
  let idle = 0
  const timer = setInterval(() => {
    const { queuedBytes, unacknowledgedBytes } = look()
    const remaining = queuedBytes + unacknowledgedBytes
    idle = remaining < seen && seen !== Infinity ? 0 : idle + 1
    seen = remaining
    if (idle < (remaining === 0 ? 1 : STALL_TIMES)) return
    clearInterval(timer)
    expired()
  }, lingerMs)
  return () => clearInterval(timer)
}

/** How often a connection that nobody reads any more is asked whether it still stands. */
const WATCH_MS = 200

/**
 * After the peer's FIN libuv no longer polls a stream, so that an RST that follows goes unseen, while the kernel's socket is
 * gone. Asks now and then, and calls `broken` with the errno's name once there is one.
 * @returns a function that stops it
 */
export function watchForEnd(untoldError: () => string | null, broken: (code: string) => void): () => void {
  const timer = setInterval(() => {
    const code = untoldError()
    if (code === null) return
    clearInterval(timer)
    broken(code)
  }, WATCH_MS).unref()
  return () => clearInterval(timer)
}
