import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultOf, ok } from '../engine/testing/bench'
import { fatesOf, parseImpairRules, type Fate } from './impairRules'

/** The fates of so many datagrams. */
function fates(text: string, count: number): Fate[] {
  const next = fatesOf(ok(parseImpairRules(text.split(' '))))
  return Array.from({ length: count }, next)
}
const lost = (text: string, count: number): number[] =>
  fates(text, count).flatMap(({ isLost }, at) => (isLost ? [at + 1] : []))

describe('rules of impairment', () => {
  test('every nth is the nth, and each nth behind it', () => {
    expect(lost('lose=1/3', 10)).toEqual([3, 6, 9])
    expect(lost('lose=1/1', 3)).toEqual([1, 2, 3])
  })

  test('a share is drawn: the same for the same seed, another for another', () => {
    expect(lost('lose=10%', 1000)).toEqual(lost('lose=10% seed=1', 1000))
    expect(lost('lose=10% seed=2', 1000)).not.toEqual(lost('lose=10% seed=3', 1000))
    expect(lost('lose=100%', 50)).toHaveLength(50)
  })

  test('a share is about the share that it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(2 ** 32 - 1), (percent, seed) => {
        const share = lost(`lose=${percent}% seed=${seed}`, 4000).length / 4000
        expect(Math.abs(share - percent / 100)).toBeLessThan(0.05)
      }),
    )
  })

  test('one rule more changes nothing about what the others do', () => {
    const alone = fates('duplicate=20%', 200).map(({ isTwice }) => isTwice)
    const beside = fates('lose=30% duplicate=20% reorder=1/2', 200).map(({ isTwice }) => isTwice)
    expect(beside).toEqual(alone)
  })

  test('a delay is for all, or for which it says', () => {
    expect(fates('delay=50ms', 2).map(({ delayMs }) => delayMs)).toEqual([50, 50])
    expect(fates('delay=1s@1/2', 4).map(({ delayMs }) => delayMs)).toEqual([0, 1000, 0, 1000])
  })

  test.each([
    ['lose', 'lose is ""', '1/N for every Nth'],
    ['lose=0', 'lose is "0"', '10%'],
    ['lose=1/0', 'lose is "1/0"', '1/N'],
    ['duplicate=2/3', 'duplicate is "2/3"', '1/N'],
    ['reorder=101%', 'reorder is "101%"', '10%'],
    ['delay=50', 'delay is "50"', '50ms'],
    ['delay=50ms@3', 'delay is "50ms@3"', '50ms@1/3'],
    ['delay=2h', 'delay is "2h"', 'up to 1m'],
    ['way=up', 'way is "up"', 'there, back or both'],
    ['way=constructor', 'way is "constructor"', 'there, back or both'],
    ['seed=-1', 'seed is "-1"', 'whole number'],
    ['lost=1/3', 'no rule "lost"', 'lose=1/N'],
    ['lose=1/3 lose=1/4', 'lose is told twice', 'one of the two'],
  ])('"%s" is refused with what was found, and what is taken', (text, summary, hint) => {
    const fault = faultOf(parseImpairRules(text.split(' ')))
    expect(fault.code).toBe('SB_INPUT')
    expect(fault.summary).toContain(summary)
    expect(fault.hint).toContain(hint)
  })
})
