// Connections opened as fast as the listener takes them, and the memory that they need.
import { setTimeout } from 'node:timers/promises'
import { Program } from './lib/programs.mjs'
import { memoryBytes } from './lib/proc.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'accepting connections'

const variants = ['Electron worker', 'Node worker', 'plain Node server']

/** After each wave: what V8 compiles and collects in the background is done by then. */
const QUIET_MS = 1000
/** Judged is what a listener does that has been there for a while: V8 compiles in the first waves, twice what lives long. */
const WARMING_WAVES = 2
const JUDGED_WAVES = 3

/**
 * Each side takes waves of callers, all of whom hang up before the next. The first meets code that V8 has not compiled yet, and
 * the compilers' threads take half of two cores from it; it is told, and so is the median of the last ones, which is judged.
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const count = context.quick ? 500 : 10_000
  /** @type {Record<string, { rates: number[], cold: number[], megabytes: number[], total: number[] }>} */
  const found = Object.fromEntries(
    variants.map((name) => [name, { rates: [], cold: [], megabytes: [], total: [] }]),
  )
  for (let round = 1; round <= context.rounds; round++) {
    for (const name of context.shuffle(variants)) {
      const one = await accept(context, name, count)
      context.clean()
      context.say(
        `round ${round}, ${name}: ${show(one.rate)}/s (the first ${show(one.coldRate)}/s), ${show(one.megabytes)} MB for ${count}, all reset in ${show(one.clearedMs)} ms`,
      )
      found[name]?.rates.push(one.rate)
      found[name]?.cold.push(one.coldRate)
      found[name]?.megabytes.push(one.megabytes)
      found[name]?.total.push(one.totalMegabytes)
    }
  }
  const none = { rates: [], cold: [], megabytes: [], total: [] }
  const [ours = none, node = none, plain = none] = variants.map((name) => found[name])
  /** @param {number[]} rates */
  const perSecond = (rates) => `${show(median(rates))}/s`
  return [
    {
      target: 'accepts',
      what: 'accepts / plain Node server',
      ours: perSecond(ours.rates),
      other: perSecond(plain.rates),
      values: ours.rates.map((rate, i) => rate / (plain.rates[i] ?? NaN)),
    },
    {
      what: 'the same in plain Node',
      ours: perSecond(node.rates),
      other: perSecond(plain.rates),
      values: node.rates.map((rate, i) => rate / (plain.rates[i] ?? NaN)),
    },
    {
      what: 'the first callers of a new process',
      ours: perSecond(ours.cold),
      other: perSecond(plain.cold),
      values: ours.cold.map((rate, i) => rate / (plain.cold[i] ?? NaN)),
    },
    {
      what: `memory of ${count} connections, MB`,
      ours: `${show(median(ours.total))} MB in all`,
      other: `${show(median(plain.megabytes))} MB`,
      values: ours.megabytes,
    },
  ]
}

/**
 * @param {Context} context
 * @param {string} name
 * @param {number} count
 */
async function accept(context, name, count) {
  const isPlain = name === 'plain Node server'
  const { program, ...started } = await context.start(
    isPlain
      ? { role: 'acceptor', runtime: 'node' }
      : { role: 'service', runtime: name.startsWith('Electron') ? 'electron' : 'node', place: 'worker' },
  )
  const { port } = isPlain ? started : await program.ask({ ask: 'listen', behaviour: 'none' })
  let accepted = 0
  const wave = async () => {
    const client = new Program(context.program('connect'), ['127.0.0.1', String(port), String(count)])
    const { nanos } = await client.next()
    accepted += count
    if (!isPlain) await program.ask({ ask: 'accepted', count: accepted })
    const bytes = memoryBytes(program.pid)
    const [{ clearedNanos }] = await Promise.all([client.next(), client.finish()])
    if (!isPlain) await program.ask({ ask: 'allClosed' })
    return { rate: count / (nanos / 1e9), bytes, clearedMs: clearedNanos / 1e6 }
  }
  const before = memoryBytes(program.pid)
  const cold = await wave()
  const rates = []
  const clears = []
  for (let n = 1; n < WARMING_WAVES + JUDGED_WAVES; n++) {
    if (!context.quick) await setTimeout(QUIET_MS)
    const { rate, clearedMs } = await wave()
    if (n < WARMING_WAVES) continue
    rates.push(rate)
    clears.push(clearedMs)
  }
  await program.finish()
  return {
    coldRate: cold.rate,
    rate: median(rates),
    megabytes: (cold.bytes - before) / 1e6,
    totalMegabytes: cold.bytes / 1e6,
    clearedMs: median(clears),
  }
}
