// The highest rate of datagrams at which none is lost, with all of them recorded, against a C program that keeps none.
import { Program, result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */
/** @typedef {{ port: number, received: () => Promise<number>, finish: () => Promise<void> }} Receiver */

export const title = 'datagrams without loss'

const SIZE = 64
const BUFFER_BYTES = 4 << 20
const LOWEST = 10_000
const HIGHEST = 1_000_000
/** The search ends when it has the rate to within this factor. */
const EXACT_ENOUGH = 1.08

const variants = ['recorded, Electron worker', 'C recv']

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  /** @type {Map<string, number[]>} */
  const rates = new Map(variants.map((name) => [name, []]))
  for (let round = 1; round <= context.rounds; round++) {
    for (const name of context.shuffle(variants)) {
      const receiver = await (name === 'C recv' ? receiveInC(context) : record(context))
      const rate = await highestRate(context, receiver)
      await receiver.finish()
      context.clean()
      context.say(`round ${round}, ${name}: ${show(rate)} datagrams/s`)
      rates.get(name)?.push(rate)
    }
  }
  const [ours = [], plain = []] = variants.map((name) => rates.get(name))
  return [
    {
      target: 'udp',
      what: `datagrams of ${SIZE} bytes without loss, recorded / C recv`,
      ours: `${show(median(ours))}/s`,
      other: `${show(median(plain))}/s`,
      values: ours.map((rate, i) => rate / (plain[i] ?? NaN)),
    },
  ]
}

/**
 * Halves the range, on a logarithmic scale, until it is narrow enough. The sender may be the one who cannot go faster: what
 * counts is the rate at which it really sent.
 * @param {Context} context
 * @param {Receiver} receiver
 */
async function highestRate(context, receiver) {
  /** The rate of a try, or 0 where something was lost. @param {number} wanted */
  const attempt = async (wanted) => {
    const milliseconds = context.quick ? 200 : 1000
    const address = ['127.0.0.1', receiver.port]
    const { sent, nanos } = await result(context.program('udpSend'), [
      ...address,
      SIZE,
      Math.round(wanted),
      milliseconds,
    ])
    return (await receiver.received()) === sent ? sent / (nanos / 1e9) : 0
  }
  if (context.quick) return attempt(LOWEST)
  let [low, high, best] = [LOWEST, HIGHEST, 0]
  while (high / low > EXACT_ENOUGH) {
    const middle = Math.sqrt(low * high)
    const rate = await attempt(middle)
    best = Math.max(best, rate)
    // Lossless, but slower than asked: more cannot be sent.
    if (rate > 0 && rate < middle / EXACT_ENOUGH) high = middle
    else if (rate > 0) low = middle
    else high = middle
  }
  return best
}

/**
 * @param {Context} context
 * @returns {Promise<Receiver>}
 */
async function receiveInC(context) {
  const program = new Program(context.program('udpReceive'), [])
  const { port } = await program.next()
  return {
    port,
    received: async () => (await program.ask({})).received,
    finish: () => program.finish(),
  }
}

/**
 * @param {Context} context
 * @returns {Promise<Receiver>}
 */
async function record(context) {
  const { program, file } = await context.start({ role: 'service', runtime: 'electron', place: 'worker' })
  const { id, port } = await program.ask({ ask: 'bind', bytes: BUFFER_BYTES })
  let before = 0
  return {
    port,
    async received() {
      const { received } = await program.ask({ ask: 'received', id })
      const came = received - before
      before = received
      return came
    },
    async finish() {
      await program.finish()
      await result(context.program('verify'), ['DATAGRAMS', file, before])
    },
  }
}
