import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { indexFileOf } from '../indexPath'
import { type FileWindow } from '../fileWindow'
import { IndexLog } from '../indexLog'
import { type SessionPayload } from '../payloads'
import { cancelled, IndexBuilder } from './buildIndex'
import { readIndex, type IndexContents } from './indexFile'

const close = promisify(fs.close)

/** So long the pass over a file holds the thread before others get their turn. */
const STEP_MS = 12

export interface FindOptions {
  /** Told while the index is made anew: bytes of the file that have been passed, and its length. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

/** A recording whose index is wanted. */
export interface Recording {
  readonly file: string
  readonly fileBytes: number
  readonly session: SessionPayload
  readonly window: FileWindow
}

/** The index of a recording, as it is now. */
export interface Index {
  readonly descriptor: number
  readonly contents: IndexContents
  /** Where the last whole block ends. */
  readonly goodBytes: number
  readonly misplaced: number
  readonly isRebuilt: boolean
}

/**
 * The index that lies beside a recording, or, where that one is not good, one made anew. Throws Node's error or a FaultError.
 * @param isKept whether one that was made is put beside the recording, once it is known how far that is whole. May reject
 */
export async function findIndex(
  recording: Recording,
  { onProgress, signal = new AbortController().signal }: FindOptions,
  isKept: (goodBytes: number) => Promise<boolean>,
): Promise<Index> {
  return (await openIndex(recording, signal)) ?? (await buildIndex(recording, signal, onProgress, isKept))
}

/** The index that lies beside the file, if it is good. */
async function openIndex(
  { file, session, fileBytes }: Recording,
  signal: AbortSignal,
): Promise<Index | null> {
  let descriptor: number
  try {
    descriptor = fs.openSync(indexFileOf(file), 'r')
  } catch {
    // Whatever the reason: it is made anew.
    return null
  }
  // One that cannot be read is made anew, too.
  const contents = await readIndex(descriptor, session.id, fileBytes, signal).catch(() => null)
  if (contents !== null) return { descriptor, contents, goodBytes: fileBytes, misplaced: 0, isRebuilt: false }
  await close(descriptor)
  if (signal.aborted) throw cancelled(file)
  return null
}

/** Makes the index in a file of its own, which takes its place once it is whole. */
async function buildIndex(
  { file, fileBytes, session, window }: Recording,
  signal: AbortSignal,
  onProgress: FindOptions['onProgress'],
  isKept: (goodBytes: number) => Promise<boolean>,
): Promise<Index> {
  const { path: part, descriptor } = newIndexFile(file)
  const failures: Error[] = []
  try {
    let isBehind = false
    const index = new IndexLog(descriptor, session.id, {
      behind: (now) => (isBehind = now),
      failed: (error) => void failures.push(error instanceof Error ? error : new Error(String(error))),
    })
    const builder = new IndexBuilder(window, fileBytes, BigInt(session.epochNanos), index)
    while (builder.step(STEP_MS)) {
      index.dataReached(builder.at)
      onProgress?.(builder.at, fileBytes)
      do await setImmediate()
      while (isBehind && failures.length === 0)
      if (signal.aborted) throw cancelled(file)
      if (failures[0] !== undefined) throw failures[0]
    }
    builder.finish()
    index.appendEnd(fileBytes, builder.rows, builder.interfaces, builder.at)
    index.dataReached(builder.at)
    await index.settled()
    if (failures[0] !== undefined) throw failures[0]
    const contents = await readIndex(descriptor, session.id, fileBytes, signal)
    if (contents === null)
      throw signal.aborted ? cancelled(file) : new Error('The index that was made is not whole.')
    if (await isKept(builder.at)) putInPlace(part, indexFileOf(file))
    else remove(part)
    onProgress?.(fileBytes, fileBytes)
    return { descriptor, contents, goodBytes: builder.at, misplaced: builder.misplaced, isRebuilt: true }
  } catch (error) {
    await close(descriptor)
    remove(part)
    throw error
  }
}

/** Beside the capture, or where that is not allowed among the temporary files. */
function newIndexFile(file: string): { readonly path: string; readonly descriptor: number } {
  const name = `${indexFileOf(file)}.${randomUUID().slice(0, 8)}`
  try {
    return { path: name, descriptor: fs.openSync(name, 'wx+', 0o600) }
  } catch {
    const elsewhere = path.join(os.tmpdir(), path.basename(name))
    return { path: elsewhere, descriptor: fs.openSync(elsewhere, 'wx+', 0o600) }
  }
}

function putInPlace(part: string, index: string): void {
  try {
    if (path.dirname(part) === path.dirname(index)) fs.renameSync(part, index)
    else remove(part)
  } catch {
    // It serves this once, and is made again the next time.
    remove(part)
  }
}

/** Where an open file can be removed, it goes on until it is closed. */
function remove(part: string): void {
  fs.rmSync(part, { force: true })
}
