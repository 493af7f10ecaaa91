import { describe, expect, test } from 'vitest'
import { judge, table } from './lib/report.mjs'
import { median, percentile, shuffler } from './lib/statistics.mjs'

describe('verdicts', () => {
  const row = { what: 'x', ours: '', other: '' }

  test('where more is better, the floor is a least', () => {
    expect(judge({ ...row, target: 'accepts', values: [0.9, 0.99, 2] }, true)).toMatchObject({
      verdict: 'missed',
      aimReached: false,
    })
    expect(judge({ ...row, target: 'accepts', values: [0.5, 1, 2] }, true)).toMatchObject({
      verdict: 'reached',
      aimReached: false,
    })
    expect(judge({ ...row, target: 'accepts', values: [1.5] }, true)).toMatchObject({
      verdict: 'reached',
      aimReached: true,
    })
  })

  test('where less is better, it is a most', () => {
    expect(judge({ ...row, target: 'memoryGrowth', values: [65] }, true)).toMatchObject({ verdict: 'missed' })
    expect(judge({ ...row, target: 'memoryGrowth', values: [-3] }, true)).toMatchObject({
      verdict: 'reached',
      aimReached: true,
    })
  })

  test('small sizes are not judged, and rows without a target neither', () => {
    expect(judge({ ...row, target: 'accepts', values: [0.1] }, false)).toMatchObject({
      verdict: 'not judged',
    })
    expect(judge({ ...row, values: [0.1] }, true)).toMatchObject({ verdict: '' })
  })

  test('the table tells the distance to the aim', () => {
    expect(table([judge({ ...row, target: 'accepts', values: [1.2] }, true)])).toMatch(
      /1\.20 \(1\.20–1\.20\).*reached.*0\.30/,
    )
    expect(table([judge({ ...row, target: 'memoryGrowth', values: [20] }, true)])).toMatch(/4\.00 MB/)
  })
})

describe('statistics', () => {
  test('medians and percentiles are those of the textbook', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([percentile(hundred, 50), percentile(hundred, 99), percentile(hundred, 100)]).toEqual([
      50, 99, 100,
    ])
    expect(() => median([])).toThrow('no values')
  })

  test('a seed repeats a shuffle, and nothing is lost in it', () => {
    const items = ['a', 'b', 'c', 'd', 'e']
    const [one, same, other] = [shuffler(1), shuffler(1), shuffler(2)].map((shuffle) => [
      shuffle(items),
      shuffle(items),
    ])
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
    expect(one?.map((each) => [...each].sort())).toEqual([items, items])
  })
})
