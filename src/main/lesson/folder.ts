import { constants } from 'node:fs'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, posix, resolve, sep, win32 } from 'node:path'
import { fault, type Reply } from '../../shared/model/fault'
import { shown } from '../experiment/yamlText'
import { toFault } from '../engine/fault'

export const TEXT_FILE = 'lesson.md'
export const EXPERIMENT_FILE = 'experiment.yaml'

/** The folder of the lesson that the user named, by the folder or by its text. */
export async function lessonFolder(named: string): Promise<Reply<string>> {
  try {
    const isFolder = (await stat(named)).isDirectory()
    const folder = isFolder ? resolve(named) : dirname(resolve(named))
    const isText = isFolder
      ? (await stat(join(folder, TEXT_FILE)).catch(() => null)) !== null
      : basename(named) === TEXT_FILE
    if (isText) return { ok: true, value: folder }
  } catch (error) {
    return { ok: false, fault: toFault(error, { endpoint: named }) }
  }
  const summary = `${basename(named)} is no lesson: that is a folder with ${TEXT_FILE} and ${EXPERIMENT_FILE} in it.`
  return { ok: false, fault: fault('SB_INPUT', summary, { endpoint: named }) }
}

/** Why a name cannot be that of a file in a lesson's folder; null where it can. What links lead to is found when it is opened. */
export function refuseFileName(name: string): string | null {
  if (name === '' || name.includes('\0')) return `${shown(name)} is no path.`
  if (posix.isAbsolute(name) || win32.isAbsolute(name) || /^[a-z][a-z0-9+.-]*:/i.test(name))
    return `${shown(name)} is not relative: what a lesson shows lies in its folder.`
  const isOutside = posix.normalize(name.replaceAll('\\', '/')).split('/')[0] === '..'
  return isOutside ? `${shown(name)} leads out of the lesson's folder.` : null
}

/**
 * The bytes of a file of a lesson, or why it cannot be had, as a sentence about it. It lies in the lesson's folder, wherever links lead.
 * @param most so many bytes at most
 */
export async function readInFolder(
  folder: string,
  name: string,
  most: number,
): Promise<{ readonly bytes: Uint8Array } | { readonly refusal: string }> {
  const refused = refuseFileName(name)
  if (refused !== null) return { refusal: refused }
  let file: FileHandle | null = null
  try {
    const inside = await realpath(folder)
    const path = await realpath(join(inside, name))
    if (!path.startsWith(inside.endsWith(sep) ? inside : `${inside}${sep}`))
      return { refusal: `${shown(name)} is a link that leads out of the lesson's folder.` }
    // A pipe that nobody writes to would never open otherwise.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = await file.stat()
    if (!found.isFile()) return { refusal: `${shown(name)} is no regular file.` }
    if (found.size > most)
      return { refusal: `${shown(name)} has ${found.size} bytes; at most ${most} are taken.` }
    const bytes = new Uint8Array(found.size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return { bytes: bytes.subarray(0, length) }
  } catch (error) {
    const { code } = toFault(error, { endpoint: name })
    return {
      refusal:
        code === 'ENOENT'
          ? `there is no ${shown(name)} in the lesson's folder.`
          : `${shown(name)} cannot be read: ${code}.`,
    }
  } finally {
    await file?.close()
  }
}
