import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program that takes longer than this to say its next line is taken to hang. */
const PATIENCE_MS = 60_000

/** How much of a program's stderr is kept, in characters. */
const LAST_ERRORS = 8000

/** @type {Set<Program>} */
const running = new Set()
process.on('exit', () => {
  for (const program of running) program.kill()
})

/**
 * A measured or measuring program: a line of JSON on its stdout is a message, one on its stdin a request.
 * It has a process group of its own, so that its children end with it.
 */
export class Program {
  /** @type {unknown[]} */
  #said = []
  /** @type {{ resolve: (message: any) => void, reject: (error: Error) => void } | undefined} */
  #listener
  #errors = ''
  #look = () => {}
  /** @type {number | undefined} */
  #code

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
   */
  constructor(command, args, { env, cwd } = {}) {
    this.name = path.basename(command)
    this.child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(this)
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-LAST_ERRORS)
      this.#look()
    })
    // A program that has ended reads no more requests; how it ended tells `next` and `ended`.
    this.child.stdin.on('error', (error) => (this.#errors += `stdin: ${error.message}\n`))
    const lines = createInterface({ input: this.child.stdout })
    lines.on('line', (line) => {
      if (line.startsWith('{')) this.#hear(JSON.parse(line))
    })
    /** @type {Promise<number>} */
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.#errors += `${command}: ${error.message}\n`
        this.#end(127)
        resolve(127)
      })
      this.child.on('close', (code, signal) => {
        this.#end(code ?? (signal ? 128 : 1))
        resolve(code ?? 128)
      })
    })
  }

  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.name} did not start: ${this.#errors}`)
    return this.child.pid
  }

  get errors() {
    return this.#errors
  }

  /**
   * Its next message. Rejects when it ends without one.
   * @returns {Promise<any>}
   */
  next() {
    const said = this.#said.shift()
    if (said !== undefined) return Promise.resolve(said)
    if (this.#code !== undefined) return Promise.reject(this.#failure())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listener = undefined
        reject(new Error(`${this.name} has said nothing for ${PATIENCE_MS / 1000} s\n${this.#errors}`))
      }, PATIENCE_MS)
      this.#listener = {
        resolve: (message) => {
          clearTimeout(timer)
          resolve(message)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  }

  /**
   * Asks something, and gives the answer. One question at a time.
   * @param {object} request
   */
  ask(request) {
    this.child.stdin.write(`${JSON.stringify(request)}\n`)
    return this.next()
  }

  /**
   * Waits for something on its stderr, and gives what the pattern's first group matched.
   * @param {RegExp} pattern
   * @returns {Promise<string>}
   */
  async mentioned(pattern) {
    for (;;) {
      const found = pattern.exec(this.#errors)
      if (found !== null) return found[1] ?? found[0]
      if (this.#code !== undefined) throw this.#failure()
      await new Promise((resolve) => (this.#look = () => resolve(undefined)))
    }
  }

  /** Lets it end by itself, which it does when its stdin ends. Rejects when that is no success. */
  async finish() {
    this.child.stdin.end()
    const code = await this.ended
    if (code !== 0) throw this.#failure()
  }

  /** Ends it and all that it started, at once. */
  async stop() {
    this.kill()
    await this.ended
  }

  kill() {
    if (this.#code !== undefined || this.child.pid === undefined) return
    try {
      process.kill(-this.child.pid, 'SIGKILL')
    } catch (error) {
      // ESRCH: it has ended by itself in the meantime.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
    }
  }

  /** @param {unknown} message */
  #hear(message) {
    const listener = this.#listener
    this.#listener = undefined
    if (listener) listener.resolve(message)
    else this.#said.push(message)
  }

  /** @param {number} code */
  #end(code) {
    this.#code = code
    running.delete(this)
    this.#listener?.reject(this.#failure())
    this.#listener = undefined
    this.#look()
  }

  #failure() {
    return new Error(`${this.name} ended with code ${this.#code}\n${this.#errors}`)
  }
}

/** After a benchmark that broke: what it has started must not disturb the next. */
export async function stopAll() {
  await Promise.all([...running].map((program) => program.stop()))
}

/**
 * Runs a program to its end and gives the one message that it prints.
 * @param {string} command
 * @param {readonly (string | number)[]} args
 */
export async function result(command, args) {
  const program = new Program(command, args.map(String))
  const message = await program.next()
  await program.finish()
  return message
}

/**
 * Compiles the C programs and gives the path of each by its name.
 * @param {string} folder where the binaries go
 */
export function compile(folder) {
  const sources = fileURLToPath(new URL('../c', import.meta.url))
  mkdirSync(folder, { recursive: true })
  /** @type {Record<string, string>} */
  const binaries = {}
  for (const source of readdirSync(sources).filter((name) => name.endsWith('.c'))) {
    const binary = path.join(folder, path.basename(source, '.c'))
    const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', binary, path.join(sources, source)], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`cc ${source}: ${error?.message ?? stderr}`)
    binaries[path.basename(source, '.c')] = binary
  }
  return (/** @type {string} */ name) => {
    const binary = binaries[name]
    if (binary === undefined) throw new Error(`there is no bench/c/${name}.c`)
    return binary
  }
}
