// Saving a session while it is open, against cp of its file: under its first name, and under another one, where what it was in stays. Ours is on the
// disk when it answers; cp leaves that to the kernel, so that it is told with and without the time until its copy is there, too.
import { spawnSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'saving a session'

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const bytes = context.quick ? 48e6 : 1e9
  const side = await context.start({ role: 'service', runtime: 'electron', place: 'worker' })
  const { port } = await side.program.ask({ ask: 'listen', behaviour: 'discard' })
  await result(context.program('sender'), ['127.0.0.1', port, bytes, 0])
  await side.program.ask({ ask: 'recorded', bytes })
  const saved = (/** @type {number} */ round) => path.join(context.folder, `saved-${round}.swb`)
  const copied = path.join(context.folder, 'copied.swb')
  // Once before it counts: the code is compiled then, and both begin with a file that came the same way.
  await side.program.ask({ ask: 'save', file: saved(0) })
  rmSync(side.file)
  let file = saved(0)

  /** @type {{ ours: number, first: number, cp: number, synced: number }[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const seconds = { ours: NaN, first: NaN, cp: NaN, synced: NaN }
    for (const which of context.shuffle(/** @type {const} */ (['ours', 'first', 'cp']))) {
      spawnSync('cat', [file], { stdio: 'ignore' })
      spawnSync('sync', ['-f', context.folder])
      if (which === 'cp') {
        seconds.cp = timed('cp', file, copied)
        seconds.synced = seconds.cp + timed('sync', copied)
        if (spawnSync('cmp', [file, copied]).status !== 0) throw new Error('cp made another file')
        rmSync(copied)
        continue
      }
      if (which === 'first') {
        const named = path.join(context.folder, `named-${round}.swb`)
        const { ino } = statSync(file)
        seconds.first = (await side.program.ask({ ask: 'save', file: named, isMoved: true })).seconds
        if (statSync(named).ino !== ino) throw new Error('it was copied')
        file = named
        continue
      }
      const answer = await side.program.ask({ ask: 'save', file: saved(round) })
      seconds.ours = answer.seconds
      if (spawnSync('cmp', [file, saved(round)]).status !== 0)
        throw new Error('what was saved is another file')
      if (statSync(saved(round)).size < bytes) throw new Error('what was saved is too short')
      rmSync(file)
      rmSync(`${file}.idx`, { force: true })
      file = saved(round)
    }
    const rate = (/** @type {number} */ each) => `${show(bytes / 1e6 / each)} MB/s`
    context.say(
      `round ${round}: first name ${show(seconds.first * 1000)} ms, saved ${rate(seconds.ours)}, cp ${rate(seconds.cp)}, and sync ${rate(seconds.synced)}`,
    )
    found.push(seconds)
  }
  await side.program.finish()
  rmSync(file)
  rmSync(`${file}.idx`, { force: true })
  context.clean()
  const of = (/** @type {'ours' | 'first' | 'cp' | 'synced'} */ which) =>
    `${show(median(found.map((each) => each[which])) * 1000)} ms`
  return [
    {
      target: 'saveFirst',
      what: 'saving a session of 1 GB under its first name / cp of it (less is better)',
      ours: of('first'),
      other: of('cp'),
      values: found.map(({ first, cp }) => first / cp),
    },
    {
      target: 'save',
      what: 'saving it under another name / cp of it (less is better)',
      ours: of('ours'),
      other: of('cp'),
      values: found.map(({ ours, cp }) => ours / cp),
    },
    {
      target: 'saveSynced',
      what: 'the same / cp of it, and sync of the copy (less is better)',
      ours: of('ours'),
      other: of('synced'),
      values: found.map(({ ours, synced }) => ours / synced),
    },
  ]
}

/**
 * How many seconds a command takes.
 * @param {string} command
 * @param {string[]} words
 */
function timed(command, ...words) {
  const began = performance.now()
  if (spawnSync(command, words).status !== 0) throw new Error(`${command} failed`)
  return (performance.now() - began) / 1000
}
