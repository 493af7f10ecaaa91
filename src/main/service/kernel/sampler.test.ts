import { expect, test } from 'vitest'
import { type KernelRate } from '../../../shared/model/kernel'
import { monotonicClock } from '../../engine/clock'
import { loopback, setUp, silent } from '../../engine/testing/bench'
import { Sampler } from './sampler'

const isLinux = process.platform === 'linux'

/** Rounds of a sampler over one real connection, named so many times. */
async function rounds(sockets: number, rate: KernelRate, most: number) {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), silent)
  const { id } = await bench.dial(listener.at)
  const times: number[] = []
  const ends: number[] = []
  const sampler = new Sampler({
    engine: bench.engine,
    clock: monotonicClock(),
    wanted: () => new Array<typeof id>(sockets).fill(id),
    onSample: (_id, { atNanos }) => void times.push(atNanos),
    onRound: () => void ends.push(performance.now()),
  })
  sampler.run(rate)
  await bench.untilTrue(() => ends.length >= most)
  const { cost } = sampler
  sampler.run(0)
  return { times, ends, cost }
}

test.skipIf(!isLinux)(
  'of ten thousand sockets each has its turn, and never more than a fifth of the thread is taken',
  async () => {
    const { times, ends, cost } = await rounds(10_000, 50, 6)
    expect(times.length).toBeGreaterThanOrEqual(60_000)
    // It cannot be done fifty times a second: it is done as often as it can be.
    expect((ends.at(-1) ?? 0) - (ends[0] ?? 0)).toBeGreaterThan(200)
    // Two of ten milliseconds; a busy machine stretches the two.
    expect(cost.share).toBeLessThan(0.5)
  },
)

test.skipIf(!isLinux)('a few sockets are asked as often as it was said', async () => {
  const { ends } = await rounds(3, 50, 26)
  const seconds = ((ends.at(-1) ?? 0) - (ends[0] ?? 0)) / 1000
  // A busy machine makes rounds late, and those after them come sooner.
  expect(seconds).toBeGreaterThan(0.4)
  expect(seconds).toBeLessThan(5)
})
