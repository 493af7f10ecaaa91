// One side of a comparison, in a process of its own: under plain Node this file is the program, in Electron's main process
// bench/electron/main.mjs imports it. SWITCHBOARD_BENCH says what to be (`role`) and on which thread (`place`).
// Requests come as lines of JSON on stdin, answers go to stdout; the end of stdin ends the program.
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { roles } from './roles.mjs'
import { startService } from './service.mjs'

/** @typedef {import('./roles.mjs').Tell} Tell */

const { role, place, ...options } = JSON.parse(process.env.SWITCHBOARD_BENCH ?? '{}')

/** @type {Tell} */
const tell = (message) => void process.stdout.write(`${JSON.stringify(message)}\n`)

/** @param {string} line */
const hear = async (line) => {
  const request = JSON.parse(line)
  // Of the whole process: all threads count.
  if (request.ask === 'usage')
    tell({ cpuMicros: sum(process.cpuUsage()), rssBytes: process.memoryUsage.rss() })
  else tell(await answer(request))
}
/** @param {NodeJS.CpuUsage} usage */
const sum = ({ user, system }) => user + system

/** @type {(request: any) => Promise<object>} */
let answer = () => Promise.reject(new Error(`a ${role} has no answers`))
let end = async () => {}

if (role === 'service') {
  const service = await startService(options)
  answer = service.answer
  end = service.end
  tell({ ready: true })
} else if (place === 'worker') {
  const worker = new Worker(new URL('./roles.mjs', import.meta.url), { workerData: { role } })
  worker.on('message', tell)
  worker.on('error', (error) => {
    throw error
  })
} else {
  roles[role]?.(tell)
}

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => void hear(line))
lines.on('close', () => {
  void end().then(() => process.exit(0))
})
