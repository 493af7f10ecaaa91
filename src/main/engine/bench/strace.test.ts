import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { has } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'

const run = promisify(execFile)
let caller: Bundle
let straced: Bundle
beforeAll(async () => {
  caller = await bundle('src/main/engine/bench/callerThread.ts')
  straced = await bundle('src/main/engine/bench/testing/straced.ts')
})
afterAll(async () => {
  await caller[Symbol.asyncDispose]()
  await straced[Symbol.asyncDispose]()
})

/** The calls that the bench makes, and no other part of a Node that only runs it. */
const TRACED = 'network,poll,ioctl,close,dup3'

/** What strace printed, a line for each call that has come to its end: those of threads other than the first, on sockets. */
function linesOf(text: string): string[] {
  const pending = new Map<string, string>()
  const lines: string[] = []
  let first: string | null = null
  for (const raw of text.split('\n')) {
    const [, thread = '', told = ''] = /^(\d+) +(.*)$/.exec(raw) ?? []
    if (thread === '') continue
    first ??= thread
    const unfinished = /^(.*?) *<unfinished \.\.\.>$/.exec(told)?.[1]
    if (unfinished !== undefined) {
      pending.set(thread, unfinished)
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(told)?.[1]
    const whole = resumed === undefined ? told : `${pending.get(thread) ?? ''}${resumed}`
    if (thread !== first && !/^(---|\+\+\+)/.test(whole)) lines.push(plain(whole))
  }
  return lines
}

/** Without strace's columns, without what lies where in memory, and a call that a signal ended as the C library tells it. */
function plain(line: string): string {
  return line
    .replace(/\s+= /, ' = ')
    .replaceAll(/0x[0-9a-f…]+/g, 'MEMORY')
    .replace('= ? ERESTARTSYS (To be restarted if SA_RESTART is set)', '= -1 EINTR (Interrupted system call)')
}

/**
 * Of these, the calls on a socket, from the call that makes it to the one that closes it. Other threads have files, pipes and event
 * counters, whose numbers are those of sockets before and after.
 */
function onSockets(lines: readonly string[]): string[] {
  const open = new Set<string>()
  return lines.filter((line) => {
    const made = /^(?:socket|accept4)\(.* = (\d+)$/.exec(line)?.[1]
    const on = /^\w+\((?:\[\{fd=)?(\d+)/.exec(line)?.[1]
    const isOurs = line.startsWith('socket(') || (on !== undefined && open.has(on))
    if (made !== undefined && isOurs) open.add(made)
    if (on !== undefined && line.startsWith('close(')) open.delete(on)
    return isOurs
  })
}

test.skipIf(!has('strace'))(
  'the system calls of a bench are those that strace sees, each with its arguments, value and errno',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'switchboard-strace-'))
    const file = path.join(folder, 'trace')
    try {
      const { stdout } = await run('strace', [
        ...['-f', '-qq', '-o', file, '-e', `trace=${TRACED}`, '-e', 'signal=none'],
        ...[process.execPath, straced.file, caller.file],
      ])
      const told = (JSON.parse(stdout) as string[]).map(plain)
      const made = linesOf(await readFile(file, 'utf8'))
      const ours = onSockets(made)
      expect(told.length).toBeGreaterThan(45)
      // After the last call, the bench closes the rest.
      expect(told).toEqual(ours.slice(0, told.length))
      // A send of no bytes is made, and answered with 0.
      expect(told.some((line) => /^sendto\(\d+, "", 0, 0, NULL, 0\) = 0$/.test(line))).toBe(true)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  60_000,
)

test('a program ends although a call blocks', async () => {
  const ended = run(process.execPath, [straced.file, caller.file, 'exit'], { timeout: 20_000 })
  await expect(ended).rejects.toMatchObject({ code: 7 })
}, 30_000)
