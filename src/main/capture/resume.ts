import fs from 'node:fs'
import path from 'node:path'
import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { MAX_NANOS } from '../../shared/model/record'
import { resumedClock } from '../engine/clock'
import { tailOf, type ScanStop } from './blockReader'
import { FileCapture } from './capture'
import { indexFileOf } from './indexPath'
import { DataFile, hasCode } from './dataFile'
import { diskFault } from './diskFault'
import { FileLock } from './fileLock'
import { FileWindow } from './fileWindow'
import { describedAt, readOthers } from './index/blocks'
import { BUILD_WINDOW_BYTES } from './index/buildIndex'
import { findIndex, type FindOptions, type Index } from './index/findIndex'
import { RECORD_BYTES } from './indexLog'
import { pageMemory } from './pageMemory'
import { type Payload, type SessionPayload } from './payloads'
import { readSession } from './session'
import { SLAB_BYTES, SLAB_COUNT } from './tape'
import { type Capture } from './types'

/** So much of its clock is left to go on with. */
const LEFT_NANOS = 365 * 24 * 3600 * 1e9

/** Times later than now by so much need a reason. */
const FUTURE_NANOS = 1e9

export interface ResumeOptions extends FindOptions {
  readonly file: string
  /** Said to others who want the file: "Switchboard 0.1.0". */
  readonly application: string
  /** The wall clock, in ms since 1970 (UTC). Now if not given. */
  readonly nowMs?: number
}

/** A recording that goes on, with what it held before. */
export interface ResumedCapture {
  readonly capture: Capture
  readonly past: RecordedPast
}

export interface RecordedPast {
  readonly ids: readonly SocketId[]
  readonly chunks: (id: SocketId) => { readonly in: number; readonly out: number }
  /** What custom blocks say that are no rows, in their order; of arrangements only the last one. */
  readonly others: readonly Payload[]
  readonly warnings: readonly string[]
}

/**
 * Goes on with a recording that has ended: what it holds is read by its index, which is made anew where it is missing or stale, and
 * what comes is appended to the same file. A torn tail is cut off, and told. A file that is damaged in its middle, or is none of ours,
 * or may not be written, or is being recorded into, stays as it is: the fault tells.
 */
export async function resumeCapture(options: ResumeOptions): Promise<Reply<ResumedCapture>> {
  const { file, application } = options
  let lock: FileLock | null = null
  let data: DataFile | null = null
  try {
    refuseOthers(file)
    fs.accessSync(file, fs.constants.R_OK | fs.constants.W_OK)
    lock = FileLock.take(file, application)
    const memory = pageMemory(SLAB_BYTES * SLAB_COUNT)
    data = DataFile.open(file, memory)
    return { ok: true, value: await resume(options, lock, data, memory) }
  } catch (error) {
    await data?.close()
    lock?.release()
    return { ok: false, fault: faultOf(error, file) }
  }
}

function refuseOthers(file: string): void {
  const found = fs.statSync(file)
  if (found.isFile()) return
  throw new FaultError(
    fault('SB_CAPTURE', `${file} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`, {
      endpoint: file,
      hint: 'Choose a .swb file.',
    }),
  )
}

function faultOf(error: unknown, file: string): Fault {
  if (error instanceof FaultError) return error.fault
  for (const code of ['EACCES', 'EPERM', 'EROFS']) {
    if (!hasCode(error, code)) continue
    return fault('SB_PERMISSION', `${path.basename(file)} cannot be recorded into: ${code} (${file}).`, {
      syscall: 'open',
      endpoint: file,
      hint: 'The file and its folder must be writable. It can be looked at as it is, or a copy of it be recorded into.',
    })
  }
  return diskFault(error, 'open', file, 'The recording cannot be opened')
}

