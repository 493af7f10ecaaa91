import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRecording } from './index/opened'
import { overview } from './overview'
import { resumeCapture } from './resume'
import { SLAB_BYTES, SLAB_COUNT } from './tape'
import { bundle } from './testing/bundle'
import { Folder, has, output, pattern, value } from './testing/folder'

/** `npm run test:kill` takes 200. */
const ROUNDS = Number(process.env['SWITCHBOARD_KILLS'] ?? 8)
/** So often each file is gone on with before another one is begun. */
const RUNS_A_FILE = 4
const BYTES_A_READ = 256 * 1024
const PATTERN = Buffer.from(pattern(1, 0, 4 * 1024 * 1024))

let folder: Folder
let recorder = ''
beforeAll(async () => {
  folder = await Folder.make()
  recorder = await bundle(new URL('./testing/recorder.ts', import.meta.url), folder.path)
}, 30_000)
afterAll(() => folder[Symbol.asyncDispose]())

/** What a recorder had told before it was killed. */
interface Told {
  readonly id: string | null
  readonly wrote: number
  /** How often it said that it had moved. */
  readonly moved: number
  /** What was recorded when, oldest first. */
  readonly had: readonly { readonly bytes: number; readonly atNanos: bigint }[]
  readonly killedAtNanos: bigint
}

