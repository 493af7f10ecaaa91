import { extname } from 'node:path'
import { MAX_PICTURE_BYTES, type LessonPicture } from '../../shared/model/lesson'
import { shown } from '../experiment/yamlText'
import { readInFolder } from './folder'

const endings: Readonly<Record<string, LessonPicture['type']>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
}

/** A picture of a lesson, or why it cannot be shown: a sentence about it. What it is its bytes must say, and its ending too. */
export async function readPicture(
  folder: string,
  name: string,
): Promise<LessonPicture | { readonly refusal: string }> {
  const type = endings[extname(name).toLowerCase()]
  if (type === undefined)
    return { refusal: `${shown(name)} is no picture that is shown: those end in .svg, .png or .jpg.` }
  const read = await readInFolder(folder, name, MAX_PICTURE_BYTES)
  if ('refusal' in read) return read
  return typeOf(read.bytes) === type
    ? { type, bytes: read.bytes }
    : { refusal: `${shown(name)} does not hold what its ending says.` }
}

function typeOf(bytes: Uint8Array): LessonPicture['type'] | null {
  const begins = (...with_: readonly number[]): boolean => with_.every((byte, index) => bytes[index] === byte)
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (begins(0xff, 0xd8, 0xff)) return 'image/jpeg'
  const text = new TextDecoder().decode(bytes.subarray(0, 4096))
  return /^\s*(<\?xml[^>]*\?>\s*)?(<!--(?:(?!-->)[^])*-->\s*)*<svg[\s>]/.test(text) ? 'image/svg+xml' : null
}
