// Messages of 64 bytes, one at a time, each answered: with everything recorded in the app's worker, against plain Node.
import { result } from './lib/programs.mjs'
import { allowedCores } from './lib/proc.mjs'
import { Program } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'round trips of 64 bytes'

const SIZE = 64
const variants = ['recorded, Electron worker', 'recorded, Node worker', 'plain Node echo', 'C echo']

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const cores = allowedCores()
  const [client = 0, other] = cores
  const rows = await layout(context, 'all on one core', client, client, 'roundTrips')
  if (other !== undefined)
    rows.push(...(await layout(context, 'client and server on a core each', client, other)))
  return rows
}

/**
 * @param {Context} context
 * @param {string} name
 * @param {number} client core
 * @param {number} server core
 * @param {Row['target']} [target]
 * @returns {Promise<Row[]>}
 */
async function layout(context, name, client, server, target) {
  const count = context.quick ? 1000 : 50_000
  /** @type {Map<string, number[]>} */
  const rates = new Map(variants.map((variant) => [variant, []]))
  for (let round = 1; round <= context.rounds; round++) {
    for (const variant of context.shuffle(variants)) {
      const { program, port } = await startEcho(context, variant, server)
      const told = await result('taskset', [
        '-c',
        client,
        context.program('pingPong'),
        '127.0.0.1',
        port,
        SIZE,
        count,
      ])
      if (variant === 'C echo') await program.stop()
      else {
        // Each trip is there twice: as it came, and as it went back.
        if (variant.startsWith('recorded'))
          await program.ask({ ask: 'recorded', bytes: SIZE * (count + Math.floor(count / 10)) })
        await program.finish()
      }
      context.clean()
      const rate = count / (told.nanos / 1e9)
      rates.get(variant)?.push(rate)
      context.say(
        `round ${round}, ${name}, ${variant}: ${show(rate)}/s, p50 ${show(told.p50 / 1000)} µs, p99 ${show(told.p99 / 1000)} µs`,
      )
    }
  }
  const of = (/** @type {string} */ variant) => rates.get(variant) ?? []
  /**
   * @param {string} what
   * @param {string} ours
   * @returns {Row}
   */
  const row = (what, ours) => ({
    what: `${what}, ${name}`,
    ours: `${show(median(of(ours)))}/s`,
    other: `${show(median(of('plain Node echo')))}/s`,
    values: of(ours).map((rate, i) => rate / (of('plain Node echo')[i] ?? NaN)),
  })
  return [
    {
      ...row('64-byte round trips, recorded / plain Node echo', 'recorded, Electron worker'),
      ...(target && { target }),
    },
    row('the same in plain Node', 'recorded, Node worker'),
    row('C echo / plain Node echo', 'C echo'),
  ]
}

/**
 * @param {Context} context
 * @param {string} variant
 * @param {number} core
 */
async function startEcho(context, variant, core) {
  if (variant === 'C echo') {
    const program = new Program('taskset', ['-c', String(core), context.program('echo')])
    return { program, port: (await program.next()).port }
  }
  if (variant === 'plain Node echo') return context.start({ role: 'echo', runtime: 'node', core })
  const runtime = variant.includes('Electron') ? 'electron' : 'node'
  const { program } = await context.start({ role: 'service', runtime, place: 'worker', core })
  return { program, port: (await program.ask({ ask: 'listen', behaviour: 'echo' })).port }
}
