// Receiving a stream and recording all of it, against those that record less well or nothing at all.
// The clock runs from the sender's first byte until the receiver has closed, or for us until the file is complete.
import { statSync } from 'node:fs'
import path from 'node:path'
import { freePort } from './lib/context.mjs'
import { Program, result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */
/** @typedef {{ seconds: number, cpuSeconds: number }} Cost */
/** @typedef {(context: Context, bytes: number) => Promise<Cost>} Variant */

export const title = 'receiving and recording a stream'

const GB = 1e9

/** @type {Record<string, Variant>} */
const variants = {
  'recorded, Electron worker': (context, bytes) => recorded(context, bytes, 'electron'),
  'recorded, Node worker': (context, bytes) => recorded(context, bytes, 'node'),
  'onread sink, Electron worker': (context, bytes) =>
    sink(context, bytes, { role: 'onreadSink', runtime: 'electron', place: 'worker' }),
  'onread sink, Node worker': (context, bytes) =>
    sink(context, bytes, { role: 'onreadSink', runtime: 'node', place: 'worker' }),
  "on('data') sink, Electron main": (context, bytes) =>
    sink(context, bytes, { role: 'dataSink', runtime: 'electron' }),
  "on('data') sink, Node": (context, bytes) => sink(context, bytes, { role: 'dataSink', runtime: 'node' }),
  'C disk writer, O_DIRECT': diskWriter,
  'socat -r': (context, bytes) =>
    dumper(
      context,
      bytes,
      (port, file) =>
        `socat -u -b 131072 -r '${file}' TCP-LISTEN:${port},bind=127.0.0.1 OPEN:/dev/null,wronly`,
    ),
  'ncat -o': (context, bytes) =>
    dumper(context, bytes, (port, file) => `ncat -l --recv-only -o '${file}' 127.0.0.1 ${port} >/dev/null`),
}

const OURS = 'recorded, Electron worker'
const SOCAT = 'socat -r'

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const bytes = context.quick ? 48e6 : 2 * GB
  const usual = await inRounds(context, bytes, Object.keys(variants))
  const long = await inRounds(context, bytes * 3, [OURS, SOCAT])
  context.say(costs(usual))

  const limit = usual.map((round) =>
    Math.max(cost(round, 'onread sink, Electron worker'), cost(round, 'C disk writer, O_DIRECT')),
  )
  const size = `${show((bytes * 3) / GB)} GB`
  return [
    row('receiveAgainstLimit', 'recorded / the slower of onread sink and disk', usual, OURS, limit),
    row(
      'receiveAgainstData',
      "recorded / on('data') sink in Electron",
      usual,
      OURS,
      "on('data') sink, Electron main",
    ),
    row('receiveAgainstSocat', 'recorded / socat -u -b 131072 -r', usual, OURS, SOCAT),
    row('receiveAgainstSocatLong', `the same, ${size}`, long, OURS, SOCAT),
    row('receiveAgainstNcat', 'recorded / ncat -o', usual, OURS, 'ncat -o'),
    row(undefined, "recorded / on('data') sink in plain Node", usual, OURS, "on('data') sink, Node"),
    row(
      undefined,
      'recorded in plain Node / onread sink there',
      usual,
      'recorded, Node worker',
      'onread sink, Node worker',
    ),
  ]

  /**
   * @param {Row['target'] | undefined} target
   * @param {string} what
   * @param {Round[]} rounds
   * @param {string} ours
   * @param {string | number[]} other a variant, or its seconds a round
   * @returns {Row}
   */
  function row(target, what, rounds, ours, other) {
    const total = rounds === long ? bytes * 3 : bytes
    const mine = rounds.map((round) => cost(round, ours))
    const theirs = typeof other === 'string' ? rounds.map((round) => cost(round, other)) : other
    return {
      ...(target && { target }),
      what,
      ours: rate(total, mine),
      other: rate(total, theirs),
      values: mine.map((seconds, i) => (theirs[i] ?? NaN) / seconds),
    }
  }
}

/** @typedef {Map<string, Cost & { bytes: number }>} Round */

/**
 * @param {Round} round
 * @param {string} variant
 */
function cost(round, variant) {
  const found = round.get(variant)
  if (found === undefined) throw new Error(`${variant} did not run`)
  return found.seconds
}

/**
 * @param {number} bytes
 * @param {number[]} seconds
 */
const rate = (bytes, seconds) => `${show(bytes / 1e6 / median(seconds))} MB/s`

/**
 * @param {Context} context
 * @param {number} bytes
 * @param {string[]} names
 */
