import { readdirSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { bundle, type Bundle } from '../../main/engine/testing/bundle'
import { Program } from './program'

export interface CommandLine {
  /** Starts `switchboard WORDS`. */
  start(...words: string[]): Program
  /** The same under another program, which gets the whole command as its last words: `prlimit --fsize=1000`. */
  startUnder(program: readonly string[], ...words: string[]): Program
  /** A new path for a recording, in a folder that is removed at the end. */
  recording(name: string): string
  /** The temporary recordings that are there now. */
  temporaryRecordings(): string[]
}

/** The command line built from the sources as they are, for the tests of one file. */
export function commandLine(): CommandLine {
  let program: Bundle
  let folder: string
  beforeAll(async () => {
    program = await bundle('src/cli/main.ts')
    await using watcher = await bundle('src/main/engine/posix/watcherThread.ts')
    await using caller = await bundle('src/main/engine/bench/callerThread.ts')
    // Beside the entry, as in the real build.
    await copyFile(watcher.file, join(dirname(program.file), 'watcher.js'))
    await copyFile(caller.file, join(dirname(program.file), 'caller.js'))
    folder = await mkdtemp(join(tmpdir(), 'switchboard-test-'))
  }, 60_000)
  afterAll(async () => {
    await program[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    start: (...words) => new Program(process.execPath, [program.file, ...words], { TMPDIR: folder }),
    startUnder: ([outer = '', ...more], ...words) =>
      new Program(outer, [...more, process.execPath, program.file, ...words], { TMPDIR: folder }),
    recording: (name) => join(folder, name),
    temporaryRecordings: () => readdirSync(folder).filter((name) => name.startsWith('switchboard-')),
  }
}

/** The port in `listening on tcp://127.0.0.1:PORT`, which must be the first line. */
export async function portOf(listener: Program): Promise<number> {
  const found = await listener.prints(/^listening on \w+:\/\/127\.0\.0\.1:(\d+)\n/)
  return Number(found[1])
}
