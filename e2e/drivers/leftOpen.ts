import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type App } from './app'

/** What a program holds of the system: its sockets (ss(8)), its processes, and the folders that it made for the time being. */
export interface Held {
  readonly sockets: readonly string[]
  readonly processes: readonly string[]
  readonly folders: readonly string[]
}

/** @param temporary where the program makes its temporary folders */
export async function heldBy(app: App, temporary: string): Promise<Held> {
  const pids = await familyOf(app.electron.process().pid ?? 0)
  const { stdout } = await promisify(execFile)('ss', ['-Hanptuwx'])
  const own = stdout
    .split('\n')
    .filter((line) => [...line.matchAll(/pid=(\d+)/g)].some(([, pid]) => pids.has(Number(pid))))
  return {
    // Chromium's processes speak with each other over pairs that have no name.
    sockets: own.flatMap((line) => {
      const [kind = '', state = '', , , local = '', remote = ''] = line.split(/\s+/)
      return kind.startsWith('u_') && local.startsWith('*') ? [] : [`${kind} ${state} ${local} ${remote}`]
    }),
    processes: await othersOf(pids),
    folders: (await readdir(temporary)).filter((name) => name.startsWith('swb-')),
  }
}

/** A process with all that it has begun, and they. */
async function familyOf(root: number): Promise<ReadonlySet<number>> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = / \S (\d+) /.exec(stat.slice(stat.lastIndexOf(')')))?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const family = new Set([root])
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid)
  }
  return family
}

/** Those that are not Chromium's own. */
async function othersOf(pids: ReadonlySet<number>): Promise<readonly string[]> {
  const lines = await Promise.all(
    [...pids].map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return lines
    .map((line) => line.replaceAll('\0', ' ').trim())
    .filter((line) => line !== '' && !line.includes(' --type='))
}
