import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from './paths.mjs'

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] added to this process's own
 * @property {string} [cwd]
 * @property {number} [timeoutMs] ends the program (and what it started) when it takes longer
 * @property {NodeJS.WritableStream} [echo] also shows the output while it comes
 */

/**
 * Runs a program to its end, keeping what it prints. Never rejects: a program that is not there is a failed run.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ ok: boolean, code: number, stdout: string, output: string, timedOut: boolean }>}
 */
export function run(command, args, { env, cwd = ROOT, timeoutMs, echo } = {}) {
  return new Promise((resolve) => {
    let stdout = ''
    let output = ''
    let timedOut = false
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a timeout also ends what the program started.
      detached: process.platform !== 'win32',
    })
    const stop = () => endGroup(child.pid)
    process.once('exit', stop)
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true
          stop()
        }, timeoutMs)
      : undefined

    /** @param {string} text */
    const take = (text) => {
      output += text
      echo?.write(text)
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      take(text)
    })
    child.stderr.setEncoding('utf8').on('data', take)

    /** @param {number} code */
    const done = (code) => {
      clearTimeout(timer)
      process.removeListener('exit', stop)
      if (timedOut) output += `\n(stopped after ${Math.round(Number(timeoutMs) / 1000)} s)\n`
      resolve({ ok: code === 0 && !timedOut, code, stdout, output, timedOut })
    }
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`
      done(127)
    })
    child.on('close', (code) => done(code ?? 1))
  })
}

/** @param {number | undefined} pid */
function endGroup(pid) {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}

/** npm, started the same way on every system (on Windows it is a shell script, which spawn refuses). */
export function npm() {
  const script = process.env.npm_execpath
  if (script && /npm-cli\.[cm]?js$/.test(script)) return { command: process.execPath, args: [script] }
  if (process.platform === 'win32') return { command: 'cmd.exe', args: ['/d', '/s', '/c', 'npm'] }
  return { command: 'npm', args: [] }
}

/**
 * A tool out of node_modules, run by this same Node.
 * @param {string} script path below node_modules
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runTool(script, args, options) {
  return run(process.execPath, [path.join(ROOT, 'node_modules', script), ...args], options)
}

/** Whether a program of that name is on the PATH. @param {string} name */
export function hasProgram(name) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    const file = path.join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return statSync(file).isFile()
    } catch {
      return false
    }
  })
}

/**
 * What a short program prints, or undefined when it cannot be run.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function printedBy(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === null ? undefined : stdout
}
