import fs from 'node:fs'
import path from 'node:path'
import { isSocketId } from '../../shared/model/ids'
import { lockState } from './fileLock'
import { FileWindow } from './fileWindow'
import { interfaceText } from './index/blocks'
import { indexFileOf } from './indexPath'
import { MARK, RECORD_BYTES } from './indexLog'
import { BLOCK, OPTION } from './pcapng'

/** Of an index so much is looked through for sockets; of a recording without one, so much of itself. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024
const MAX_LOOK_BYTES = 16 * 1024 * 1024
const MAX_DESCRIPTION_BYTES = 64 * 1024

/** A recording whose recorder did not come to its end. */
export interface UnfinishedRecording {
  readonly file: string
  readonly bytes: number
  /** When it was last written, in ms since 1970 (UTC). */
  readonly endedAtMs: number
  /** How many sockets it tells of: as many as are found at a glance. */
  readonly sockets: number
}

/**
 * The recordings of a folder that nobody records into and nobody has closed: their process was killed, or the machine stopped.
 * None is read as a whole. A folder that is not there has none. The latest comes first.
 */
export async function unfinishedRecordings(folder: string): Promise<readonly UnfinishedRecording[]> {
  const names = await fs.promises.readdir(folder).catch((): string[] => [])
  const found: UnfinishedRecording[] = []
  for (const name of names) {
    if (!name.endsWith('.swb')) continue
    // One that cannot be looked at is none that could be gone on with.
    const recording = await unfinishedRecording(path.join(folder, name)).catch(() => null)
    if (recording !== null) found.push(recording)
  }
  return found.toSorted((one, other) => other.endedAtMs - one.endedAtMs)
}

/** The same of one file: null where somebody records into it, where it came to its end, and where there is none. Rejects where it cannot be looked at. */
export async function unfinishedRecording(file: string): Promise<UnfinishedRecording | null> {
  const stat = await fs.promises.stat(file)
  // In an empty one there is nothing to go on with.
  if (!stat.isFile() || stat.size === 0) return null
  const lock = lockState(file)
  if (lock === 'held' || (lock === 'free' && hasItsEnd(file, stat.size))) return null
  return { file, bytes: stat.size, endedAtMs: stat.mtimeMs, sockets: countSockets(file) }
}

/** Whether its index ends with the mark of an end, and that of this file's. */
function hasItsEnd(file: string, fileBytes: number): boolean {
  return withFile(indexFileOf(file), false, (descriptor) => {
    const { size } = fs.fstatSync(descriptor)
    const last = new Float64Array(RECORD_BYTES / 8)
    if (size < 2 * RECORD_BYTES || size % RECORD_BYTES !== 0) return false
    fs.readSync(descriptor, last, 0, RECORD_BYTES, size - RECORD_BYTES)
    return last[0] === MARK.end && last[1] === fileBytes
  })
}

function countSockets(file: string): number {
  const known = withFile(indexFileOf(file), 0, countInIndex)
  return known > 0 ? known : withFile(file, 0, countInCapture)
}

/** Goes from mark to mark, passing over the rows. */
function countInIndex(descriptor: number): number {
  const window = new FileWindow(descriptor, RECORD_BYTES)
  let sockets = 0
  for (let at = 0; at < MAX_INDEX_BYTES; at += RECORD_BYTES) {
    const index = window.show(at, RECORD_BYTES)
    if (index < 0) break
    const kind = window.bytes.readDoubleLE(index)
    if (kind === MARK.socket) sockets++
    if (kind !== MARK.rows && kind !== MARK.edges) continue
    const records = window.bytes.readDoubleLE(index + 24)
    if (!Number.isSafeInteger(records) || records < 0) break
    at += records * RECORD_BYTES
  }
  return sockets
}

function countInCapture(descriptor: number): number {
  const window = new FileWindow(descriptor, MAX_DESCRIPTION_BYTES)
  let sockets = 0
  for (let at = 0; at < MAX_LOOK_BYTES;) {
    const head = window.show(at, 8)
    if (head < 0) break
    const type = window.bytes.readUInt32LE(head)
    const length = window.bytes.readUInt32LE(head + 4)
    if (length < 12 || length % 4 !== 0) break
    if (type === BLOCK.interface && length <= MAX_DESCRIPTION_BYTES) {
      const index = window.show(at, length)
      if (index >= 0 && isSocketId(interfaceText(window.bytes.subarray(index, index + length), OPTION.name)))
        sockets++
    }
    at += length
  }
  return sockets
}

/** What is found in a file; `otherwise` where it cannot be opened. */
function withFile<T>(file: string, otherwise: T, look: (descriptor: number) => T): T {
  let descriptor: number
  try {
    descriptor = fs.openSync(file, 'r')
  } catch {
    return otherwise
  }
  try {
    return look(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}
