import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { electronRuntime, sandboxArguments } from '../../scripts/lib/runtime.mjs'
import { compile, Program } from './programs.mjs'

/**
 * What a benchmark gets.
 * @typedef {object} Context
 * @property {boolean} quick small sizes and one round: only to see that everything still runs
 * @property {number} rounds
 * @property {<T>(items: readonly T[]) => T[]} shuffle
 * @property {string} folder on a real disk, for what is recorded; emptied between variants
 * @property {(name: string) => string} program the binary of bench/c/NAME.c
 * @property {(line: string) => void} say one line of progress
 * @property {(side: Side) => Promise<StartedSide>} start
 * @property {() => void} clean removes what the last variant left, and waits for the disk to be done with it
 * @property {{ executable: string, arguments: (profile: string) => string[] }} electron how to start it; a folder with a package.json goes behind
 */

/**
 * One side of a comparison: see sides/host.mjs.
 * @typedef {object} Side
 * @property {'service' | 'onreadSink' | 'dataSink' | 'timedSink' | 'echo' | 'acceptor'} role
 * @property {'node' | 'electron'} runtime
 * @property {'main' | 'worker'} [place] its thread; a service always has a worker
 * @property {boolean} [isWatched] of a service: the delay of its event loop can be asked for
 * @property {number} [core] the one core on which all of it runs
 */

/**
 * @typedef {object} StartedSide
 * @property {Program} program
 * @property {number} port 0 for a service, which has to be told to listen
 * @property {string} file where a service records
 */

const TMPFS = 0x01021994
const host = fileURLToPath(new URL('../sides/host.mjs', import.meta.url))
const electronFolder = fileURLToPath(new URL('../electron', import.meta.url))

/**
 * @param {{ quick: boolean, rounds: number, shuffle: Context['shuffle'], folder: string, worker: string, say: Context['say'] }} given
 * @returns {Context}
 */
export function createContext({ folder, worker, ...given }) {
  const recordings = path.join(folder, 'recordings')
  const runtime = electronRuntime()
  const electron = {
    executable: runtime.executable,
    /** @param {string} profile its own for each kind of program, warm from the second start on */
    arguments: (profile) => [
      ...sandboxArguments(),
      `--user-data-dir=${path.join(folder, `profile-${profile}`)}`,
    ],
  }

  /** @param {Side} side */
  async function start({ role, runtime: kind, place = 'main', core, isWatched = false }) {
    const file = path.join(recordings, `${role}.swb`)
    const command =
      kind === 'node'
        ? [process.execPath, host]
        : [electron.executable, ...electron.arguments('side'), electronFolder]
    if (core !== undefined) command.unshift('taskset', '-c', String(core))
    const [name = '', ...args] = command
    const settings = JSON.stringify({ role, place, file, worker, isWatched })
    const program = new Program(name, args, { env: { SWITCHBOARD_BENCH: settings } })
    const { port = 0 } = await program.next()
    return { program, port, file }
  }

  function clean() {
    rmSync(recordings, { recursive: true, force: true })
    mkdirSync(recordings, { recursive: true })
    spawnSync('sync', ['-f', folder])
  }

  clean()
  return {
    ...given,
    folder: recordings,
    program: compile(path.join(folder, 'programs')),
    start,
    clean,
    electron,
  }
}

/** Whether a folder lies in memory, so that "the disk" would be none. @param {string} folder */
export const isInMemory = (folder) => statfsSync(folder).type === TMPFS

/** A port that nobody has just now, for programs that cannot tell which one the kernel chose. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
