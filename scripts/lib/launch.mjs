import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ROOT } from './paths.mjs'
import { hasDisplay, onSomeDisplay } from './display.mjs'

// xvfb-run hands no signals on, and ending it would leave its screen behind. So the program under it tells its process id on
// descriptor 3, and signals go there; xvfb-run then cleans up and passes the exit code on.
const TELL_PROCESS_ID = 'echo $$ >&3; exec 3>&-; exec "$@"'

const PARENT_POLL_MS = 500

/**
 * Runs a program with a window in the foreground: its output is ours, signals that we get it gets, its exit code is the result.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<number>}
 */
export function launch(command, args, { cwd = ROOT } = {}) {
  const real = hasDisplay()
  const started = real
    ? { command, args: [...args] }
    : onSomeDisplay('sh', ['-c', TELL_PROCESS_ID, 'sh', command, ...args])
  return new Promise((resolve, reject) => {
    const child = spawn(started.command, started.args, {
      cwd,
      stdio: real ? 'inherit' : ['inherit', 'inherit', 'inherit', 'pipe'],
      // Under xvfb-run a Ctrl-C of the terminal would reach the screen and the program at once: keep them out of its group.
      detached: !real,
    })
    let target = real ? child.pid : undefined
    child.stdio[3]?.on('data', (/** @type {Buffer} */ told) => (target = Number(told.toString())))

    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      if (target !== undefined) process.kill(target, signal)
    }
    // A terminal's Ctrl-C goes to the whole group: then the program has it already.
    process.on('SIGINT', () => {
      if (!(real && process.stdin.isTTY)) passOn('SIGINT')
    })
    process.on('SIGTERM', passOn)
    process.on('SIGHUP', passOn)

    // `npm start` ended by a signal ends its shell but not what runs in it: notice that, rather than stay behind with the window.
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(watch)
      passOn('SIGTERM')
    }, PARENT_POLL_MS)
    watch.unref()

    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
