import { dirname, join } from 'node:path'
import { builtFolder } from '../engine/builtFolder'

/**
 * The folder of the lessons that come with the program: at the top of a clone, or beside the archive of an installed one.
 * @param module the URL of any built module
 */
export function shippedLessons(module: string): string {
  const top = dirname(dirname(builtFolder(module)))
  return join(top.endsWith('.asar') ? dirname(top) : top, 'lessons')
}