async function inRounds(context, bytes, names) {
  /** @type {Round[]} */
  const rounds = []
  for (let i = 0; i < context.rounds; i++) {
    /** @type {Round} */
    const round = new Map()
    for (const name of context.shuffle(names)) {
      const spent = await variants[name]?.(context, bytes)
      if (spent === undefined) throw new Error(`there is no variant ${name}`)
      context.clean()
      round.set(name, { ...spent, bytes })
      context.say(
        `round ${i + 1}, ${name}: ${show(bytes / 1e6 / spent.seconds)} MB/s, ${show((spent.cpuSeconds / bytes) * GB)} CPU s/GB`,
      )
    }
    rounds.push(round)
  }
  return rounds
}

/** @param {Round[]} rounds */
function costs(rounds) {
  const lines = Object.keys(variants).map((name) => {
    const spent = rounds.flatMap((round) => round.get(name) ?? [])
    const rates = spent.map(({ bytes, seconds }) => bytes / 1e6 / seconds)
    const cpu = median(spent.map(({ bytes, cpuSeconds }) => (cpuSeconds / bytes) * GB))
    return `${name}: ${show(median(rates))} (${show(Math.min(...rates))}–${show(Math.max(...rates))}) MB/s, ${show(cpu)} CPU s/GB`
  })
  return lines.join('\n  ')
}

/**
 * @param {Context} context
 * @param {number} bytes
 * @param {'node' | 'electron'} runtime
 * @returns {Promise<Cost>}
 */
async function recorded(context, bytes, runtime) {
  const { program, file } = await context.start({ role: 'service', runtime, place: 'worker' })
  const { port } = await program.ask({ ask: 'listen', behaviour: 'discard' })
  const before = await program.ask({ ask: 'usage' })
  const sent = await send(context, port, bytes)
  const { recordedAtNanos } = await program.ask({ ask: 'recorded', bytes })
  const after = await program.ask({ ask: 'usage' })
  await program.ask({ ask: 'sample', bytes })
  await program.finish()
  const ended = Math.max(sent.ended, recordedAtNanos)
  await verify(context, 'PCAPNG', file, bytes)
  return { seconds: (ended - sent.began) / 1e9, cpuSeconds: (after.cpuMicros - before.cpuMicros) / 1e6 }
}

/**
 * @param {Context} context
 * @param {number} bytes
 * @param {import('./lib/context.mjs').Side} side
 * @returns {Promise<Cost>}
 */
async function sink(context, bytes, side) {
  const { program, port } = await context.start(side)
  const before = await program.ask({ ask: 'usage' })
  const sent = await send(context, port, bytes)
  const received = await program.next()
  const after = await program.ask({ ask: 'usage' })
  await program.finish()
  if (received.bytes !== bytes) throw new Error(`${side.role} got ${received.bytes} bytes of ${bytes}`)
  return { seconds: (sent.ended - sent.began) / 1e9, cpuSeconds: (after.cpuMicros - before.cpuMicros) / 1e6 }
}

/**
 * @param {Context} context
 * @param {number} bytes
 * @param {(port: number, file: string) => string} command
 * @returns {Promise<Cost>}
 */
async function dumper(context, bytes, command) {
  const file = path.join(context.folder, 'dump')
  const port = await freePort()
  const program = new Program(context.program('timed'), ['sh', '-c', `exec ${command(port, file)}`])
  const sent = await send(context, port, bytes)
  const { cpuSeconds, code } = await program.next()
  await program.finish()
  if (code !== 0) throw new Error(`${command(port, file)} ended with ${code}: ${program.errors}`)
  await verify(context, 'RAW', file, bytes)
  return { seconds: (sent.ended - sent.began) / 1e9, cpuSeconds }
}

/**
 * @param {Context} context
 * @param {number} bytes
 * @returns {Promise<Cost>}
 */
async function diskWriter(context, bytes) {
  const file = path.join(context.folder, 'disk')
  const { nanos, cpuSeconds } = await result(context.program('diskWriter'), [file, bytes])
  if (statSync(file).size !== bytes) throw new Error('the disk writer wrote another number of bytes')
  return { seconds: nanos / 1e9, cpuSeconds }
}

/**
 * @param {Context} context
 * @param {number} port
 * @param {number} bytes
 */
const send = (context, port, bytes) => result(context.program('sender'), ['127.0.0.1', port, bytes, 0])

/**
 * @param {Context} context
 * @param {'RAW' | 'PCAPNG'} format
 * @param {string} file
 * @param {number} bytes
 */
const verify = (context, format, file, bytes) => result(context.program('verify'), [format, file, bytes])
