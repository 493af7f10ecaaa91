// What all processes of the app hold after a lot of traffic, with a pane following it, against what they held after a little.
import { setTimeout } from 'node:timers/promises'
import { hasShown, openFirstConnection, openListening } from './lib/appWindow.mjs'
import { memoryBytes, ownMemoryBytes, rendererOf } from './lib/proc.mjs'
import { Program, result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'memory after much traffic'

const SAMPLES = 12
const SAMPLE_EVERY_MS = 250
const MB = 1e6

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const little = context.quick ? 32 * MB : 1000 * MB
  const much = little * (context.quick ? 4 : 10)
  /** @type {Awaited<ReturnType<typeof growth>>[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const one = await growth(context, little, much)
    context.clean()
    context.say(
      `round ${round}: ${show(one.before.all)} MB after ${little / MB} MB, ${show(one.after.all)} MB after ${much / MB} MB; ` +
        `the main process ${show(one.before.main)} and ${show(one.after.main)}, the page's ${show(one.before.page)} and ${show(one.after.page)}`,
    )
    found.push(one)
  }
  /** @param {'all' | 'main' | 'page'} which */
  const row = (which) => ({
    ours: `${show(median(found.map(({ after }) => after[which])))} MB`,
    other: `${show(median(found.map(({ before }) => before[which])))} MB`,
    values: found.map(({ before, after }) => after[which] - before[which]),
  })
  const span = `after ${much / MB} MB minus after ${little / MB} MB`
  return [
    { target: 'memoryGrowth', what: `memory of all processes ${span}`, ...row('all') },
    { what: 'of the main process, with engine and capture', ...row('main') },
    { what: 'of the process of the page', ...row('page') },
  ]
}

/**
 * @param {Context} context
 * @param {number} little bytes
 * @param {number} much bytes
 */
async function growth(context, little, much) {
  const window = await openListening(context)
  const sender = new Program(
    context.program('sender'),
    ['127.0.0.1', window.port, much, 0, little].map(String),
  )
  await sender.next()
  const region = await openFirstConnection(window.page)
  await hasShown(region, little)
  const before = await settledMemory(window.program.pid)
  const [after] = await Promise.all([watchRest(), sender.ask({})])
  await sender.finish()
  const file = window.recording()
  await window.close()
  await result(context.program('verify'), ['PCAPNG', file, much])
  return { before, after }

  async function watchRest() {
    await hasShown(region, much)
    const bytes = await settledMemory(window.program.pid)
    // The app keeps its side open until somebody closes it.
    await region.getByRole('button', { name: 'Close', exact: true }).click()
    return bytes
  }
}

/**
 * The least of some samples, in megabytes: what is held, and not what the collectors have not come round to yet.
 * @param {number} pid
 */
async function settledMemory(pid) {
  const page = rendererOf(pid)
  const least = { all: Infinity, main: Infinity, page: Infinity }
  for (let i = 0; i < SAMPLES; i++) {
    await setTimeout(SAMPLE_EVERY_MS)
    least.all = Math.min(least.all, memoryBytes(pid) / MB)
    least.main = Math.min(least.main, ownMemoryBytes(pid) / MB)
    least.page = Math.min(least.page, ownMemoryBytes(page) / MB)
  }
  return least
}
