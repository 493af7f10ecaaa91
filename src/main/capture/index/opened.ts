import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { fault, FaultError, type Fault, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { indexFileOf } from '../capture'
import { diskFault } from '../diskFault'
import { type Memory } from '../fetch'
import { FileWindow } from '../fileWindow'
import { IndexLog, MARK } from '../indexLog'
import { parsePayload, type Payload, type SessionPayload } from '../payloads'
import { CUSTOM_HEAD_BYTES, OPTION, padded } from '../pcapng'
import { ReadingCapture } from '../reading'
import { RowReader } from '../rowReader'
import { readSession } from '../session'
import { type CaptureReader } from '../types'
import { BUILD_WINDOW_BYTES, cancelled, IndexBuilder } from './buildIndex'
import { readIndex, type IndexContents, type IndexedRows } from './indexFile'

const close = promisify(fs.close)

/** So long the pass over a file holds the thread before others get their turn. */
const STEP_MS = 12
/** Other blocks than rows that are kept in mind: marks and notes. */
const MAX_OTHERS = 100_000
const MAX_OTHER_BYTES = 1024 * 1024
const MAX_DESCRIPTION_BYTES = 64 * 1024

export interface OpenOptions {
  /** Told while the index is made anew: bytes of the file that have been passed, and its length. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

/** A recording that has ended, opened to be read. */
export interface OpenedCapture extends CaptureReader {
  readonly application: string
  readonly fileBytes: number
  /** Bytes at its end that are no whole block, and could not be read. */
  readonly lostBytes: number
  readonly warnings: readonly string[]
  /** Whether the index had to be made anew. */
  readonly isRebuilt: boolean
  chunks(id: SocketId): { readonly in: number; readonly out: number }
  /** What custom blocks say that are no rows, in their order. Rejects with Node's error. */
  others(): Promise<readonly Payload[]>
  close(): Promise<void>
}

/**
 * Opens a recording by its index; one that is missing, or of another state of the file, is made anew from the capture alone.
 * Of a file that is damaged or was cut off, what comes before is read, and `warnings` tell of it.
 */
export async function openRecording(file: string, options: OpenOptions = {}): Promise<Reply<OpenedCapture>> {
  let descriptor: number | null = null
  try {
    const found = fs.statSync(file)
    if (!found.isFile()) {
      throw new FaultError(
        fault('SB_CAPTURE', `${file} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`, {
          endpoint: file,
          hint: 'Choose a .swb file.',
        }),
      )
    }
    descriptor = fs.openSync(file, 'r')
    return { ok: true, value: await read(file, descriptor, found.size, options) }
  } catch (error) {
    if (descriptor !== null) await close(descriptor)
    return { ok: false, fault: faultOf(error, file) }
  }
}

function faultOf(error: unknown, file: string): Fault {
  return error instanceof FaultError
    ? error.fault
    : diskFault(error, 'open', file, 'The recording cannot be opened')
}

async function read(
  file: string,
  descriptor: number,
  fileBytes: number,
  options: OpenOptions,
): Promise<OpenedCapture> {
  const window = new FileWindow(descriptor, BUILD_WINDOW_BYTES)
  const session = readSession(window, file, fileBytes)
  const signal = options.signal ?? new AbortController().signal
  const known = await openIndex(file, session, fileBytes, signal)
  if (known !== null) return new OpenedFile(file, session, descriptor, fileBytes, window, known)
  const built = await buildIndex(window, file, fileBytes, session, signal, options.onProgress)
  return new OpenedFile(file, session, descriptor, fileBytes, window, built)
}

interface Index {
  readonly descriptor: number
  readonly contents: IndexContents
  readonly goodBytes: number
  readonly misplaced: number
  readonly isRebuilt: boolean
}

/** The index that lies beside the file, if it is good. */
async function openIndex(
  file: string,
  session: SessionPayload,
  fileBytes: number,
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
  window: FileWindow,
  file: string,
  fileBytes: number,
  session: SessionPayload,
  signal: AbortSignal,
  onProgress: OpenOptions['onProgress'],
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
    const isWhole = builder.at === fileBytes
    // The end of a file that is damaged or still grows is not the end: the index is good for this once only.
    index.append([MARK.end, fileBytes, builder.rows, 0, 0], builder.at)
    index.dataReached(builder.at)
    await index.settled()
    if (failures[0] !== undefined) throw failures[0]
    const contents = await readIndex(descriptor, session.id, fileBytes, signal)
    if (contents === null)
      throw signal.aborted ? cancelled(file) : new Error('The index that was made is not whole.')
    if (isWhole) putInPlace(part, indexFileOf(file))
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

const NOTHING_IN_MEMORY: Memory = {
  copy: (from, to, _target, _targetAt, missing) => missing(from, to),
}

class OpenedFile extends ReadingCapture<IndexedRows> implements OpenedCapture {
  readonly epochNanos: bigint
  readonly application: string
  readonly fileBytes: number
  readonly lostBytes: number
  readonly warnings: readonly string[]
  readonly isRebuilt: boolean
  protected readonly reader: RowReader
  readonly #descriptor: number
  readonly #indexDescriptor: number
  readonly #others: IndexContents['others']
  #isOver = false

  constructor(
    file: string,
    session: SessionPayload,
    descriptor: number,
    fileBytes: number,
    window: FileWindow,
    { descriptor: indexDescriptor, contents, goodBytes, misplaced, isRebuilt }: Index,
  ) {
    super(file)
    this.epochNanos = BigInt(session.epochNanos)
    this.application = session.application
    this.fileBytes = fileBytes
    this.lostBytes = fileBytes - goodBytes
    this.isRebuilt = isRebuilt
    this.#descriptor = descriptor
    this.#indexDescriptor = indexDescriptor
    this.#others = contents.others
    this.reader = new RowReader(NOTHING_IN_MEMORY, descriptor)
    for (const [id, rows] of contents.sockets) {
      this.sockets.set(id, { rows, about: describedAt(window, rows.describedAt) })
    }
    this.warnings = warningsOf(this.lostBytes, goodBytes, misplaced)
  }

  protected get isOver(): boolean {
    return this.#isOver
  }

  chunks(id: SocketId): { readonly in: number; readonly out: number } {
    const rows = this.sockets.get(id)?.rows
    return { in: rows?.inChunks ?? 0, out: rows?.outChunks ?? 0 }
  }

  async others(): Promise<readonly Payload[]> {
    const found: Payload[] = []
    const window = new FileWindow(this.#descriptor, MAX_OTHER_BYTES)
    for (const [n, { at, lengthBytes }] of this.#others.slice(0, MAX_OTHERS).entries()) {
      if (lengthBytes < CUSTOM_HEAD_BYTES + 4 || lengthBytes > MAX_OTHER_BYTES) continue
      const index = window.show(at, lengthBytes)
      if (index < 0) continue
      const payload = parsePayload(window.bytes.subarray(index + CUSTOM_HEAD_BYTES, index + lengthBytes - 4))
      if (payload !== null) found.push(payload)
      if (n % 256 === 255) await setImmediate()
    }
    return found
  }

  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await close(this.#indexDescriptor)
    await close(this.#descriptor)
  }
}

/** The description in an interface's block; empty if there is none. */
function describedAt(window: FileWindow, at: number): string {
  const head = window.show(at, 8)
  if (head < 0) return ''
  const length = window.bytes.readUInt32LE(head + 4)
  const index = length < 24 || length > MAX_DESCRIPTION_BYTES ? -1 : window.show(at, length)
  if (index < 0) return ''
  const end = index + length - 4
  const { bytes } = window
  for (let option = index + 16; option + 4 <= end;) {
    const code = bytes.readUInt16LE(option)
    const size = bytes.readUInt16LE(option + 2)
    if (code === OPTION.end || option + 4 + size > end) return ''
    if (code === OPTION.description) return bytes.toString('utf8', option + 4, option + 4 + size)
    option += 4 + padded(size)
  }
  return ''
}

function warningsOf(lostBytes: number, goodBytes: number, misplaced: number): readonly string[] {
  const warnings: string[] = []
  if (lostBytes > 0) {
    warnings.push(
      `The file makes no sense from byte ${goodBytes} on: its last ${lostBytes} bytes are left out. The recording was cut off, or the file is damaged.`,
    )
  }
  if (misplaced > 0) warnings.push(`${misplaced} packets and events make no sense and are left out.`)
  return warnings
}
