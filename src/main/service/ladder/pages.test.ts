import fc from 'fast-check'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LadderArrow, type LadderPage } from '../../../shared/ladder/model'
import { temporaryFolder } from '../testing/session'
import { recordTimed, type Happening } from '../testing/timedCapture'
import { Ladders } from './ladders'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

const ends = [
  { id: 'C1', other: 'C2' },
  { id: 'C2', other: 'C1' },
] as const

/** Writes of both ends, and reads of what lies in the kernel; each step a few nanoseconds after the one before. */
const steps = fc.array(
  fc.record({
    isFirst: fc.boolean(),
    isWrite: fc.boolean(),
    bytes: fc.integer({ min: 1, max: 9 }),
    afterNanos: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 250 },
)

function happeningsOf(
  chosen: readonly (typeof steps extends fc.Arbitrary<infer S> ? S : never)[number][],
): Happening[] {
  const lies = { C1: 0, C2: 0 }
  let atNanos = 1000
  return chosen.flatMap(({ isFirst, isWrite, bytes, afterNanos }): Happening[] => {
    atNanos += afterNanos
    const id = isFirst ? 'C1' : 'C2'
    const other = isFirst ? 'C2' : 'C1'
    if (isWrite) {
      lies[other] += bytes
      return [{ id, atNanos, direction: 'out', lengthBytes: bytes }]
    }
    const read = Math.min(bytes, lies[id])
    lies[id] -= read
    return read === 0 ? [] : [{ id, atNanos, direction: 'in', lengthBytes: read }]
  })
}

const key = ({ from, offset, lengthBytes, sent, received, fate }: LadderArrow): string =>
  `${from} ${offset}+${lengthBytes} ${sent?.row}@${sent?.rank} ${received?.row}@${received?.rank} ${fate}`

async function page(ladders: Ladders, from: number, to: number): Promise<LadderPage> {
  const read = await ladders.read({ ends, by: 'rank', from, to })
  if (!read.ok) throw new Error(read.fault.summary)
  return read.value
}

test('whatever was written and read, each byte is on one arrow, and any part shows the arrows that touch it', async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(250), fc.integer({ min: 1, max: 60 }), async (chosen, at, length) => {
      const both = [true, false].map((isFirst) => ({ isFirst, isWrite: true, bytes: 1, afterNanos: 1 }))
      const happenings = happeningsOf([...both, ...chosen])
      const capture = await recordTimed(join(folder.path, `${++number}.swb`), happenings)
      const ladders = new Ladders(capture, { capture, pending: () => [] })
      const whole = await page(ladders, 0, 512)
      for (const from of [0, 1]) {
        const arrows = whole.arrows.filter((each) => each.from === from)
        const sent = happenings.filter(({ id, direction }) => id === ends[from]?.id && direction === 'out')
        let offset = 0
        for (const arrow of arrows) {
          expect(arrow.offset).toBe(offset)
          offset += arrow.lengthBytes
          if (arrow.received !== null) expect(arrow.received.rank).toBeGreaterThan(arrow.sent?.rank ?? 1e9)
        }
        expect(offset).toBe(sent.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0))
      }
      for (const bytes of whole.inKernel) expect(bytes).toBeGreaterThanOrEqual(0)

      const from = at % whole.total
      const to = Math.min(whole.total, from + length)
      const part = await page(ladders, from, to)
      const isIn = (each: LadderArrow): boolean => {
        const [began, ended] = [each.sent?.rank ?? -1, each.received?.rank ?? -1]
        const within = (rank: number): boolean => rank >= from && rank < to
        return within(began) || within(ended) || (began >= 0 && began < from && ended >= to)
      }
      expect(part.arrows.map(key).toSorted()).toEqual(whole.arrows.filter(isIn).map(key).toSorted())
      expect([...part.inKernel]).toEqual([...whole.inKernel.slice(from, to)])
      await capture.close()
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('a part of a long record is read without the rest, and what began far before it ends in it', async () => {
  const happenings: Happening[] = []
  const add = (id: 'C1' | 'C2', direction: 'in' | 'out', lengthBytes: number): void => {
    happenings.push({ id, direction, lengthBytes, atNanos: 1000 + happenings.length * 10 })
  }
  // One byte that is read late; then much traffic the other way.
  add('C1', 'out', 10)
  for (let n = 0; n < 60_000; n++) {
    add('C2', 'out', 3)
    add('C1', 'in', 3)
  }
  add('C2', 'in', 10)
  const capture = await recordTimed(join(folder.path, 'long.swb'), happenings)
  await capture.flush()
  const ladders = new Ladders(capture, { capture, pending: () => [] })
  const last = await page(ladders, 120_000, 120_100)
  expect(last.total).toBe(120_002)
  const late = last.arrows.find(({ from }) => from === 0)
  expect(late).toMatchObject({ lengthBytes: 10, sent: { rank: 0, row: 0 }, received: { rank: 120_001 } })
  const middle = await page(ladders, 60_001, 60_011)
  expect(middle.arrows.filter(({ from }) => from === 0)).toMatchObject([
    { sent: { rank: 0 }, received: { rank: 120_001 } },
  ])
  expect(middle.arrows.filter(({ from }) => from === 1)).toHaveLength(5)
  const timed = await ladders.read({ ends, by: 'time', from: 601_000, to: 601_100 })
  expect(timed.ok && timed.value.count).toBe(10)
  const crowded = await ladders.read({ ends, by: 'time', from: 0, to: 1e9 })
  expect(crowded).toMatchObject({ ok: true, value: { count: 120_002, arrows: [] } })
  await capture.close()
}, 60_000)
