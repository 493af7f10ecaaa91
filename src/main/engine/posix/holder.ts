import { readdir, readFile, readlink } from 'node:fs/promises'

/** Who holds a port, as far as this user may see. */
export interface Holder {
  readonly pid: number
  readonly program: string
}

/** Connection states in /proc/net/tcp (include/net/tcp_states.h); a bound UDP socket is in the state of a closed one. */
const LISTEN = '0A'
const UNCONNECTED = '07'

/**
 * Finds the process that listens on a TCP port, or is bound to a UDP port (proc(5), Linux only). Another user's process
 * cannot be seen without privileges. The port counts, not the address: they may overlap in many ways.
 * @returns null when it cannot be told
 */
export async function holderOf(kind: 'tcp' | 'udp', port: number): Promise<Holder | null> {
  if (process.platform !== 'linux') return null
  const inodes = new Set(
    (
      await Promise.all(
        [`/proc/net/${kind}`, `/proc/net/${kind}6`].map((table) => inodesIn(table, kind, port)),
      )
    ).flat(),
  )
  if (inodes.size === 0) return null
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || !(await holdsOneOf(pid, links))) continue
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return { pid: Number(pid), program: program.trim() }
  }
  return null
}

/** One socket a line: number, local address:port, remote address:port, state, …, inode as the tenth. */
async function inodesIn(table: string, kind: 'tcp' | 'udp', port: number): Promise<string[]> {
  const text = await readFile(table, 'utf8').catch(() => '') // no IPv6 here, or no /proc
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const isHeld = local.endsWith(`:${wanted}`) && state === (kind === 'tcp' ? LISTEN : UNCONNECTED)
    return isHeld && inode !== '0' ? [inode] : []
  })
}

async function holdsOneOf(pid: string, links: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => []) // another user's, or gone in between
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return targets.some((target) => links.has(target))
}
