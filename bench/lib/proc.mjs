// What the kernel tells of processes (proc(5)).
import { readdirSync, readFileSync } from 'node:fs'

/**
 * A process and all that descend from it.
 * @param {number} root
 */
export function treeOf(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    // pid (name, which may hold anything) state ppid …
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (let i = 0; i < tree.length; i++) tree.push(...(children.get(tree[i] ?? 0) ?? []))
  return tree
}

/**
 * Memory of a process and its descendants in bytes: the proportional set size, in which a page shared by n processes counts
 * 1/n for each, so that the sum counts everything once.
 * @param {number} root
 */
export function memoryBytes(root) {
  return treeOf(root).reduce((total, pid) => total + ownMemoryBytes(pid), 0)
}

/** The same of one process alone. @param {number} pid */
export function ownMemoryBytes(pid) {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024
}

/**
 * The process of an Electron program that draws its page.
 * @param {number} root
 */
export function rendererOf(root) {
  const found = treeOf(root).find((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'))
  if (found === undefined) throw new Error('the window has no process')
  return found
}

/** The cores that this process may use. */
export function allowedCores() {
  const list = /^Cpus_allowed_list:\s+(.*)$/m.exec(read('/proc/self/status'))?.[1] ?? '0'
  return list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // ENOENT, ESRCH: a process that ended while we looked; EACCES: another user's.
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? ''
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(code)) return ''
    throw error
  }
}
