import fc from 'fast-check'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PART_FLOATS } from '../../shared/model/stats'
import { type CaptureReader } from '../capture/types'
import { has, output } from '../capture/testing/folder'
import { createService } from './service'
import { Throughputs } from './throughputs'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'
import { happeningsOf, recordTimed, type Happening } from './testing/timedCapture'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

const chosen = fc.array(
  fc.record({
    socket: fc.nat(2),
    afterNanos: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(5000)),
    isOut: fc.boolean(),
    lengthBytes: fc.oneof(fc.nat(40), fc.constant(-1)),
  }),
  { minLength: 1, maxLength: 400 },
)
const everything = { asker: 'test', ids: null, fromNanos: null, toNanos: null, isApart: false }

/** Counted one by one. */
function naively(happenings: readonly Happening[], from: number, to: number, parts: number): number[] {
  const values = new Array<number>(parts * PART_FLOATS).fill(0)
  const edges = Array.from({ length: parts + 1 }, (_, n) =>
    n === parts ? to : from + Math.floor(((to - from) / parts) * n),
  )
  for (const { atNanos, direction, lengthBytes } of happenings) {
    if (atNanos < from || atNanos >= to) continue
    const part = edges.findLastIndex((edge) => edge <= atNanos)
    const at = part * PART_FLOATS
    if (lengthBytes > 0) values[at + (direction === 'in' ? 0 : 1)]! += lengthBytes
    values[at + 2]! += 1
  }
  return values
}

test('bytes and rows of each part are those that came in it, of one socket and of all', async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(
      chosen,
      fc.integer({ min: 1, max: 40 }),
      fc.nat(20_000),
      fc.integer({ min: 1, max: 400_000 }),
      async (what, parts, from, length) => {
        const happenings = happeningsOf(what)
        const capture = await recordTimed(join(folder.path, `${++number}.swb`), happenings)
        const throughputs = new Throughputs(capture)
        const first = happenings[0]?.atNanos ?? 0
        const last = happenings.at(-1)?.atNanos ?? 0
        const whole = await throughputs.read({ ...everything, parts })
        expect(whole).toMatchObject({ ok: true, value: { fromNanos: first, toNanos: last + 1 } })
        if (whole.ok) expect([...whole.value.values]).toEqual(naively(happenings, first, last + 1, parts))
        const ids = capture.ids()
        const span = { fromNanos: from, toNanos: from + length }
        const apart = await throughputs.read({ ...everything, ...span, ids, parts, isApart: true })
        if (!apart.ok) throw new Error(apart.fault.summary)
        for (const [n, id] of ids.entries()) {
          const own = happenings.filter((each) => each.id === id)
          const series = apart.value.values.subarray(n * parts * PART_FLOATS, (n + 1) * parts * PART_FLOATS)
          expect([...series]).toEqual(naively(own, from, from + length, parts))
        }
        await capture.close()
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)

/** A long record of one socket. */
async function longRecord(rows: number) {
  const happenings = happeningsOf(
    Array.from({ length: rows }, (_, n) => ({
      socket: 0,
      afterNanos: (n % 7) * 100,
      isOut: n % 3 === 0,
      lengthBytes: n % 5,
    })),
  )
  const capture = await recordTimed(join(folder.path, 'long.swb'), happenings)
  await capture.flush()
  return { capture, happenings }
}

test('the sums over a long record are exact', async () => {
  const { capture, happenings } = await longRecord(150_000)
  const read = await new Throughputs(capture).read({ ...everything, parts: 300 })
  if (!read.ok) throw new Error(read.fault.summary)
  const { fromNanos, toNanos, values } = read.value
  expect([...values]).toEqual(naively(happenings, fromNanos, toNanos, 300))
  await capture.close()
}, 30_000)

test('a newer question of the same asker ends the one before; those of others go on', async () => {
  const { capture } = await longRecord(2000)
  // Many sockets, each of them the same: enough for more than one turn.
  const many: CaptureReader = Object.assign(Object.create(capture) as CaptureReader, {
    ids: () => Array.from({ length: 800 }, () => 'C1' as const),
    size: capture.size.bind(capture),
    records: capture.records.bind(capture),
    rowAtTime: capture.rowAtTime.bind(capture),
    totalsBefore: capture.totalsBefore.bind(capture),
  })
  const throughputs = new Throughputs(many)
  const older = throughputs.read({ ...everything, asker: 'a', parts: 50 })
  const other = throughputs.read({ ...everything, asker: 'b', parts: 50 })
  const newer = throughputs.read({ ...everything, asker: 'a', parts: 50 })
  expect(await older).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
  expect(await other).toMatchObject({ ok: true })
  expect(await newer).toMatchObject({ ok: true })
  await capture.close()
}, 30_000)

test('a span that runs backwards, and a socket that is not there, are refused', async () => {
  const { capture } = await longRecord(10)
  const throughputs = new Throughputs(capture)
  const backwards = { ...everything, fromNanos: 9, toNanos: 9, parts: 3 }
  expect(await throughputs.read(backwards)).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
  const unknown = { ...everything, ids: ['C9' as const], parts: 3 }
  expect(await throughputs.read(unknown)).toMatchObject({ ok: false, fault: { code: 'SB_UNKNOWN' } })
  await capture.close()
})

describe.skipIf(!has('tshark'))('tshark counts the same', () => {
  test('bytes and chunks of each part of a real conversation', async () => {
    const file = join(folder.path, 'real.swb')
    const created = await createService({ file, application: 'test' })
    if (!created.ok) throw new Error(created.fault.summary)
    const session = new Session(created.value)
    await using listener = await listens()
    const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
    await session.phase(id, 'open')
    for (let n = 0; n < 60; n++) {
      await session.call('connection.send', { id, bytes: new Uint8Array(1 + n * 13) })
      // Not a wait for anything: it is time that is measured.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const parts = 12
    const span = { asker: 'test', ids: [id], fromNanos: 0, toNanos: 1_200_000_000, parts, isApart: false }
    const { values } = await session.call('stats.throughput', span)
    await session[Symbol.asyncDispose]()
    const frames = (
      await output('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'tcp.len'])
    )
      .trim()
      .split('\n')
      .map((line) => line.split('\t') as [string, string])
      .filter(([, length]) => Number(length) > 0)
    const epochNanos = created.value.capture.epochNanos
    const counted = new Array<number>(parts).fill(0)
    for (const [time, length] of frames) {
      const [seconds = '0', fraction = ''] = time.split('.')
      const atNanos = Number(BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0')) - epochNanos)
      const part = Math.floor(atNanos / 100_000_000)
      counted[part]! += Number(length)
    }
    expect(frames.length).toBe(60)
    expect(counted.filter((bytes) => bytes > 0).length).toBeGreaterThan(1)
    const own = Array.from({ length: parts }, (_, n) => values[n * PART_FLOATS + 1])
    expect(own).toEqual(counted)
  }, 30_000)
})
