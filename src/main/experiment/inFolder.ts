import { constants } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import path, { posix, win32 } from 'node:path'

/** Where a name leads from a folder, told without looking: links that lead out of it are found when the file is opened. */
export function leadsTo(name: string): 'nowhere' | 'elsewhere' | 'outside' | 'inside' {
  if (name === '' || name.includes('\0')) return 'nowhere'
  if (posix.isAbsolute(name) || win32.isAbsolute(name) || /^[a-z]:/i.test(name)) return 'elsewhere'
  return posix.normalize(name.replaceAll('\\', '/')).split('/')[0] === '..' ? 'outside' : 'inside'
}

/** Opens a file of a folder for reading; null where it does not lie in there when all links are followed. Rejects with the system's error. */
export async function openInFolder(folder: string, name: string): Promise<FileHandle | null> {
  const whole = await realpath(folder)
  const found = await realpath(path.resolve(whole, name))
  const inside = path.relative(whole, found)
  if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return null
  return openRegular(found, constants.O_NOFOLLOW ?? 0)
}

/** Opens a file for reading. A pipe that nobody writes to would never open otherwise. @param flags more of open(2) */
export function openRegular(file: string, flags = 0): Promise<FileHandle> {
  return open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags)
}

/** The bytes of a file, at most so many, however it grows meanwhile. */
export async function readUpTo(file: FileHandle, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(most)
  let length = 0
  while (length < most) {
    const { bytesRead } = await file.read(bytes, length, most - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}
