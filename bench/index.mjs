// Opening a recording: by its index, and with the index made anew, against tshark reading the same file. All of it is in the page cache.
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'opening what was recorded'

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const bytes = context.quick ? 48e6 : 2e9
  const large = await record(context, bytes, 'large.swb')
  const middle = await record(context, bytes / 2, 'middle.swb')
  const side = await context.start({ role: 'service', runtime: 'electron', place: 'worker' })
  const open = (/** @type {string} */ file) => side.program.ask({ ask: 'open', file })
  spawnSync('cat', [large, middle], { stdio: 'ignore' })
  // Once before it counts: the code is compiled then.
  await open(middle)

  /** @type {{ ours: number, tshark: number, first: number }[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const seconds = { ours: NaN, tshark: NaN, first: NaN }
    for (const which of context.shuffle(/** @type {const} */ (['ours', 'tshark', 'first']))) {
      if (which === 'tshark') seconds.tshark = tshark(large)
      else {
        if (which === 'ours') rmSync(`${large}.idx`)
        const answer = await open(which === 'ours' ? large : middle)
        const expected = which === 'ours' ? bytes : bytes / 2
        if (answer.inBytes !== expected) throw new Error(`${answer.inBytes} bytes of ${expected} are there`)
        seconds[which] = which === 'ours' ? answer.openedSeconds : answer.firstRowsSeconds
      }
    }
    const ms = (/** @type {number} */ each) => `${show(each * 1000)} ms`
    context.say(
      `round ${round}: index of ${show(bytes / 1e9)} GB made anew ${ms(seconds.ours)}, tshark -q ${ms(seconds.tshark)}; ` +
        `first rows of ${show(bytes / 2e9)} GB ${ms(seconds.first)}`,
    )
    found.push(seconds)
  }
  await side.program.finish()
  context.clean()
  const of = (/** @type {'ours' | 'tshark' | 'first'} */ which) =>
    `${show(median(found.map((each) => each[which])) * 1000)} ms`
  return [
    {
      target: 'indexRebuilt',
      what: 'index made anew / tshark -r FILE -q',
      ours: of('ours'),
      other: of('tshark'),
      values: found.map(({ ours, tshark: theirs }) => theirs / ours),
    },
    {
      target: 'firstRows',
      what: 'first rows of a session of 1 GB, opened by its index',
      ours: of('first'),
      other: '',
      values: found.map(({ first }) => first * 1000),
    },
  ]
}

/**
 * Records a stream as it comes at full speed, and keeps the file.
 * @param {Context} context
 * @param {number} bytes
 * @param {string} name
 */
async function record(context, bytes, name) {
  const side = await context.start({ role: 'service', runtime: 'electron', place: 'worker' })
  const { port } = await side.program.ask({ ask: 'listen', behaviour: 'discard' })
  await result(context.program('sender'), ['127.0.0.1', port, bytes, 0])
  await side.program.ask({ ask: 'recorded', bytes })
  await side.program.finish()
  const kept = path.join(context.folder, name)
  renameSync(side.file, kept)
  renameSync(`${side.file}.idx`, `${kept}.idx`)
  return kept
}

/** @param {string} file */
function tshark(file) {
  const began = performance.now()
  const { status } = spawnSync('tshark', ['-r', file, '-q'], { stdio: 'ignore' })
  if (status !== 0) throw new Error(`tshark ended with ${status}`)
  return (performance.now() - began) / 1000
}
