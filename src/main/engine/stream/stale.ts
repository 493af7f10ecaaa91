import { type Stats } from 'node:fs'
import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Fault, fault, FaultError, type Reply } from '../../../shared/model/fault'
import { attemptLater } from '../fault'
import { isAbstract } from './addresses'

/** What answers when one connects to a path: somebody, nobody, or it cannot be told. */
type Answer = 'somebody' | 'nobody' | 'unknown'

/**
 * Whether somebody listens on a socket file, by the only sure way: connecting to it, and closing at once.
 * The kernel answers ECONNREFUSED where no socket is bound to the file any more (unix(7)).
 */
function probe(path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve('somebody')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // EAGAIN: the accept queue is full, so there is one. EPROTOTYPE: a datagram socket is bound there.
      const isSomebody = error.code === 'EAGAIN' || error.code === 'EPROTOTYPE'
      resolve(error.code === 'ECONNREFUSED' ? 'nobody' : isSomebody ? 'somebody' : 'unknown')
    })
  })
}

function kindOf(stats: Stats): string | null {
  if (stats.isSocket()) return null
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isFile()) return 'an ordinary file'
  return 'no socket'
}

/**
 * Says more of a listen, a bind or a dial that failed on a path: a folder or a file in the place, or a socket file that a dead
 * listener left behind, whose removal is then offered. Nothing is ever removed here.
 */
export async function explainPath(path: string, of: Fault): Promise<Fault> {
  const isPathTrouble =
    of.code === 'EADDRINUSE' || of.code === 'ECONNREFUSED' || of.code === 'ENOTSOCK' || of.code === 'EISDIR'
  if (!isPathTrouble || isAbstract(path)) return of
  const stats = await lstat(path).catch(() => null)
  if (stats === null) return of // gone in between: the fault stands as it is
  const other = kindOf(stats)
  if (other !== null) {
    return {
      ...of,
      summary: `${of.summary.slice(0, of.summary.lastIndexOf(' failed: '))} failed: ${path} is ${other}.`,
      hint:
        of.syscall === 'listen' || of.syscall === 'bind'
          ? 'A socket creates its own file. Choose a path where nothing is yet.'
          : 'Give the path of the socket file that the server created.',
    }
  }
  if ((await probe(path)) !== 'nobody') return of
  return {
    ...of,
    summary: `${of.summary.slice(0, -1)}, and nobody listens there any more: the file was left behind by a listener that died.`,
    hint: 'Remove the stale socket file, then try again.',
    remedy: { act: 'removeStaleSocket', path },
  }
}

/**
 * Removes a socket file that nobody listens on. Refuses anything else: a path that is no socket (a symbolic link included),
 * one of another user, one on which somebody listens. Between the check and the removal another program could still
 * bind the path anew; the kernel offers no way to close that gap.
 */
export async function removeStale(path: string): Promise<Reply<null>> {
  const endpoint = `unix:${path}`
  const refuse = (summary: string, hint?: string): never => {
    throw new FaultError(fault('SB_STATE', summary, { syscall: 'unlink', endpoint, hint }))
  }
  return attemptLater(
    async () => {
      if (isAbstract(path)) refuse(`${path} is an abstract name: there is no file to remove.`)
      const stats = await lstat(path)
      const other = kindOf(stats)
      if (other !== null) refuse(`${path} is ${other}, not a socket file; it was left alone.`)
      const user = process.getuid?.() ?? 0
      if (user !== 0 && stats.uid !== user) refuse(`${path} belongs to another user; it was left alone.`)
      const answer = await probe(path)
      if (answer === 'somebody')
        refuse(`Somebody listens on ${path}; it was left alone.`, 'Close that listener first.')
      if (answer === 'unknown')
        refuse(`Whether somebody listens on ${path} cannot be told; it was left alone.`)
      await unlink(path)
      return null
    },
    { endpoint, kind: 'unix' },
  )
}
