// Recorded connections played again by `switchboard replay`: how fast, how well in time, and a thousand of them with their overlap.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inRoot } from '../scripts/lib/paths.mjs'
import { Program, result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median, percentile } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */
/** @typedef {{ id: string, nanos: number, kind: string, direction: string, text: string }} CsvRow */

export const title = 'replaying what was recorded'

const cli = inRoot('out', 'main', 'cli.js')
/** What anybody would write. */
const PLAIN = `require('fs').createReadStream(process.argv[1]).pipe(require('net').connect(process.argv[2], '127.0.0.1'))`

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const rows = [await atFullSpeed(context), await inTime(context), await together(context)]
  context.clean()
  return rows
}

/**
 * Records what a program says to a listener of ours. @param {string} file @param {string} behaviour
 * @param {(port: number) => Promise<unknown>} talk
 */
async function recorded(file, behaviour, talk) {
  const words = ['listen', 'tcp://127.0.0.1:0', '--behaviour', behaviour, '--record', file, '--json']
  const listener = new Program(process.execPath, [cli, ...words])
  const port = Number(new URL((await listener.next()).url).port)
  await talk(port)
  listener.child.kill('SIGINT')
  const code = await listener.ended
  if (code !== 0) throw new Error(`the recorder ended with ${code}`)
}

/** @param {string[]} words */
const replay = (...words) => result(process.execPath, [cli, 'replay', ...words, '--json'])

/** Both sides of the ratio are timed where the bytes arrive: from the first to the end. @param {Context} context */
async function atFullSpeed(context) {
  const bytes = context.quick ? 48e6 : 1e9
  const file = path.join(context.folder, 'fast.swb')
  const raw = path.join(context.folder, 'fast.bin')
  await recorded(file, 'discard', (port) => result(context.program('sender'), ['127.0.0.1', port, bytes, 0]))
  exported(file, 'raw', '--connection', 'C1', '--direction', 'in', '--output', raw)
  const sink = await context.start({ role: 'timedSink', runtime: 'node' })
  const target = `tcp://127.0.0.1:${sink.port}`
  const again = path.join(context.folder, 'again.swb')

  /** @type {{ ours: number, plain: number }[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const seconds = { ours: NaN, plain: NaN }
    for (const which of context.shuffle(/** @type {const} */ (['ours', 'plain']))) {
      spawnSync('cat', [file, raw], { stdio: 'ignore' })
      spawnSync('sync', ['-f', context.folder])
      const sender =
        which === 'ours'
          ? replay(file, '--as', 'client', '--target', target, '--speed', 'max', '--record', again)
          : new Program(process.execPath, ['-e', PLAIN, raw, String(sink.port)]).ended
      const heard = await sink.program.next()
      const ended = await sender
      if (which === 'ours' && !ended.isEqual) throw new Error(`the replay differs: ${JSON.stringify(ended)}`)
      if (heard.bytes !== bytes) throw new Error(`${heard.bytes} of ${bytes} bytes came`)
      seconds[which] = heard.seconds
      for (const each of [again, `${again}.idx`]) rmSync(each, { force: true })
    }
    const rate = (/** @type {number} */ each) => `${show(bytes / 1e6 / each)} MB/s`
    context.say(`round ${round}: replayed ${rate(seconds.ours)}, plain ${rate(seconds.plain)}`)
    found.push(seconds)
  }
  await sink.program.finish()
  for (const each of [file, `${file}.idx`, raw]) rmSync(each, { force: true })
  const of = (/** @type {'ours' | 'plain'} */ which) =>
    `${show(bytes / 1e6 / median(found.map((each) => each[which])))} MB/s`
  return {
    target: /** @type {const} */ ('replaySpeed'),
    what: 'replay at full speed, recorded / plain Node sender of a file',
    ours: of('ours'),
    other: of('plain'),
    values: found.map(({ ours, plain }) => plain / ours),
  }
}

