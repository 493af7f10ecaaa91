// Looking for a few bytes in a recorded connection, against grep on the same bytes in a file. Both files are in the page cache.
import { spawnSync } from 'node:child_process'
import { createWriteStream, writeFileSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { pipeline } from 'node:stream/promises'
import { PERIOD, payloadOf } from './lib/payload.mjs'
import { result } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'searching what was recorded'

const PATTERN_BYTES = 8
const BLOCKS_A_WRITE = 16

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const bytes = context.quick ? 48e6 : 2e9
  const { at, pattern } = somePattern()
  const expected = Math.floor((bytes - at - PATTERN_BYTES) / PERIOD) + 1
  const plain = path.join(context.folder, 'plain')
  const patternFile = path.join(context.folder, 'pattern')
  writeFileSync(patternFile, pattern)
  await writePayload(plain, bytes)

  const side = await context.start({ role: 'service', runtime: 'electron', place: 'worker' })
  const { port } = await side.program.ask({ ask: 'listen', behaviour: 'discard' })
  await result(context.program('sender'), ['127.0.0.1', port, bytes, 0])
  await side.program.ask({ ask: 'recorded', bytes })
  warm(side.file, plain)
  const ask = (/** @type {boolean} */ isAnyCase) =>
    side.program.ask({ ask: 'search', id: 'C1', hex: pattern.toString('hex'), isAnyCase })
  // As in a find bar that is open: the thread is there, and its code compiled.
  await ask(false)
  await ask(true)

  const sides = /** @type {const} */ (['ours', 'grep', 'anyCase', 'grepAnyCase'])
  /** @type {Record<(typeof sides)[number], number>[]} */
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    const seconds = { ours: NaN, grep: NaN, anyCase: NaN, grepAnyCase: NaN }
    for (const which of context.shuffle(sides)) {
      const answer =
        which === 'ours' || which === 'anyCase'
          ? await ask(which === 'anyCase')
          : grep(patternFile, plain, which === 'grepAnyCase')
      if (answer.found !== expected) throw new Error(`${which} found ${answer.found} places of ${expected}`)
      seconds[which] = answer.seconds
    }
    const rate = (/** @type {number} */ each) => `${show(bytes / 1e6 / each)} MB/s`
    context.say(
      `round ${round}: ours ${rate(seconds.ours)}, grep -F -c ${rate(seconds.grep)}; ` +
        `in any case ${rate(seconds.anyCase)}, grep -F -i -c ${rate(seconds.grepAnyCase)}`,
    )
    found.push(seconds)
  }
  await side.program.finish()
  context.clean()
  const rate = (/** @type {(typeof sides)[number]} */ which) =>
    `${show(bytes / 1e6 / median(found.map((each) => each[which])))} MB/s`
  return [
    {
      target: 'search',
      what: 'search for bytes / grep -F -c on the same bytes',
      ours: rate('ours'),
      other: rate('grep'),
      values: found.map(({ ours, grep: theirs }) => theirs / ours),
    },
    {
      target: 'search',
      what: 'the same in any case / grep -F -i -c',
      ours: rate('anyCase'),
      other: rate('grepAnyCase'),
      values: found.map(({ anyCase, grepAnyCase }) => grepAnyCase / anyCase),
    },
  ]
}

/** Bytes that stand once in each period of the payload, some of them letters, with nothing in them that grep takes for the end of a line. */
function somePattern() {
  for (let at = 500_000; ; at++) {
    const pattern = payloadOf(at, PATTERN_BYTES)
    const hasLetters = /[a-z].*[A-Z]/.test(pattern.toString('latin1'))
    if (hasLetters && !pattern.includes(0x0a) && !pattern.includes(0)) return { at, pattern }
  }
}

/**
 * @param {string} file
 * @param {number} bytes
 */
async function writePayload(file, bytes) {
  const block = payloadOf(0, PERIOD)
  const blocks = Buffer.concat(Array.from({ length: BLOCKS_A_WRITE }, () => block))
  await pipeline(function* () {
    for (let at = 0; at < bytes; at += blocks.length)
      yield blocks.subarray(0, Math.min(blocks.length, bytes - at))
  }, createWriteStream(file))
}

/** @param {string[]} files */
function warm(...files) {
  for (const file of files) spawnSync('cat', [file], { stdio: 'ignore' })
}

/**
 * @param {string} patternFile
 * @param {string} file
 * @param {boolean} isAnyCase
 */
function grep(patternFile, file, isAnyCase) {
  const began = performance.now()
  const { stdout } = spawnSync(
    'grep',
    ['-a', '-F', ...(isAnyCase ? ['-i'] : []), '-c', '-f', patternFile, file],
    {
      env: { ...process.env, LC_ALL: 'C' },
    },
  )
  const seconds = (performance.now() - began) / 1000
  return { found: Number(stdout.toString()), seconds }
}
