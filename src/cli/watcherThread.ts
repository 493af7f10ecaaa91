import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The built thread that watches descriptors; it lies beside the program, whose parts may be in a folder below. */
export function watcherThread(): string {
  const folder = dirname(fileURLToPath(import.meta.url))
  return join(['chunks', 'assets'].includes(basename(folder)) ? dirname(folder) : folder, 'watcher.js')
}