/** When each send was recorded the second time, against when it was the first time. @param {Context} context */
async function inTime(context) {
  const count = context.quick ? 200 : 3000
  const file = path.join(context.folder, 'ticks.swb')
  const again = path.join(context.folder, 'ticked.swb')
  await recorded(file, 'discard', (port) =>
    result(context.program('ticker'), ['127.0.0.1', port, 32, count, 1000]),
  )
  const first = timesOf(file, 'in')
  const sink = await context.start({ role: 'timedSink', runtime: 'node' })
  const errors = []
  for (let round = 1; round <= context.rounds; round++) {
    const target = `tcp://127.0.0.1:${sink.port}`
    const report = await replay(
      file,
      '--as',
      'client',
      '--target',
      target,
      '--wait',
      'time',
      '--record',
      again,
    )
    await sink.program.next()
    const second = timesOf(again, 'out')
    if (second.length !== first.length) throw new Error(`${second.length} sends for ${first.length}`)
    const late = second.map((nanos, n) => nanos - (second[0] ?? 0) - ((first[n] ?? 0) - (first[0] ?? 0)))
    // The first send is the zero of both: what it was late by itself is in all the others.
    const middle = median(late)
    errors.push(
      percentile(
        late.map((each) => Math.abs(each - middle)),
        99,
      ) / 1e6,
    )
    context.say(
      `round ${round}: p99 ${show(errors.at(-1) ?? NaN)} ms; as the replay tells it, p99 ${show(report.latenessNanos.p99 / 1e6)} ms late`,
    )
    for (const each of [again, `${again}.idx`]) rmSync(each, { force: true })
  }
  await sink.program.finish()
  return {
    target: /** @type {const} */ ('replaySchedule'),
    what: 'schedule error of sends replayed at 1 ms spacing, p99 (less is better)',
    ours: `${show(median(errors))} ms`,
    other: '–',
    values: errors,
  }
}

/** A thousand calls, played as both sides: as many open at once as there were. @param {Context} context */
async function together(context) {
  const count = context.quick ? 50 : 1000
  const file = path.join(context.folder, 'crowd.swb')
  const again = path.join(context.folder, 'crowded.swb')
  await recorded(file, 'echo', (port) => crowd(port, count))
  const before = overlapIn(file)
  const values = []
  for (let round = 1; round <= Math.min(context.rounds, 3); round++) {
    const report = await replay(file, '--as', 'both', '--record', again)
    if (!report.isEqual) throw new Error(`the replay differs: ${JSON.stringify(report).slice(0, 500)}`)
    const now = overlapIn(again)
    // Both ends are recorded now, where it was one then. Those that open late are open with more others than they were.
    if (now.most < 2 * before.most) throw new Error(`${now.most / 2} were open at once, then ${before.most}`)
    values.push(now.nanos / before.nanos)
    context.say(
      `round ${round}: ${count} connections, ${before.most} of them at once, in ${show(now.nanos / 1e9)} s`,
    )
    for (const each of [again, `${again}.idx`]) rmSync(each, { force: true })
  }
  return {
    target: /** @type {const} */ ('replayTogether'),
    what: `${count} connections replayed with their overlap: time taken / recorded (less is better)`,
    ours: `${show((median(values) * before.nanos) / 1e9)} s`,
    other: `${show(before.nanos / 1e9)} s`,
    values,
  }
}

/** Calls that begin one after the other, all overlap, say three things each and hang up. @param {number} port @param {number} count */
async function crowd(port, count) {
  const calls = []
  for (let n = 0; n < count; n++) {
    calls.push(call(port, n))
    await setTimeout(1)
  }
  await Promise.all(calls)
}

/** @param {number} port @param {number} n */
async function call(port, n) {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.resume()
  for (let said = 0; said < 3; said++) {
    await setTimeout(700)
    socket.write(`call ${n} says ${said}\n`)
  }
  await setTimeout(100)
  socket.end()
  await new Promise((resolve) => socket.once('close', resolve))
}

/** @param {string} file @param {string} format @param {string[]} more */
function exported(file, format, ...more) {
  const words = [cli, 'export', file, '--format', format, ...more]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1e9 })
  if (status !== 0) throw new Error(`export: ${stderr}`)
  return stdout
}

/** @param {string} file @returns {CsvRow[]} */
function rowsOf(file) {
  return exported(file, 'csv')
    .split('\n')
    .slice(1)
    .map((line) => {
      const [id = '', , seconds = '', , kind = '', direction = '', , , , text = ''] = line.split(',')
      return { id, nanos: Math.round(Number(seconds) * 1e9), kind, direction, text }
    })
    .filter(({ id }) => id.startsWith('C'))
}

/** @param {string} file @param {string} direction */
const timesOf = (file, direction) =>
  rowsOf(file)
    .filter((row) => row.kind === 'data' && row.direction === direction)
    .map(({ nanos }) => nanos)

/** How many were open at once, and how long all of it took. @param {string} file */
function overlapIn(file) {
  const events = rowsOf(file).filter(({ kind }) => kind === 'event')
  const changes = events
    .map(({ nanos, text }) => ({
      nanos,
      by: /^(accepted|connected)/.test(text) ? 1 : text.startsWith('closed') ? -1 : 0,
    }))
    .filter(({ by }) => by !== 0)
    .sort((a, b) => a.nanos - b.nanos)
  let open = 0
  let most = 0
  for (const { by } of changes) most = Math.max(most, (open += by))
  return { most, nanos: (changes.at(-1)?.nanos ?? 0) - (changes[0]?.nanos ?? 0) }
}
