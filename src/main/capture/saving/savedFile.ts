import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fault, FaultError } from '../../../shared/model/fault'
import { indexFileOf } from '../indexPath'
import { FileLock } from '../fileLock'

/** Where a session is saved: under another name beside, until all of it is there. */
export class SavedFile {
  /** The path that was asked for, without symbolic links. */
  readonly file: string
  /** What it is called meanwhile. */
  readonly part: string
  readonly lock: FileLock

  /** Takes its lock. Throws Node's error or a FaultError. @param application what to say of us to others who want it */
  constructor(named: string, application: string) {
    const file = realPath(named)
    const found = fs.statSync(file, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile()) {
      throw new FaultError(
        fault('SB_INPUT', `${file} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`, {
          endpoint: file,
          hint: 'Name a file to save to.',
        }),
      )
    }
    // A rename would take its place all the same.
    if (found !== undefined) fs.accessSync(file, fs.constants.W_OK)
    this.file = file
    this.part = path.join(path.dirname(file), `.switchboard-${randomBytes(6).toString('hex')}.part`)
    this.lock = FileLock.take(file, application)
  }

  /**
   * What was there is gone, and this is there whole. At once: nothing may happen in between. Throws Node's error.
   * @param from what it is called until then
   */
  putInPlace(from = this.part): void {
    // Of what was there: without it, an index is made anew.
    fs.rmSync(indexFileOf(this.file), { force: true })
    fs.renameSync(from, this.file)
    const index = indexFileOf(from)
    if (!fs.existsSync(index)) return
    try {
      fs.renameSync(index, indexFileOf(this.file))
    } catch {
      // The next open makes it anew.
      fs.rmSync(index, { force: true })
    }
  }

  /** So that the names last when the power fails; where a folder cannot be synced, they last as they can. */
  syncFolder(): void {
    try {
      const folder = fs.openSync(path.dirname(this.file), 'r')
      try {
        fs.fsyncSync(folder)
      } finally {
        fs.closeSync(folder)
      }
    } catch {
      // Windows has no such thing.
    }
  }

  /** Nothing is left of it, and what was there stays. */
  giveUp(): void {
    try {
      fs.rmSync(this.part, { force: true })
      fs.rmSync(indexFileOf(this.part), { force: true })
    } catch {
      // The disk went away. What is told is why it was given up.
    }
    this.lock.release()
  }
}

/** Whether two paths lead to the same file; no where one leads nowhere. */
export function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => {
    try {
      return fs.statSync(file, { bigint: true })
    } catch {
      // ENOENT, ELOOP, ENAMETOOLONG: whoever opens it is told.
      return undefined
    }
  })
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

function realPath(named: string): string {
  try {
    return fs.realpathSync(named)
  } catch {
    return path.resolve(named)
  }
}
