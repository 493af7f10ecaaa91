import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder of the lessons that come with the program: at the top of a clone, or beside the archive of an installed one.
 * @param module the URL of any built module: those lie in `out/main`, or a folder below
 */
export function shippedLessons(module: string): string {
  const folder = dirname(fileURLToPath(module))
  const built = ['chunks', 'assets'].includes(basename(folder)) ? dirname(folder) : folder
  const top = dirname(dirname(built))
  return join(top.endsWith('.asar') ? dirname(top) : top, 'lessons')
}
