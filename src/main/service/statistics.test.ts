import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SocketId } from '../../shared/model/ids'
import { PART, PART_FLOATS, type StatsStatus } from '../../shared/model/stats'
import { type Row } from '../../shared/model/record'
import { unpackRows } from '../../shared/contract/packedRows'
import { createService } from './service'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let program: Bundle
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session

beforeAll(async () => {
  program = await bundle('src/main/capture/scan/worker.ts')
}, 60_000)
afterAll(() => program[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await temporaryFolder()
  const file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test', scanner: program.file })
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function rowsOf(id: SocketId): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (;;) {
    const { rows: packed } = await session.call('capture.read', {
      id,
      from: rows.length,
      to: rows.length + 500,
    })
    const more = unpackRows(packed)
    if (more.length === 0) return rows
    rows.push(...more)
  }
}

/** The column of a value, found by going through all. */
function column(value: number): number {
  let at = 0
  while (at < 32 && value >= 2 ** at) at++
  return at
}

/** Counted one by one from the rows themselves. */
function naively(rows: readonly Row[], direction: 'in' | 'out', from: number, to: number) {
  const side = {
    chunks: 0,
    bytes: 0,
    sizes: new Array<number>(33).fill(0),
    gaps: new Array<number>(33).fill(0),
  }
  let last: number | null = null
  for (const row of rows) {
    if (row.kind !== 'data' || row.direction !== direction) continue
    if (row.atNanos < from || row.atNanos >= to) continue
    side.chunks++
    side.bytes += row.lengthBytes
    side.sizes[column(row.lengthBytes)]! += 1
    if (last !== null) side.gaps[column((row.atNanos - last) / 1000)]! += 1
    last = row.atNanos
  }
  return side
}

const until = (stats: number, isSo: (status: StatsStatus) => boolean): Promise<StatsStatus> =>
  session.until('stats.progressed', (status) => status.stats === stats && isSo(status))

async function traffic() {
  const listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  const peer = await listener.caller(0)
  for (let n = 0; n < 300; n++) {
    await session.call('connection.send', { id, bytes: new Uint8Array(1 + ((n * n) % 5000)) })
    if (n % 3 === 0) peer.socket.write(Buffer.alloc(1 + n))
    if (n % 20 === 0) await setImmediate()
  }
  return { listener, id, peer }
}

test('lengths and gaps of a record, and of a span of it, are those of its rows; what comes later is counted too', async () => {
  const { listener, id, peer } = await traffic()
  await using _ = listener
  const { stats } = await session.call('stats.begin', { id, fromNanos: 0, toNanos: null })
  const sent = (await rowsOf(id)).filter((row) => row.kind === 'data' && row.direction === 'out').length
  await until(stats, ({ isDone, out }) => isDone && out.chunks === sent)
  peer.socket.write(Buffer.alloc(77_777))
  const received = Array.from({ length: 100 }, (_, n) => 1 + n * 3).reduce((a, b) => a + b, 77_777)
  const now = await until(stats, ({ isDone, in: side }) => isDone && side.bytes === received)
  const rows = await rowsOf(id)
  expect(now.in).toEqual(naively(rows, 'in', 0, Infinity))
  expect(now.out).toEqual(naively(rows, 'out', 0, Infinity))
  expect(now.events).toBe(rows.filter(({ kind }) => kind === 'event').length)
  expect(now.seenRows).toBe(rows.length)
  await session.call('stats.end', { stats })

  const fromNanos = rows[50]?.atNanos ?? 0
  const toNanos = rows[200]?.atNanos ?? 0
  const part = await session.call('stats.begin', { id, fromNanos, toNanos })
  const status = await until(part.stats, ({ isDone }) => isDone)
  expect(status.in).toEqual(naively(rows, 'in', fromNanos, toNanos))
  expect(status.out).toEqual(naively(rows, 'out', fromNanos, toNanos))
  // Only the rows of the span are read through.
  expect(status.seenRows).toBe(status.totalRows)
  expect(status.seenRows).toBeLessThan(rows.length)
  await session.call('stats.end', { stats: part.stats })
}, 30_000)

test('a reset is marked where it happened', async () => {
  const { listener, id, peer } = await traffic()
  await using _ = listener
  peer.socket.resetAndDestroy()
  await session.phase(id, 'closed')
  const { stats } = await session.call('stats.begin', { id: null, fromNanos: 0, toNanos: null })
  const { notable } = await until(stats, ({ isDone, notable: marked }) => isDone && marked.length > 0)
  const rows = await rowsOf(id)
  const row = rows.find((each) => each.kind === 'event' && each.event.what === 'closed')
  expect(notable).toEqual([{ id, row: row?.row, atNanos: row?.atNanos, what: 'reset' }])
  await session.call('stats.end', { stats })
}, 30_000)

test('of a recording that was opened beside the session all is counted by itself', async () => {
  const { listener, id } = await traffic()
  await using _ = listener
  const copy = join(folder.path, 'copy.swb')
  await session.call('session.saveCopy', { grant: session.service.grantTarget(copy) })
  const { ids } = await session.call('session.open', { grant: session.service.grantFile(copy) })
  const beside = ids.find((each) => each.startsWith('C')) ?? 'C1'
  expect(beside).not.toBe(id)
  const rows = await rowsOf(beside)
  const { stats } = await session.call('stats.begin', { id: null, beside, fromNanos: 0, toNanos: null })
  const told = await until(stats, ({ isDone, seenRows }) => isDone && seenRows === rows.length)
  expect(told.out).toEqual(naively(rows, 'out', 0, Infinity))
  await session.call('stats.end', { stats })
  const throughput = await session.call('stats.throughput', {
    asker: 'test',
    ids: null,
    beside,
    fromNanos: null,
    toNanos: null,
    parts: 10,
    isApart: false,
  })
  const bytes = Array.from(
    { length: 10 },
    (_each, n) => throughput.values[n * PART_FLOATS + PART.outBytes] ?? 0,
  )
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(told.out.bytes)
}, 30_000)

test('a span that runs backwards is refused', async () => {
  expect(await session.refusal('stats.begin', { id: null, fromNanos: 5, toNanos: 5 })).toBe('SB_INPUT')
})
