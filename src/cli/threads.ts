import { join } from 'node:path'
import { builtFolder } from '../main/engine/builtFolder'

/** The built threads of the service: the one that watches descriptors, and the one that makes the calls of a syscall bench. */
export function threads(): { readonly watcher: string; readonly caller: string } {
  const folder = builtFolder(import.meta.url)
  return { watcher: join(folder, 'watcher.js'), caller: join(folder, 'caller.js') }
}
