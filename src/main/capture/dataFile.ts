import fs from 'node:fs'
import { promisify } from 'node:util'
import { PAGE_BYTES } from './pageMemory'

const write = promisify(fs.write)
const fdatasync = promisify(fs.fdatasync)
const closeDescriptor = promisify(fs.close)

/** Below this, a write past the page cache costs more than it saves. */
const DIRECT_FROM_BYTES = 256 * 1024
/** One write through the page cache at a time; several at once would only queue for the inode's lock. */
const BUFFERED_PIECE_BYTES = 1024 * 1024
/** How far the file is grown ahead at full speed: a write within the file need not change its length. */
const GROW_BYTES = 256 * 1024 * 1024

/**
 * The capture's file, written at given places from page-aligned memory. Large pieces go past the page cache (O_DIRECT,
 * open(2)) where the file system allows it, the rest through it; Linux keeps both coherent within one file.
 * Rejects with Node's error.
 */
export class DataFile {
  /** Where it was opened. */
  path: string
  readonly #memory: Buffer
  readonly #descriptor: number
  #direct: number | null
  #isRefused = false
  #grownTo = 0
  #canGrow = true

  private constructor(path: string, memory: Buffer, descriptor: number, direct: number | null) {
    this.path = path
    this.#memory = memory
    this.#descriptor = descriptor
    this.#direct = direct
  }

  /**
   * Makes the file; one that exists is taken only if it is empty. Throws Node's error.
   * @param memory where all writes will come from
   */
  static create(path: string, memory: Buffer): DataFile {
    const descriptor = openNew(path)
    return new DataFile(path, memory, descriptor, openDirect(path, memory))
  }

  /** Opens a file that is there, and leaves it as it is. Throws Node's error. @param memory where all writes will come from */
  static open(path: string, memory: Buffer): DataFile {
    const descriptor = fs.openSync(path, 'r+')
    return new DataFile(path, memory, descriptor, openDirectly(path))
  }

  /** A descriptor for positional reads. */
  get descriptor(): number {
    return this.#descriptor
  }

  /**
   * Writes file bytes `from` to `to`, that lie in memory at `memoryAt`. Both places are equally far from a page's edge.
   * Calls `wrote` with how far it has come after each system call: a full disk takes a part first (write(2)).
   * Two writes may be under way at the same time, if none of their pages is the same.
   * @param isFullSpeed grows the file ahead
   */
  async write(
    memoryAt: number,
    from: number,
    to: number,
    isFullSpeed: boolean,
    wrote: (to: number) => void,
  ): Promise<void> {
    let done = from
    if (this.#direct !== null && !this.#isRefused && to - from >= DIRECT_FROM_BYTES) {
      if (isFullSpeed && to > this.#grownTo) this.#grow(to + GROW_BYTES)
      done = await this.#writeDirect(this.#direct, memoryAt, from, to, wrote)
    }
    while (done < to) {
      const length = Math.min(to - done, BUFFERED_PIECE_BYTES)
      const { bytesWritten } = await write(
        this.#descriptor,
        this.#memory,
        memoryAt + done - from,
        length,
        done,
      )
      done += bytesWritten
      wrote(done)
    }
  }

  /** The same, at once and through the page cache: the last resort when no memory is left. */
  writeSync(memoryAt: number, from: number, to: number): void {
    let done = from
    while (done < to)
      done += fs.writeSync(this.#descriptor, this.#memory, memoryAt + done - from, to - done, done)
  }

  async #writeDirect(
    direct: number,
    memoryAt: number,
    from: number,
    to: number,
    wrote: (to: number) => void,
  ): Promise<number> {
    // The page that an earlier, smaller write has begun is written again as a whole.
    const skew = from % PAGE_BYTES
    const end = to - (to % PAGE_BYTES)
    let done = from - skew
    const base = memoryAt - from
    while (done < end) {
      let written: number
      try {
        written = (await write(direct, this.#memory, base + done, end - done, done)).bytesWritten
      } catch (error) {
        // The probe was passed, and still this file system wants it otherwise: go on through the page cache.
        if (!hasCode(error, 'EINVAL')) throw error
        this.#isRefused = true
        break
      }
      const reached = done + written
      if (reached > from) wrote(reached)
      // A short write may stop within a page; whole pages only from here on, and the cache takes what is left.
      if (written < PAGE_BYTES) return Math.max(from, reached)
      done = reached - (reached % PAGE_BYTES)
    }
    return Math.max(from, done)
  }

  #grow(to: number): void {
    if (!this.#canGrow) return
    try {
      fs.ftruncateSync(this.#descriptor, to)
      this.#grownTo = to
    } catch {
      // EFBIG, EDQUOT: room is not to be had in advance. Whether there is enough is for the writes to find out.
      this.#canGrow = false
    }
  }

  /** The file ends here, all of it written: takes back what it was grown ahead, if it was. */
  cutSync(end: number): void {
    if (this.#grownTo === 0) return
    fs.ftruncateSync(this.#descriptor, end)
    this.#grownTo = 0
  }

  /** The file ends here from now on, whatever was written. */
  truncateSync(end: number): void {
    fs.ftruncateSync(this.#descriptor, end)
    this.#grownTo = 0
  }

  /** To the disk itself, for the case that the power fails. */
  async sync(): Promise<void> {
    await fdatasync(this.#descriptor)
  }

  async close(): Promise<void> {
    if (this.#direct !== null) await closeDescriptor(this.#direct)
    this.#direct = null
    await closeDescriptor(this.#descriptor)
  }
}

/** Opens for writing and reading a file that is not there yet, or that is empty. Throws EEXIST otherwise. */
export function openNew(path: string): number {
  try {
    return fs.openSync(path, 'wx+', 0o600)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const found = fs.statSync(path)
    // What opens a folder is told that it is one.
    if (!found.isDirectory() && (!found.isFile() || found.size > 0)) throw error
    return fs.openSync(path, 'r+')
  }
}

/** A second descriptor that goes past the page cache; null where a trial write is refused (tmpfs, macOS, Windows). */
function openDirect(path: string, memory: Buffer): number | null {
  // Node leaves the constant out where there is no such flag.
  const flag = (fs.constants as Partial<Record<string, number>>)['O_DIRECT']
  if (flag === undefined) return null
  let direct: number | null = null
  try {
    direct = fs.openSync(path, fs.constants.O_RDWR | flag)
    fs.writeSync(direct, memory, 0, PAGE_BYTES, 0)
    fs.ftruncateSync(direct, 0)
    return direct
  } catch (error) {
    if (direct !== null) {
      fs.ftruncateSync(direct, 0)
      fs.closeSync(direct)
    }
    // EINVAL: not on this file system, or not from this memory. Anything else (a full disk) is met again at the first write.
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOSPC') && !hasCode(error, 'EOPNOTSUPP')) throw error
    return null
  }
}

/** The same for a file that holds something: what is refused later goes through the page cache. */
function openDirectly(path: string): number | null {
  const flag = (fs.constants as Partial<Record<string, number>>)['O_DIRECT']
  if (flag === undefined) return null
  try {
    return fs.openSync(path, fs.constants.O_RDWR | flag)
  } catch (error) {
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'EOPNOTSUPP')) throw error
    return null
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
