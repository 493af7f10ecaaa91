import fs from 'node:fs'
import { promisify } from 'node:util'
import { fault, FaultError, type Fault, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { diskFault } from '../diskFault'
import { type Memory } from '../fetch'
import { lockState } from '../fileLock'
import { FileWindow } from '../fileWindow'
import { type Payload, type SessionPayload } from '../payloads'
import { ReadingCapture } from '../reading'
import { RowReader } from '../rowReader'
import { readSession } from '../session'
import { type CaptureReader } from '../types'
import { describedAt, readOthers } from './blocks'
import { BUILD_WINDOW_BYTES } from './buildIndex'
import { findIndex, type FindOptions, type Index } from './findIndex'
import { type IndexContents, type IndexedRows } from './indexFile'

const close = promisify(fs.close)

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
export async function openRecording(file: string, options: FindOptions = {}): Promise<Reply<OpenedCapture>> {
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
  options: FindOptions,
): Promise<OpenedCapture> {
  const window = new FileWindow(descriptor, BUILD_WINDOW_BYTES)
  const session = readSession(window, file, fileBytes)
  // The end of a file that is damaged or still grows is not the end: an index of it is good for this once only.
  const isAtItsEnd = (good: number): boolean => good === fileBytes && lockState(file) !== 'held'
  const index = await findIndex({ file, fileBytes, session, window }, options, (good) =>
    Promise.resolve(isAtItsEnd(good)),
  )
  return new OpenedFile(file, session, descriptor, fileBytes, window, index)
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
      this.sockets.set(id, { rows, about: describedAt(window, rows.describedAt), samples: rows.samples })
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

  others(): Promise<readonly Payload[]> {
    return readOthers(this.#descriptor, this.#others)
  }

  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await close(this.#indexDescriptor)
    await close(this.#descriptor)
  }
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