async function resume(
  options: ResumeOptions,
  lock: FileLock,
  data: DataFile,
  memory: Buffer,
): Promise<ResumedCapture> {
  const { file, application, nowMs = Date.now() } = options
  const { descriptor } = data
  const { size: fileBytes } = fs.fstatSync(descriptor)
  const window = new FileWindow(descriptor, BUILD_WINDOW_BYTES)
  const session = readSession(window, file, fileBytes)
  let tail: ScanStop = 'end'
  const find = (): Promise<Index> =>
    findIndex({ file, fileBytes, session, window }, options, async (goodBytes) => {
      tail = await tailOf(file, goodBytes, fileBytes)
      if (tail === 'damaged' || goodBytes === 0) throw damaged(file, goodBytes, fileBytes)
      return true
    })
  const sinceNanos = Number(BigInt(nowMs) * 1_000_000n - BigInt(session.epochNanos))
  let found = await find()
  if (!found.isRebuilt && lastNanosOf(found) > sinceNanos + FUTURE_NANOS) {
    // Either the wall clock was set back, or the index lies. The clock must not follow a lie: the capture itself is asked.
    fs.closeSync(found.descriptor)
    fs.rmSync(indexFileOf(file))
    found = await find()
  }
  let index: number | null = null
  try {
    refuseTimes(file, session, found, sinceNanos)
    const { contents, goodBytes, misplaced } = found
    const others = await readOthers(descriptor, contents.others)
    index = fs.openSync(indexFileOf(file), 'r+')
    // Its end goes first: should all this come to nothing, an index without one is made anew.
    fs.ftruncateSync(index, contents.records * RECORD_BYTES)
    if (goodBytes < fileBytes) data.truncateSync(goodBytes)
    const clock = resumedClock(BigInt(session.epochNanos), lastNanosOf(found), nowMs)
    const warnings = warningsOf(tail, fileBytes - goodBytes, misplaced)
    const capture = new FileCapture(
      { file, application, clock, data, memory, index, lock },
      {
        session,
        contents,
        fileBytes: goodBytes,
        warnings,
        about: (rows) => describedAt(window, rows.describedAt),
      },
    )
    const ids = [...contents.sockets.keys()]
    const chunks = (id: SocketId): { in: number; out: number } => {
      const rows = contents.sockets.get(id)
      return { in: rows?.inChunks ?? 0, out: rows?.outChunks ?? 0 }
    }
    return { capture, past: { ids, chunks, others, warnings } }
  } catch (error) {
    if (index !== null) fs.closeSync(index)
    throw error
  } finally {
    fs.closeSync(found.descriptor)
  }
}

function damaged(file: string, goodBytes: number, fileBytes: number): FaultError {
  return new FaultError(
    fault('SB_CAPTURE', `${file} is damaged at byte ${goodBytes} of ${fileBytes}; nothing was changed.`, {
      endpoint: file,
      hint: 'What comes before can be looked at. Keep a copy before you try anything on the file.',
    }),
  )
}

function lastNanosOf({ contents }: Index): number {
  let last = 0
  for (const { lastNanos, samples } of contents.sockets.values())
    last = Math.max(last, lastNanos, samples?.lastNanos ?? 0)
  return last
}

function refuseTimes(file: string, { epochNanos }: SessionPayload, found: Index, sinceNanos: number): void {
  if (Math.max(sinceNanos, lastNanosOf(found)) <= MAX_NANOS - LEFT_NANOS) return
  const began = new Date(Number(BigInt(epochNanos) / 1_000_000n))
  const told = Number.isNaN(began.getTime()) ? 'long ago' : `on ${began.toISOString().slice(0, 10)}`
  throw new FaultError(
    fault('SB_UNSUPPORTED', `${path.basename(file)} began ${told}: its clock holds 36 years.`, {
      endpoint: file,
      hint: 'It can be looked at as it is; what comes now needs a new session.',
    }),
  )
}

function warningsOf(tail: ScanStop, cutBytes: number, misplaced: number): string[] {
  const warnings: string[] = []
  if (tail === 'zeros') {
    warnings.push(
      'The recording had ended without notice. Room that was set aside behind its last block was given back.',
    )
  } else if (cutBytes > 0) {
    warnings.push(
      `The recording had been cut off: its last ${cutBytes} bytes made no whole block and were removed. All before them is there.`,
    )
  }
  if (misplaced > 0) warnings.push(`${misplaced} packets and events make no sense and are left out.`)
  return warnings
}
