import { isUtf8 } from 'node:buffer'
import { type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { MAX_FILE_BYTES, type Experiment, type ExperimentProblem } from '../../shared/model/experiment'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { toFault } from '../engine/fault'
import { openRegular, readUpTo } from './inFolder'
import { parseExperiment } from './parseExperiment'

/** What a file came to. */
export type ReadExperiment =
  | { readonly ok: true; readonly experiment: Experiment }
  | { readonly ok: false; readonly problems: readonly ExperimentProblem[] }

/** Reads an experiment's file. A fault is what keeps it from being read; problems are what is wrong in it. */
export async function readExperiment(path: string): Promise<Reply<ReadExperiment>> {
  const read = await readText(path)
  if (!read.ok) return read
  return { ok: true, value: experimentIn(read.value) }
}

/** An experiment from its file's bytes. */
function experimentIn(bytes: Uint8Array): ReadExperiment {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (isUtf16) return problem('The file is in UTF-16: save it as UTF-8.')
  const at = noTextAt(bytes)
  return at < 0
    ? parseExperiment(new TextDecoder().decode(bytes))
    : problem(`The file is no text: an experiment is YAML in UTF-8, which ${oddity(bytes[at])}.`, bytes, at)
}

/** Reads an experiment that is piped in, to its end. Rejects with the stream's error. */
export async function readPipedExperiment(stream: AsyncIterable<Uint8Array>): Promise<ReadExperiment> {
  const pieces: Uint8Array[] = []
  let lengthBytes = 0
  for await (const piece of stream) {
    pieces.push(piece)
    lengthBytes += piece.length
    if (lengthBytes > MAX_FILE_BYTES)
      return problem(`has more than ${MAX_FILE_BYTES} bytes, which no experiment has.`)
  }
  return experimentIn(Buffer.concat(pieces))
}

/** @param at the offset in the bytes that is pointed at */
function problem(message: string, bytes: Uint8Array = new Uint8Array(0), at = 0): ReadExperiment {
  const before = Buffer.from(bytes.subarray(0, at)).toString('utf8').split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return { ok: false, problems: [{ line: before.length, column, key: '', message }] }
}

const oddity = (byte: number | undefined): string =>
  byte === undefined
    ? 'does not end within a character'
    : byte === 0
      ? 'has no NUL bytes'
      : `has no byte ${byte.toString(16).padStart(2, '0')} here`

async function readText(path: string): Promise<Reply<Uint8Array>> {
  let file: FileHandle | null = null
  try {
    file = await openRegular(path)
    const found = await file.stat()
    if (!found.isFile())
      return refuse(path, `${path} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`)
    if (found.size > MAX_FILE_BYTES) {
      return refuse(
        path,
        `${basename(path)} has ${found.size} bytes; an experiment has at most ${MAX_FILE_BYTES}.`,
      )
    }
    return { ok: true, value: await readUpTo(file, MAX_FILE_BYTES) }
  } catch (error) {
    return { ok: false, fault: toFault(error, { endpoint: path }) }
  } finally {
    await file?.close()
  }
}

function refuse(endpoint: string, summary: string): { readonly ok: false; readonly fault: Fault } {
  const hint = 'An experiment is a YAML file.'
  return { ok: false, fault: fault('SB_INPUT', summary, { endpoint, hint }) }
}

/** Where bytes are no text: at a NUL, or where UTF-8 does not go on. -1 where they are all text. */
function noTextAt(bytes: Uint8Array): number {
  const nul = bytes.indexOf(0)
  if (isUtf8(bytes)) return nul
  let fine = 0
  let odd = bytes.length + 1
  // What begins as text goes on as text up to one place: halve the way to it.
  while (odd - fine > 1) {
    const middle = (fine + odd) >> 1
    if (middle <= bytes.length && beginsAsText(bytes.subarray(0, middle))) fine = middle
    else odd = middle
  }
  return nul >= 0 && nul < fine ? nul : fine
}

function beginsAsText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false // what the decoder throws says no more
  }
}
