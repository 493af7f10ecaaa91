import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder of the built programs, `out/main`, whose parts may lie in a folder below.
 * @param module the URL of any built module
 */
export function builtFolder(module: string): string {
  const folder = dirname(fileURLToPath(module))
  return ['chunks', 'assets'].includes(basename(folder)) ? dirname(folder) : folder
}
