// Very many small records of very many connections: what they take of memory, and how soon any of them is found.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { build } from 'vite'
import { inRoot } from '../scripts/lib/paths.mjs'
import { memoryBytes } from './lib/proc.mjs'
import { Program } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median, percentile } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'very many small records'

const MB = 1e6
const SAMPLES = 8
const SAMPLE_EVERY_MS = 250
/** One run takes minutes: what it finds is the same each time. */
const MOST_ROUNDS = 2

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const sockets = context.quick ? 500 : 10_000
  const little = context.quick ? 100_000 : 5e6
  const much = little * 10
  const program = await built()
  /** @type {Awaited<ReturnType<typeof run>>[]} */
  const found = []
  for (let round = 1; round <= Math.min(MOST_ROUNDS, context.rounds); round++) {
    const one = await run(context, program, sockets, little, much)
    context.clean()
    context.say(
      `round ${round}: ${show(one.before)} MB after ${little / 1e6} million, ${show(one.after)} MB after ${much / 1e6} million, ` +
        `${show(one.opened)} MB opened; ${show(one.rate / 1e3)} thousand a second; a screenful p99 ${show(one.look)} ms, ` +
        `a byte ${show(one.offset)} ms, a moment ${show(one.moment)} ms; opened by its index in ${show(one.byIndex)} s, anew in ${show(one.anew)} s`,
    )
    found.push(one)
  }
  const many = `${much / 1e6} million records of ${sockets} connections`
  /** @param {(one: typeof found[number]) => number} of */
  const values = (of) => found.map(of)
  /** @param {(one: typeof found[number]) => number} of @param {string} unit */
  const middle = (of, unit) => `${show(median(values(of)), unit)}`
  return [
    {
      target: 'recordsGrowth',
      what: `memory of ${many} minus that of ${little / 1e6} million`,
      ours: middle((one) => one.after, 'MB'),
      other: middle((one) => one.before, 'MB'),
      values: values((one) => one.after - one.before),
    },
    {
      target: 'recordsLookUp',
      what: `screenful at a random row of ${many}, p99`,
      ours: middle((one) => one.look, 'ms'),
      other: '',
      values: values((one) => one.look),
    },
    {
      target: 'recordsLookUp',
      what: 'the row of a random byte, p99',
      ours: middle((one) => one.offset, 'ms'),
      other: '',
      values: values((one) => one.offset),
    },
    {
      target: 'recordsLookUp',
      what: 'the row of a moment, p99',
      ours: middle((one) => one.moment, 'ms'),
      other: '',
      values: values((one) => one.moment),
    },
    {
      what: 'their index read, and made anew, s',
      ours: middle((one) => one.byIndex, 's'),
      other: middle((one) => one.anew, 's'),
      values: values((one) => one.byIndex),
    },
  ]
}

/**
 * @param {Context} context
 * @param {string} program
 * @param {number} sockets
 * @param {number} little
 * @param {number} much
 */
async function run(context, program, sockets, little, much) {
  const file = path.join(context.folder, 'records.swb')
  const side = new Program(process.execPath, [program, file, String(sockets)])
  await side.next()
  let seconds = 0
  /** In steps, so that nobody takes it to hang. @param {number} from @param {number} to */
  const record = async (from, to) => {
    for (let at = from; at < to;) {
      at = Math.min(to, at + little / 5)
      seconds += (await side.ask({ ask: 'record', upTo: at })).seconds
    }
  }
  const count = context.quick ? 100 : 2000
  await record(0, little)
  await side.ask({ ask: 'look', count })
  const before = await settledMemory(side.pid)
  await record(little, much)
  const times = await side.ask({ ask: 'look', count })
  const after = await settledMemory(side.pid)
  const { seconds: byIndex } = await side.ask({ ask: 'open', isAnew: false })
  await side.ask({ ask: 'look', count })
  const opened = await settledMemory(side.pid)
  const { seconds: anew } = await side.ask({ ask: 'open', isAnew: true })
  await side.ask({ ask: 'look', count })
  await side.ask({ ask: 'close' })
  await side.finish()
  return {
    before,
    after,
    opened,
    rate: much / seconds,
    look: percentile(times.rows, 99),
    offset: percentile(times.offsets, 99),
    moment: percentile(times.moments, 99),
    byIndex,
    anew,
  }
}

/** What is held, and not what the collector has not come round to yet; in megabytes. @param {number} pid */
async function settledMemory(pid) {
  let least = Infinity
  for (let n = 0; n < SAMPLES; n++) {
    await setTimeout(SAMPLE_EVERY_MS)
    least = Math.min(least, memoryBytes(pid) / MB)
  }
  return least
}

/** The capture from its sources, and what drives it. */
async function built() {
  // Below node_modules, so that what stays outside the bundle is found from there.
  const folder = inRoot('node_modules', '.cache', 'bench')
  mkdirSync(folder, { recursive: true })
  await build({
    root: inRoot(),
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['koffi'] },
    build: {
      ssr: inRoot('bench', 'sides', 'records.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20.12',
      rolldownOptions: { output: { entryFileNames: 'records.mjs' } },
    },
  })
  return path.join(folder, 'records.mjs')
}
