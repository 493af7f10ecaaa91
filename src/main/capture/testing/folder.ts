import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Reply } from '../../../shared/model/fault'
import { monotonicClock } from '../../engine/clock'
import { openCapture } from '../capture'
import { type Capture } from '../types'

/** A folder that is gone when its test ends. */
export class Folder implements AsyncDisposable {
  readonly path: string
  #files = 0
  private constructor(at: string) {
    this.path = at
  }
  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(path.join(os.tmpdir(), 'switchboard-capture-')))
  }
  file(name = `${++this.#files}.swb`): string {
    return path.join(this.path, name)
  }
  /** A new recording in it. */
  async record(file = this.file()): Promise<Capture> {
    return value(await openCapture({ file, application: 'Switchboard test', clock: monotonicClock() }))
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

export function value<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(JSON.stringify(reply.fault))
  return reply.value
}

/** Whether a program is there. With CI=true it must be. */
export function has(program: string): boolean {
  const isThere = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => fs.existsSync(path.join(folder, program)))
  if (!isThere && process.env['CI'] === 'true')
    throw new Error(`${program} is not installed, and CI=true takes no excuse`)
  return isThere
}

const run = promisify(execFile)

/** What a program prints. Rejects when it fails. */
export async function output(program: string, args: readonly string[]): Promise<string> {
  return (await run(program, args, { maxBuffer: 64 * 1024 * 1024 })).stdout
}

/** The bytes of a stream, different at each of many places. @param seed one for each stream */
export function pattern(seed: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let n = 0; n < length; n++) {
    const at = from + n
    bytes[n] = Math.imul(at + seed * 7919, 0x9e3779b1) >>> 24
  }
  return bytes
}