/** Lets a recorder run for a while that nobody chose, and kills it. */
async function killed(file: string, speed: 'small' | 'full', elsewhere = ''): Promise<Told> {
  const child = spawn(process.execPath, [recorder, file, speed, elsewhere], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const mostMs = elsewhere !== '' ? 700 : speed === 'full' ? 120 : 250
  let id: string | null = null
  let wrote = 0
  let moved = 0
  const had: { bytes: number; atNanos: bigint }[] = []
  let killedAtNanos = 0n
  const kill = (): void => {
    killedAtNanos = process.hrtime.bigint()
    child.kill('SIGKILL')
  }
  // Now and then before it has said anything: while it reads what is there.
  let timer = Math.random() < 0.1 ? setTimeout(kill, Math.random() * 150) : null
  for await (const line of createInterface(child.stdout)) {
    timer ??= setTimeout(kill, Math.random() * mostMs)
    const [what, one = '', two = ''] = line.split(' ')
    if (what === 'is') id = one
    else if (what === 'moved') moved++
    // The last line may be cut.
    else if (what === 'wrote') wrote = Math.max(wrote, Number(one))
    else if (what === 'has' && two.length > 0) had.push({ bytes: Number(one), atNanos: BigInt(two) })
  }
  await exit
  expect(child.signalCode).toBe('SIGKILL')
  return { id, wrote, moved, had, killedAtNanos }
}

async function expectPattern(file: string, id: string): Promise<number> {
  const opened = value(await openRecording(file))
  const found = opened.ids().find((each) => each === id)
  const total = found === undefined ? 0 : opened.size(found).outBytes
  for (let at = 0; found !== undefined && at < total;) {
    const { bytes } = value(await opened.bytes(found, 'out', at, at + BYTES_A_READ))
    for (let done = 0; done < bytes.length;) {
      const from = (at + done) % PATTERN.length
      const length = Math.min(bytes.length - done, PATTERN.length - from)
      if (!PATTERN.subarray(from, from + length).equals(bytes.subarray(done, done + length)))
        throw new Error(`${id} is not what was sent, from byte ${at + done} on`)
      done += length
    }
    at += bytes.length
  }
  await opened.close()
  return total
}

/** Once it was gone on with and closed, it is a file like any other. */
async function expectMended(file: string): Promise<void> {
  if (!fs.existsSync(file)) return
  await value(await resumeCapture({ file, application: 'test' })).capture.close()
  expect(value(await overview(file))).toMatchObject({ tornBytes: 0, warnings: [] })
  if (has('capinfos'))
    expect(await output('sh', ['-c', 'capinfos -M "$0" 2>&1', file])).not.toMatch(/damaged|cut short|error/i)
}

test(
  `killed ${ROUNDS} times, new and gone on with: all that was reported as written is there`,
  async () => {
    const worst = { ms: 0, bytes: 0, smallBytes: 0 }
    const missedMs: number[] = []
    let file = ''
    let kept = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      if (round % RUNS_A_FILE === 0) {
        await expectMended(file)
        fs.rmSync(file, { force: true })
        file = folder.file()
        kept = new Map()
      }
      const speed = Math.floor(round / RUNS_A_FILE) % 2 === 0 ? 'small' : 'full'
      const told = await killed(file, speed)
      if (!fs.existsSync(file) || fs.statSync(file).size === 0) {
        // Before its first block was written: nothing had been told.
        expect(told.wrote).toBe(0)
        fs.rmSync(file, { force: true })
        continue
      }
      const found = value(await overview(file))
      for (const [id, bytes] of kept)
        expect(found.sockets.find((each) => each.id === id)?.outBytes, id).toBe(bytes)
      if (told.id === null) continue
      const there = await expectPattern(file, told.id)
      expect(there).toBeGreaterThanOrEqual(told.wrote)
      // One that is not in the file had not been told of, and its id comes again.
      if (found.sockets.some(({ id }) => id === told.id)) kept.set(told.id, there)
      const last = told.had.at(-1)
      const lost = told.had.find(({ bytes }) => bytes > there)
      if (last === undefined) continue
      const missed = lost === undefined ? 0 : Number(told.killedAtNanos - lost.atNanos) / 1e6
      if (speed === 'small') missedMs.push(missed)
      if (lost === undefined) continue
      if (speed === 'full') worst.bytes = Math.max(worst.bytes, last.bytes - there)
      else {
        worst.smallBytes = Math.max(worst.smallBytes, last.bytes - there)
        worst.ms = Math.max(worst.ms, missed)
      }
    }
    await expectMended(file)
    const figures =
      `killed ${ROUNDS} times: of small traffic at most the last ${worst.ms.toFixed(1)} ms were missing ` +
      `(${worst.smallBytes} bytes; in half of them at most ${atRank(missedMs, 0.5)} ms, in 19 of 20 ${atRank(missedMs, 0.95)} ms), at full speed at most ${(worst.bytes / 1024 / 1024).toFixed(1)} MiB`
    process.stderr.write(`${figures}\n`)
    expect(worst.bytes).toBeLessThanOrEqual(SLAB_BYTES * SLAB_COUNT)
    // 10 ms until it is written, and what a busy machine takes for that.
    expect(worst.ms).toBeLessThan(500)
  },
  30_000 + ROUNDS * 5000,
)

function atRank(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)
}

const MOVES = Math.ceil(ROUNDS / 4)

test(
  `killed ${MOVES} times while it moves from file to file: one of them holds all that was reported as written`,
  async () => {
    let times = 0
    for (let round = 0; round < MOVES; round++) {
      const [file, elsewhere] = [folder.file(`a${round}.swb`), folder.file(`b${round}.swb`)]
      const told = await killed(file, round % 2 === 0 ? 'full' : 'small', elsewhere)
      times += told.moved
      let most = 0
      for (const each of [file, elsewhere]) {
        if (!fs.existsSync(each) || fs.statSync(each).size === 0) continue
        if (told.id !== null) most = Math.max(most, await expectPattern(each, told.id))
        await value(await resumeCapture({ file: each, application: 'test' })).capture.close()
        expect(value(await overview(each))).toMatchObject({ tornBytes: 0, warnings: [] })
        fs.rmSync(each)
      }
      expect(most).toBeGreaterThanOrEqual(told.wrote)
    }
    process.stderr.write(`moved ${times} times in between\n`)
  },
  30_000 + MOVES * 8000,
)
