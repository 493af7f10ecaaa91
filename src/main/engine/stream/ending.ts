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

/**
 * Calls `expired` once `lingerMs` have passed without progress; `progress` answers a number that grows with it.
 * @returns a function that stops it
 */
export function linger(lingerMs: number, progress: () => number, expired: () => void): () => void {
  let seen = progress()
  let timer = setTimeout(check, lingerMs)
  function check(): void {
    const now = progress()
    if (now === seen) {
      expired()
      return
    }
    seen = now
    timer = setTimeout(check, lingerMs)
  }
  return () => clearTimeout(timer)
}
