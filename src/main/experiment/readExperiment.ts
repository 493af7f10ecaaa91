import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { MAX_FILE_BYTES, type Experiment, type ExperimentProblem } from '../../shared/model/experiment'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { toFault } from '../engine/fault'
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
  const text = decode(bytes)
  return text === null
    ? problem('The file is no text: an experiment is YAML in UTF-8.')
    : parseExperiment(text)
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

function problem(message: string): ReadExperiment {
  return { ok: false, problems: [{ line: 1, column: 1, key: '', message }] }
}

async function readText(path: string): Promise<Reply<Uint8Array>> {
  let file: FileHandle | null = null
  try {
    // A pipe that nobody writes to would never open otherwise.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = await file.stat()
    if (!found.isFile())
      return refuse(path, `${path} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`)
    if (found.size > MAX_FILE_BYTES) {
      return refuse(
        path,
        `${basename(path)} has ${found.size} bytes; an experiment has at most ${MAX_FILE_BYTES}.`,
      )
    }
    // One byte more than allowed: it may have grown since it was asked.
    const bytes = new Uint8Array(MAX_FILE_BYTES + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      length += bytesRead
      if (bytesRead === 0 || length > MAX_FILE_BYTES) break
    }
    return { ok: true, value: bytes.subarray(0, Math.min(length, MAX_FILE_BYTES)) }
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

function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null // not UTF-8
  }
}
