import fc from 'fast-check'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type SocketId } from '../../shared/model/ids'
import { type Capture } from '../capture/types'
import { rankOf, readMerged } from './merging'
import { temporaryFolder } from './testing/session'
import { happeningsOf, recordTimed, type Happening } from './testing/timedCapture'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

/** All rows of some sockets, sorted: by time, then socket in the order asked for, then row. */
function naively(happenings: readonly Happening[], ids: readonly SocketId[]): string[] {
  const rows = ids.flatMap((id, place) =>
    happenings
      .filter((each) => each.id === id)
      .map(({ atNanos }, row) => ({ atNanos, place, row, text: `${atNanos} ${id} ${row}` })),
  )
  return rows
    .sort((a, b) => a.atNanos - b.atNanos || a.place - b.place || a.row - b.row)
    .map(({ text }) => text)
}

async function merged(
  capture: Capture,
  ids: readonly SocketId[],
  from: number,
  to: number,
): Promise<string[]> {
  const read = await readMerged(capture, ids, from, to)
  if (!read.ok) throw new Error(read.fault.summary)
  const { rows, owners } = read.value
  return rows.map(({ atNanos, row }, n) => `${atNanos} ${ids[owners[n] as number]} ${row}`)
}

const chosen = fc.array(
  fc.record({
    socket: fc.nat(3),
    // Many at the same moment: ties are where it goes wrong.
    afterNanos: fc.oneof(fc.constant(0), fc.nat(2)),
    isOut: fc.boolean(),
    lengthBytes: fc.integer({ min: -1, max: 5 }),
  }),
  { minLength: 1, maxLength: 300 },
)

test('any part of the merged rows is that of all rows sorted, and each row is found where it stands', async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(chosen, fc.nat(300), fc.nat(60), async (what, from, count) => {
      const happenings = happeningsOf(what)
      const capture = await recordTimed(join(folder.path, `${++number}.swb`), happenings)
      const ids = capture.ids().toReversed()
      const all = naively(happenings, ids)
      expect(await merged(capture, ids, from, from + count)).toEqual(all.slice(from, from + count))
      const [at, id, row] = (all[from % all.length] as string).split(' ') as [string, SocketId, string]
      expect(await rankOf(capture, ids, id, Number(row))).toEqual({
        ok: true,
        value: all.indexOf(`${at} ${id} ${row}`),
      })
      await capture.close()
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('long records are merged in any place, without reading them through', async () => {
  const happenings = happeningsOf(
    Array.from({ length: 120_000 }, (_, n) => ({
      // One has most of the rows, one few, one comes late.
      socket: n > 100_000 ? n % 3 : n % 50 === 0 ? 1 : 0,
      afterNanos: n % 4 === 0 ? 1 + (n % 900) : 0,
      isOut: n % 3 === 0,
      lengthBytes: 1,
    })),
  )
  const capture = await recordTimed(join(folder.path, 'long.swb'), happenings)
  await capture.flush()
  const ids = ['C3', 'C1', 'C2'] as const
  const all = naively(happenings, ids)
  let reads = 0
  const counting = {
    fileOf: capture.fileOf.bind(capture),
    size: capture.size.bind(capture),
    read: capture.read.bind(capture),
    records: (id: SocketId, from: number, most: number) => (reads++, capture.records(id, from, most)),
    rowAtTime: (id: SocketId, atNanos: number) => (reads++, capture.rowAtTime(id, atNanos)),
  }
  for (const from of [0, 1, 99_990, 60_001, 119_990]) {
    reads = 0
    const read = await readMerged(counting, ids, from, from + 200)
    if (!read.ok) throw new Error(read.fault.summary)
    expect(
      read.value.rows.map(
        ({ atNanos, row }, n) => `${atNanos} ${ids[read.value.owners[n] as number]} ${row}`,
      ),
    ).toEqual(all.slice(from, from + 200))
    expect(read.value.total).toBe(120_000)
    expect(reads).toBeLessThan(120)
  }
  await capture.close()
}, 60_000)

test('a socket that is not there, and one that is named twice, are refused', async () => {
  const happenings = happeningsOf([{ socket: 0, afterNanos: 1, isOut: false, lengthBytes: 3 }])
  const capture = await recordTimed(join(folder.path, 'one.swb'), happenings)
  expect(await readMerged(capture, ['C1', 'C9'], 5, 9)).toMatchObject({
    ok: false,
    fault: { code: 'SB_UNKNOWN' },
  })
  expect(await readMerged(capture, ['C1', 'C1'], 0, 9)).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT' },
  })
  expect(await rankOf(capture, ['C1'], 'C1', 1)).toMatchObject({ ok: false, fault: { code: 'SB_UNKNOWN' } })
  await capture.close()
})
