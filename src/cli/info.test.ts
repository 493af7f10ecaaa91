import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openCapture } from '../main/capture/capture'
import { packSamples } from '../main/capture/samples'
import { type CaptureOverview } from '../main/capture/types'
import { must } from './must'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

async function recorded(name: string): Promise<string> {
  const file = cli.recording(name)
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit()).toBe(0)
  return file
}

test('a recording is told socket by socket: counts, times and the state it ended with', async () => {
  const file = await recorded('whole.swb')
  await using told = cli.start('info', file)
  expect(await told.exit()).toBe(0)
  const [head, columns, ...rows] = told.lines
  expect(head).toMatch(
    /whole\.swb: .*\(\d[\d,]* bytes\), began \d{4}-\d\d-\d\dT[\d:.]+Z, lasted \d+\.\d{6} s/,
  )
  expect(columns).toMatch(/^id +what +state +in +out +from s +to s$/)
  expect(rows.map((row) => row.split(/ {2,}/).slice(0, 5))).toEqual([
    ['L1', expect.stringMatching(/:0, at tcp:\/\/127\.0\.0\.1:[1-9]\d*$/), 'closed', '0 B (0)', '0 B (0)'],
    ['C1', expect.stringContaining('dial'), 'closed (fin)', '40 B (2)', '40 B (2)'],
    ['C2', expect.stringMatching(/^accepted by L1 from tcp:/), 'closed (fin)', '40 B (2)', '40 B (2)'],
    ['C3', expect.stringContaining('dial'), 'closed (fin)', '17 B (1)', '17 B (1)'],
    ['C4', expect.stringContaining('accept'), 'closed (fin)', '17 B (1)', '17 B (1)'],
    ['1 listener, 4 connections, 0 UDP sockets'],
  ])
})

test('a recording that was cut short is told as far as it is good', async () => {
  const whole = await readFile(await recorded('long.swb'))
  const file = cli.recording('torn.swb')
  await writeFile(file, whole.subarray(0, whole.length - 10))
  await using told = cli.start('info', file)
  expect(await told.exit()).toBe(0)
  expect(told.stdout).toMatch(/\ntorn tail: the last \d+ bytes are no whole block/)
  expect(told.stdout).toMatch(/\nC1 /)
  await using json = cli.start('info', file, '--json')
  expect(await json.exit()).toBe(0)
  expect((JSON.parse(json.stdout) as { tornBytes: number }).tornBytes).toBeGreaterThan(0)
})

test.each([
  ['empty', ''],
  ['text', 'this is no recording at all, though it is long enough to be looked at\n'],
])('a file that is none (%s) ends it with 2 and one line', async (name, content) => {
  const file = cli.recording(`${name}.swb`)
  await writeFile(file, content)
  await using told = cli.start('info', file)
  expect(await told.exit()).toBe(2)
  expect(told.stdout).toBe('')
  expect(told.stderr).toMatch(/^switchboard: [^\n]+\n$/)
})

test('what the kernel said last is told of sockets that were sampled', async () => {
  const file = cli.recording('sampled.swb')
  const capture = must(
    await openCapture({ file, application: 'test', clock: { epochNanos: 0n, nanos: () => 7 } }),
  )
  capture.track('C1', 'tcp', 'dialled tcp://127.0.0.1:1')
  const values = { state: 1, recvQ: 0, sendQ: 300, rtt: 81, totalRetrans: 2, pmtu: 1500 }
  capture.sampled(
    packSamples('C1', [
      { atNanos: 5, of: 'tcp', values: { ...values, rtt: 90 } },
      { atNanos: 6, of: 'tcp', values },
    ]),
  )
  capture.sampled(packSamples('C1', [{ atNanos: 9, of: 'afterlife', values: { state: 6 } }]))
  await capture.close()
  await using told = cli.start('info', file)
  expect(await told.exit()).toBe(0)
  expect(told.lines).toContain(
    'kernel of C1, the last of 3 samples: ESTABLISHED, Recv-Q 0 B, Send-Q 300 B, rtt 81 µs, total_retrans 2',
  )
  await using json = cli.start('info', file, '--json')
  expect(await json.exit()).toBe(0)
  const { sockets } = JSON.parse(json.stdout) as CaptureOverview
  expect(sockets[0]).toMatchObject({ samples: 3, kernel: { atNanos: 6, of: 'tcp', values } })
})
