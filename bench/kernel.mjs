// How late the service's thread is while the kernel is asked about its sockets, under traffic; and what asking costs.
import { setTimeout } from 'node:timers/promises'
import { Program } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */
/** @typedef {{ p50: number, p99: number, max: number }} Delay */
/** @typedef {{ service: Delay, main: Delay }} Delays of the two threads of the main process */

export const title = 'the kernel’s view'

const SOCKETS = 10
const RATE = 10
/** Of each connection, in bytes a second. */
const TRAFFIC = 5e6
/** Calls of a syscall bench that do not return meanwhile. */
const BLOCKED = 10
/** Until all has come to its pace. */
const WARM_MS = 500

/** What else goes on meanwhile. Each begins something, and answers how to end it. @type {((program: Program) => Promise<() => Promise<unknown>>)[]} */
const loads = [
  async (program) => {
    const { id } = await program.ask({ ask: 'block', count: BLOCKED })
    return () => program.ask({ ask: 'unblock', id })
  },
]

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  /** @type {{ asked: Delays, quiet: Delays, costMicros: number, share: number }[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const one = await underTraffic(context)
    context.clean()
    context.say(
      `round ${round}: late p99 ${show(one.asked.service.p99)} ms (not asked: ${show(one.quiet.service.p99)}), p50 ${show(one.asked.service.p50)}, most ${show(one.asked.service.max)}; main thread p99 ${show(one.asked.main.p99)} ms; ${show(one.costMicros)} µs a sample, ${show(one.share * 100)} % of the thread`,
    )
    found.push(one)
  }
  const delayOf = (/** @type {'service' | 'main'} */ thread, /** @type {string} */ name) => {
    const of = (/** @type {'asked' | 'quiet'} */ which) => found.map((each) => each[which][thread].p99)
    return {
      target: /** @type {const} */ ('loopDelay'),
      what: `event loop delay p99 of ${name}, ${BLOCKED} calls blocked and ${SOCKETS} sockets sampled ${RATE} times a second under ${(SOCKETS * TRAFFIC) / 1e6} MB/s / not sampled (less is better)`,
      ours: `${show(median(of('asked')))} ms`,
      other: `${show(median(of('quiet')))} ms`,
      values: of('asked'),
    }
  }
  return [
    delayOf('service', 'the service’s thread'),
    delayOf('main', 'the main thread'),
    {
      what: 'cost of one sample, in µs of the service’s thread',
      ours: `${show(median(found.map(({ costMicros }) => costMicros)))} µs`,
      other: '',
      values: found.map(({ costMicros }) => costMicros),
    },
  ]
}

/** @param {Context} context */
async function underTraffic(context) {
  const seconds = context.quick ? 1 : 10
  const { program } = await context.start({
    role: 'service',
    runtime: 'electron',
    place: 'worker',
    isWatched: true,
  })
  const { port } = await program.ask({ ask: 'listen', behaviour: 'discard' })
  const bytes = TRAFFIC * (2 * seconds + 10)
  const senders = Array.from(
    { length: SOCKETS },
    () => new Program(context.program('sender'), ['127.0.0.1', port, bytes, TRAFFIC].map(String)),
  )
  await program.ask({ ask: 'accepted', count: SOCKETS })
  const ends = []
  for (const begin of loads) ends.push(await begin(program))
  const none = { p50: 0, p99: 0, max: 0 }
  /** @type {Record<'asked' | 'quiet', Delays>} */
  const delays = { asked: { service: none, main: none }, quiet: { service: none, main: none } }
  let cost = { costMicros: 0, share: 0 }
  for (const which of context.shuffle(/** @type {const} */ (['asked', 'quiet']))) {
    const { sampled } = await program.ask({ ask: 'askKernel', rate: which === 'asked' ? RATE : 0 })
    if (sampled !== SOCKETS) throw new Error(`${sampled} of ${SOCKETS} sockets are open`)
    await setTimeout(WARM_MS)
    await program.ask({ ask: 'loopDelay' })
    await setTimeout(seconds * 1000)
    delays[which] = await program.ask({ ask: 'loopDelay' })
    if (which === 'asked') cost = await program.ask({ ask: 'sampling' })
  }
  for (const end of ends) await end()
  for (const sender of senders) await sender.stop()
  await program.finish()
  return { ...delays, ...cost }
}
