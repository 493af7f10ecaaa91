import { stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fault, type Reply } from '../../shared/model/fault'
import { leadsTo, openInFolder, readUpTo } from '../experiment/inFolder'
import { shown } from '../experiment/yamlText'
import { toFault } from '../engine/fault'

export const TEXT_FILE = 'lesson.md'
export const EXPERIMENT_FILE = 'experiment.yaml'

/** The folder of the lesson that the user named, by the folder or by its text. */
export async function lessonFolder(named: string): Promise<Reply<string>> {
  try {
    const isWhole = (await stat(named)).isDirectory()
    const folder = isWhole ? resolve(named) : dirname(resolve(named))
    const isText = isWhole
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
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(name)
  switch (isAddress ? 'elsewhere' : leadsTo(name)) {
    case 'nowhere':
      return `${shown(name)} is no path.`
    case 'elsewhere':
      return `${shown(name)} is not relative: what a lesson shows lies in its folder.`
    case 'outside':
      return `${shown(name)} leads out of the lesson's folder.`
    case 'inside':
      return null
  }
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
    file = await openInFolder(folder, name)
    if (file === null) return { refusal: `${shown(name)} is a link that leads out of the lesson's folder.` }
    const found = await file.stat()
    if (!found.isFile()) return { refusal: `${shown(name)} is no regular file.` }
    if (found.size > most)
      return { refusal: `${shown(name)} has ${found.size} bytes; at most ${most} are taken.` }
    return { bytes: await readUpTo(file, found.size) }
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
