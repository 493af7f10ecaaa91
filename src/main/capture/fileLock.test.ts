import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCapture } from './capture'
import { FileLock, lockState } from './fileLock'
import { resumeCapture } from './resume'
import { bundle } from './testing/bundle'
import { Folder, value } from './testing/folder'
import { monotonicClock } from '../engine/clock'

let folder: Folder
let writer = ''
beforeAll(async () => {
  folder = await Folder.make()
  writer = await bundle(new URL('./testing/writer.ts', import.meta.url), folder.path)
}, 30_000)
afterAll(() => folder[Symbol.asyncDispose]())

/** Another process that records into a file, once it has said that something is there. */
async function recorder(file: string) {
  const child = spawn(process.execPath, [writer, file, '100'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  await once(lines, 'line')
  const ended = once(child, 'exit')
  return {
    pid: child.pid,
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const refusal = async (file: string): Promise<string> => {
  const reply = await resumeCapture({ file, application: 'test' })
  if (reply.ok) await reply.value.capture.close()
  return reply.ok ? 'accepted' : `${reply.fault.code} ${reply.fault.summary}`
}

test('a file that another process records into is refused, and named is who has it', async () => {
  const file = folder.file()
  const other = await recorder(file)
  const words = new RegExp(
    `^SB_BUSY \\S+ is being recorded by process ${other.pid} \\(killed\\) since \\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z`,
  )
  expect(await refusal(file)).toMatch(words)
  // By another name of it, too; and for a new recording.
  fs.symlinkSync(file, folder.file('link.swb'))
  expect(await refusal(folder.file('link.swb'))).toMatch(/^SB_BUSY /)
  const begun = await openCapture({ file, application: 'test', clock: monotonicClock() })
  expect(begun).toMatchObject({ ok: false, fault: { code: 'SB_BUSY' } })
  expect(lockState(file)).toBe('held')
  await other.kill()
  expect(lockState(file)).toBe('stale')
  expect(await refusal(file)).toBe('accepted')
  expect(lockState(file)).toBe('free')
})

test('a file is recorded into once in a process', async () => {
  const first = await folder.record()
  expect(await refusal(first.file)).toMatch(/^SB_BUSY .*another window of this program/)
  await first.close()
  const { capture } = value(await resumeCapture({ file: first.file, application: 'test' }))
  expect(await refusal(first.file)).toMatch(/^SB_BUSY /)
  await capture.close()
  expect(fs.existsSync(`${first.file}.lock`)).toBe(false)
})

test('what is written in a lock is not believed beyond what can be checked', () => {
  const file = folder.file('words.swb')
  const lock = `${file}.lock`
  const words = (of: object): string =>
    JSON.stringify({ pid: process.pid, began: '', host: '', sinceMs: 0, application: '', token: '', ...of })
  const old = new Date(Date.now() - 60_000)
  const host = JSON.parse(wordsOfOurs(file)) as { host: string; began: string }
  const stale: Record<string, string> = {
    'no words': '',
    'no JSON': '{"pid":',
    'another kind': '[7]',
    'no process': words({ host: host.host, pid: 0x3fffff }),
    'a number that came again': words({ host: host.host, began: '1' }),
    'a thread that is gone': words({ host: host.host, began: host.began }),
    'far too long': words({ host: 'x'.repeat(10_000) }),
  }
  for (const [what, text] of Object.entries(stale)) {
    fs.writeFileSync(lock, text)
    fs.utimesSync(lock, old, old)
    expect(lockState(file), what).toBe('stale')
    FileLock.take(file, 'test').release()
    expect(fs.existsSync(lock), what).toBe(false)
  }
  for (const [what, text] of [
    ['another machine', words({ host: 'elsewhere' })],
    ['taken just now', ''],
  ] as const) {
    fs.writeFileSync(lock, text)
    if (what === 'another machine') fs.utimesSync(lock, old, old)
    expect(lockState(file), what).toBe('held')
    expect(() => FileLock.take(file, 'test'), what).toThrow(/is being recorded by/)
    expect(fs.readFileSync(lock, 'utf8')).toBe(text)
  }
})

function wordsOfOurs(file: string): string {
  const lock = FileLock.take(file, 'test')
  const words = fs.readFileSync(`${file}.lock`, 'utf8')
  lock.release()
  return words
}

test.skipIf(process.platform !== 'linux')(
  'a thread that died in a process that lives holds nothing',
  async () => {
    const file = folder.file()
    const thread = new Worker(writer, { argv: [file, '100'], stdout: true })
    await once(thread.stdout, 'data')
    expect(lockState(file)).toBe('held')
    await thread.terminate()
    const old = new Date(Date.now() - 60_000)
    fs.utimesSync(`${file}.lock`, old, old)
    expect(lockState(file)).toBe('stale')
    expect(await refusal(file)).toBe('accepted')
  },
)
