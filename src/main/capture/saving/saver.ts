import fs from 'node:fs'
import path from 'node:path'
import { fault, FaultError, type Fault, type Reply } from '../../../shared/model/fault'
import { diskFault } from '../diskFault'
import { type FileLock } from '../fileLock'
import { lastWholeBlock } from '../lastWholeBlock'
import { type SaveOptions } from '../types'
import { FileCopy, type CopyOptions } from './fileCopy'
import { move, type Growing } from './moving'
import { isSameFile, SavedFile } from './savedFile'

/** Left to a recording that goes on, on the disk that it is copied on. */
const RESERVED_BYTES = 32 * 1024 * 1024

/** A recording that can be saved elsewhere. */
export interface Savable extends Growing {
  readonly file: string
  readonly application: string
  readonly lock: FileLock
}

/** What the recording's owner does in all this. */
export interface SavableOwner {
  /** As it is now. */
  recording(): Savable
  /** From now on it is this. */
  moved(to: Pick<Savable, 'file' | 'data' | 'index' | 'lock'>): void
  /** Resolves when nobody reads from what it was any more. */
  idle(): Promise<void>
}

type Act = (saved: SavedFile, copying: CopyOptions) => Promise<void>

/** Saves a recording elsewhere while it goes on: one at a time. */
export class Saver {
  readonly #owner: SavableOwner
  #saving: Promise<unknown> | null = null

  constructor(owner: SavableOwner) {
    this.#owner = owner
  }

  /** Moves it: it goes on there. */
  async saveAs(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>> {
    return this.#one(file, options, async (saved, copying) => {
      const was = this.#owner.recording()
      if (was.tape.fault !== null) throw new FaultError(stopped(was.file, was.tape.fault))
      if (options.isMoved === true && !options.signal.aborted && this.#renamed(was, saved)) {
        saved.syncFolder()
        await was.data.sync()
        return
      }
      let whole = { from: 0, to: 0 }
      await move(was, saved, copying, (data, index) => {
        whole = { from: was.tape.safeBlock, to: was.tape.reached }
        this.#owner.moved({ file: saved.file, data, index, lock: saved.lock })
      })
      saved.syncFolder()
      await this.#owner.recording().data.sync()
      await this.#owner.idle()
      await leave(was, whole)
    })
  }

  /** Copies it as it is now. */
  async saveCopy(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>> {
    return this.#one(file, options, async (saved, copying) => {
      const { tape, data } = this.#owner.recording()
      const { end } = tape
      await tape.flush()
      const copy = new FileCopy(data.descriptor, saved.part, copying)
      try {
        // Of one that has stopped, what is in the file.
        await copy.upTo(tape.fault === null ? end : fs.fstatSync(data.descriptor).size)
        copy.cutSync()
        await copy.target.sync()
        saved.putInPlace()
      } finally {
        await copy.close()
      }
      saved.syncFolder()
      saved.lock.release()
    })
  }

  /** Resolves when nothing is being saved. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Gives the file another name, while it is written to. False where that cannot be: then it is copied. */
  #renamed(was: Savable, saved: SavedFile): boolean {
    try {
      saved.putInPlace(was.file)
    } catch {
      // EXDEV: another file system. Windows renames nothing that is open. What else is wrong is met by the copy, too.
      return false
    }
    was.data.path = saved.file
    this.#owner.moved({ file: saved.file, data: was.data, index: was.index, lock: saved.lock })
    was.lock.release()
    return true
  }

  async #one(file: string, options: SaveOptions, act: Act): Promise<Reply<{ readonly file: string }>> {
    if (this.#saving !== null) {
      return {
        ok: false,
        fault: fault('SB_STATE', 'The session is being saved already.', {
          hint: 'Wait for that, or cancel it.',
        }),
      }
    }
    const saving = this.#save(file, options, act)
    this.#saving = saving
    try {
      return await saving
    } finally {
      this.#saving = null
    }
  }

  async #save(
    file: string,
    { signal, onProgress }: SaveOptions,
    act: Act,
  ): Promise<Reply<{ readonly file: string }>> {
    const was = this.#owner.recording()
    let saved: SavedFile | null = null
    try {
      if (isSameFile(file, was.file)) throw new FaultError(itself(file))
      saved = new SavedFile(file, was.application)
      await act(saved, {
        signal,
        reservedBytes: isSameDisk(saved.file, was.file) ? RESERVED_BYTES : 0,
        onCopied: (doneBytes) => onProgress?.(doneBytes, Math.max(doneBytes, was.tape.end)),
      })
      return { ok: true, value: { file: saved.file } }
    } catch (error) {
      // Where it has moved already, that stays so.
      if (saved !== null && this.#owner.recording().lock !== saved.lock) saved.giveUp()
      return { ok: false, fault: faultOf(error, file) }
    }
  }
}

/** The file that a recording has left ends with a whole block, like any other. */
async function leave(was: Savable, whole: { readonly from: number; readonly to: number }): Promise<void> {
  const { data, index, lock } = was
  try {
    data.truncateSync(lastWholeBlock(data.descriptor, whole.from, whole.to))
  } finally {
    await data.close()
    fs.closeSync(index)
    lock.release()
  }
}

function isSameDisk(one: string, other: string): boolean {
  return fs.statSync(path.dirname(one)).dev === fs.statSync(path.dirname(other)).dev
}

function itself(file: string): Fault {
  return fault('SB_INPUT', `${path.basename(file)} is the recording that goes on here.`, {
    endpoint: file,
    hint: 'Choose another name.',
  })
}

function stopped(file: string, why: Fault): Fault {
  return fault('SB_STATE', `The recording has stopped (${why.code}): nothing can be added to it any more.`, {
    endpoint: file,
    hint: 'Save a copy of what it holds, and begin a new session.',
  })
}

function faultOf(error: unknown, file: string): Fault {
  if (error instanceof FaultError) return error.fault
  const syscall =
    error instanceof Error && 'syscall' in error && typeof error.syscall === 'string'
      ? error.syscall
      : 'write'
  return diskFault(error, syscall, file, 'The session cannot be saved')
}
