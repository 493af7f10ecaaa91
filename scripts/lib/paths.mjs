import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's top folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** @param {string[]} parts */
export const inRoot = (...parts) => path.join(ROOT, ...parts)

/** Where things live that outlast `npm ci`: the unpacked Electron, above all. */
export function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return path.join(process.env.XDG_CACHE_HOME, 'switchboard')
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'switchboard')
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) {
    return path.join(process.env.LOCALAPPDATA, 'switchboard', 'Cache')
  }
  return path.join(homedir(), '.cache', 'switchboard')
}
