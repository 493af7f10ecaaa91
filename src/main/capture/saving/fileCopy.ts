import fs from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { fault, FaultError } from '../../../shared/model/fault'
import { formatBytes } from '../../../shared/model/units'
import { DataFile } from '../dataFile'
import { PAGE_BYTES, pageMemory } from '../pageMemory'

const read = promisify(fs.read)

const PIECE_BYTES = 4 * 1024 * 1024
/** How often it is looked whether the disk will have room. */
const LOOK_EVERY_BYTES = 64 * 1024 * 1024

export interface CopyOptions {
  readonly signal: AbortSignal
  /** Told after each piece. */
  readonly onCopied?: (doneBytes: number) => void
  /** So much is to be left on the target's disk. */
  readonly reservedBytes: number
}

/**
 * Copies a file into a new one at the same places, as far as it is asked, again and again while the first one grows. The next piece
 * is read while one is written; what is written goes past the page cache where it can, so that it is on the disk when it is done.
 * Rejects with Node's error or a FaultError.
 */
export class FileCopy {
  readonly target: DataFile
  /** How far it has come. */
  done = 0
  readonly #source: number
  readonly #memory: Buffer
  readonly #options: CopyOptions
  #reading: Promise<number> | null = null
  #lookAt = 0

  /** @param source descriptor. @param target path of a file that is not there. Throws Node's error. */
  constructor(source: number, target: string, options: CopyOptions) {
    this.#source = source
    this.#options = options
    this.#memory = pageMemory(2 * PIECE_BYTES)
    this.target = DataFile.create(target, this.#memory)
  }

  async upTo(end: number): Promise<void> {
    const { signal, onCopied } = this.#options
    let half = 0
    let next = this.#read(half, this.done, end)
    while (this.done < end) {
      const from = this.done
      const to = await next
      if (signal.aborted) throw cancelled()
      if (from >= this.#lookAt) await this.#lookForRoom(end - from)
      const memoryAt = half * PIECE_BYTES + (from % PAGE_BYTES)
      half = 1 - half
      if (to < end) next = this.#read(half, to, end)
      await this.target.write(memoryAt, from, to, true, () => undefined)
      this.done = to
      onCopied?.(to)
    }
  }

  /** Its length is what was copied. Throws Node's error. */
  cutSync(): void {
    this.target.truncateSync(this.done)
  }

  async close(): Promise<void> {
    // It reads into memory that must not go yet, from a descriptor that may be closed next.
    await this.#reading?.catch(() => undefined)
    await this.target.close()
  }

  /** Answers how far the piece reaches. It begins where the page does, since whole pages are written. */
  #read(half: number, from: number, end: number): Promise<number> {
    const began = from - (from % PAGE_BYTES)
    const to = Math.min(end, began + PIECE_BYTES)
    this.#reading = this.#readFully(half * PIECE_BYTES, began, to)
    // Nobody waits for it once a write has failed.
    this.#reading.catch(() => undefined)
    return this.#reading
  }

  async #readFully(memoryAt: number, from: number, to: number): Promise<number> {
    for (let at = from; at < to;) {
      const { bytesRead } = await read(this.#source, this.#memory, memoryAt + at - from, to - at, at)
      if (bytesRead === 0)
        throw new FaultError(
          fault('SB_CAPTURE', 'The recording is shorter than it was.', { syscall: 'read' }),
        )
      at += bytesRead
    }
    return to
  }

  async #lookForRoom(neededBytes: number): Promise<void> {
    this.#lookAt = this.done + LOOK_EVERY_BYTES
    const { bavail, bsize } = await statfs(path.dirname(this.target.path))
    const free = bavail * bsize
    const { reservedBytes } = this.#options
    if (free >= neededBytes + reservedBytes) return
    throw new FaultError({
      code: 'ENOSPC',
      syscall: 'write',
      endpoint: this.target.path,
      summary: `There is no room for it: ${formatBytes(neededBytes)} are needed${reservedBytes > 0 ? `, and ${formatBytes(reservedBytes)} for the recording to go on` : ''}; ${formatBytes(free)} are free.`,
      hint: 'Free some room, or choose another disk.',
    })
  }
}

export function cancelled(): FaultError {
  return new FaultError(fault('SB_CANCELLED', 'Saving was cancelled.'))
}
