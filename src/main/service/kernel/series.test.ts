import { expect, test } from 'vitest'
import { SPREAD_FLOATS, type KernelSample } from '../../../shared/model/kernel'
import { packSamples } from '../../capture/samples'
import { Folder, value } from '../../capture/testing/folder'
import { SeriesReader } from './series'

const BLOCKS = 4000
const A_BLOCK = 40

test('hours of samples are folded in bounded time and memory, and a piece of them without the rest', async () => {
  await using folder = await Folder.make()
  const capture = await folder.record()
  capture.track('C1', 'tcp', 'sampled')
  // An hour and a half of 30 samples a second.
  const stepNanos = 33e6
  for (let block = 0; block < BLOCKS; block++) {
    const samples = Array.from({ length: A_BLOCK }, (_, n): KernelSample => {
      const number = block * A_BLOCK + n
      return {
        atNanos: (number + 1) * stepNanos,
        of: 'tcp',
        values: { state: 1, rtt: number % 1000, bytesAcked: number * 1000, sndCwnd: 10 },
      }
    })
    capture.sampled(packSamples('C1', samples))
    if (block % 500 === 0) await capture.flush()
  }
  const reader = new SeriesReader({ capture, pending: () => [] })
  const all = BLOCKS * A_BLOCK
  const whole = { asker: 'test', id: 'C1', fields: ['rtt', 'bytesAcked'], parts: 100 } as const
  const memory = process.memoryUsage().arrayBuffers
  const series = value(await reader.read({ ...whole, fromNanos: stepNanos, toNanos: (all + 1) * stepNanos }))
  expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(32e6)
  expect(series.count).toBe(all)
  for (let part = 0; part < 100; part++) {
    const [min, max, last] = series.values.subarray(part * SPREAD_FLOATS)
    expect([min, max, last]).toEqual([0, 999, ((part + 1) * (all / 100) - 1) % 1000])
  }
  expect(series.values.at(-1)).toBe((all - 1) * 1000)

  const from = 77_777 * stepNanos
  const piece = value(await reader.read({ ...whole, fromNanos: from, toNanos: from + 10 * stepNanos }))
  expect(piece.count).toBe(10)
  const acked = piece.values.subarray(100 * SPREAD_FLOATS).filter((_, n) => n % SPREAD_FLOATS === 2)
  expect([...acked].filter((each) => !Number.isNaN(each))).toEqual(
    Array.from({ length: 10 }, (_, n) => (77_776 + n) * 1000),
  )

  // A new question of the same asker ends the one before.
  const [early, late] = await Promise.all([
    reader.read({ ...whole, fromNanos: stepNanos, toNanos: (all + 1) * stepNanos }),
    reader.read({ ...whole, fromNanos: from, toNanos: from + stepNanos }),
  ])
  expect(early).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
  expect(value(late).count).toBe(1)
  await capture.close()
})
