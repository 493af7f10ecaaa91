import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The built threads of the service: the one that watches descriptors, and the one that makes the calls of a syscall bench. */
export function threads(): { readonly watcher: string; readonly caller: string } {
  return { watcher: beside('watcher.js'), caller: beside('caller.js') }
}

/** They lie beside the program, whose parts may be in a folder below. */
function beside(name: string): string {
  const folder = dirname(fileURLToPath(import.meta.url))
  return join(['chunks', 'assets'].includes(basename(folder)) ? dirname(folder) : folder, name)
}
