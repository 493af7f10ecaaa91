import fs from 'node:fs'
import { FaultError } from '../../../shared/model/fault'
import { DataFile } from '../dataFile'
import { indexFileOf } from '../indexPath'
import { type IndexLog } from '../indexLog'
import { type Tape } from '../tape'
import { cancelled, FileCopy, type CopyOptions } from './fileCopy'
import { type SavedFile } from './savedFile'

/** With so little left the rest is copied while nothing is written: some 10 ms, for which what comes has room in memory. */
const NEAR_BYTES = 8 * 1024 * 1024
/** A recording at full speed may grow as fast as it is copied: then the disk holds it back for once. */
const MAX_PASSES = 6

/** A recording that goes on, and where. */
export interface Growing {
  readonly tape: Tape
  readonly log: IndexLog
  readonly data: DataFile
  /** Descriptor of the index's file. */
  readonly index: number
  /** Where the tape writes from. */
  readonly memory: Buffer
}

/**
 * Moves a recording to another file while it goes on: copies what there is, then what came meanwhile, and at last, while nothing is
 * written, the rest. Rejects with Node's error or a FaultError; then the recording goes on where it was.
 * @param moved told in the same turn in which the new file got its name: from then on it is written to
 */
export async function move(
  { tape, log, data, index, memory }: Growing,
  saved: SavedFile,
  options: CopyOptions,
  moved: (data: DataFile, index: number) => void,
): Promise<void> {
  const copies: FileCopy[] = []
  let next: DataFile | null = null
  let nextIndex: number | null = null
  let isMoved = false
  try {
    const copy = new FileCopy(data.descriptor, saved.part, options)
    copies.push(copy)
    const indexCopy = new FileCopy(index, indexFileOf(saved.part), { ...options, onCopied: () => undefined })
    copies.push(indexCopy)
    for (let pass = 1; pass <= MAX_PASSES; pass++) {
      const end = tape.written
      await copy.upTo(end)
      if (tape.written - end <= NEAR_BYTES) break
    }
    await indexCopy.upTo(log.writtenBytes)
    await copy.target.sync()
    await copy.upTo(tape.written)
    next = DataFile.open(saved.part, memory)
    nextIndex = fs.openSync(indexFileOf(saved.part), 'r+')
    await tape.hold()
    await log.hold()
    while (copy.done < tape.reached || indexCopy.done < log.writtenBytes) {
      await copy.upTo(tape.reached)
      await indexCopy.upTo(log.writtenBytes)
    }
    if (tape.fault !== null) throw new FaultError(tape.fault)
    if (options.signal.aborted) throw cancelled()
    for (const each of copies) each.cutSync()
    saved.putInPlace()
    next.path = saved.file
    isMoved = true
    moved(next, nextIndex)
  } finally {
    tape.release(isMoved ? next : null)
    log.release(isMoved ? nextIndex : null)
    if (!isMoved) {
      await next?.close()
      if (nextIndex !== null) fs.closeSync(nextIndex)
    }
    for (const each of copies) await each.close()
  }
}
