// Connections opened as fast as the listener takes them, and the memory that they need.
import { Program } from './lib/programs.mjs'
import { memoryBytes } from './lib/proc.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'accepting connections'

const variants = ['Electron worker', 'Node worker', 'plain Node server']

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const count = context.quick ? 500 : 10_000
  /** @type {Record<string, { rates: number[], megabytes: number[], total: number[] }>} */
  const found = Object.fromEntries(variants.map((name) => [name, { rates: [], megabytes: [], total: [] }]))
  for (let round = 1; round <= context.rounds; round++) {
    for (const name of context.shuffle(variants)) {
      const one = await accept(context, name, count)
      context.clean()
      context.say(
        `round ${round}, ${name}: ${show(one.rate)}/s, ${show(one.megabytes)} MB for ${count}, all reset in ${show(one.clearedMs)} ms`,
      )
      found[name]?.rates.push(one.rate)
      found[name]?.megabytes.push(one.megabytes)
      found[name]?.total.push(one.totalMegabytes)
    }
  }
  const none = { rates: [], megabytes: [], total: [] }
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
  const before = memoryBytes(program.pid)
  const client = new Program(context.program('connect'), ['127.0.0.1', String(port), String(count)])
  const { nanos } = await client.next()
  if (!isPlain) await program.ask({ ask: 'accepted', count })
  const after = memoryBytes(program.pid)
  const [{ clearedNanos }] = await Promise.all([client.next(), client.finish()])
  if (!isPlain) await program.ask({ ask: 'allClosed' })
  await program.finish()
  return {
    rate: count / (nanos / 1e9),
    megabytes: (after - before) / 1e6,
    totalMegabytes: after / 1e6,
    clearedMs: clearedNanos / 1e6,
  }
}
