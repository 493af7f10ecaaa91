import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Difference } from '@shared/model/compare'
import { ComparedRows } from './compareRows'

/** Differences that do not touch, with equal bytes between them; and both sides' ends. */
const sides = fc
  .array(fc.record({ equal: fc.integer({ min: 1, max: 40 }), a: fc.nat(20), b: fc.nat(20) }), {
    maxLength: 10,
  })
  .map((parts) => {
    let [a, b] = [100, 7]
    const differences: Difference[] = []
    for (const part of parts) {
      a += part.equal
      b += part.equal
      if (part.a + part.b === 0) continue
      differences.push({ aFrom: a, aTo: a + part.a, bFrom: b, bTo: b + part.b })
      a += part.a
      b += part.b
    }
    return { differences, a: { from: 100, to: a + 5 }, b: { from: 7, to: b + 5 } }
  })

test('every byte of both sides lies in one row, in order; what is alike lies side by side', () => {
  fc.assert(
    fc.property(sides, fc.constantFrom(4, 8, 16), ({ differences, a, b }, width) => {
      const rows = new ComparedRows(a, b, differences, false, width)
      let [atA, atB] = [a.from, b.from]
      for (let row = 0; row < rows.count; row++) {
        const found = rows.at(row)
        expect([found.a.from, found.b.from]).toEqual([atA, atB])
        expect(Math.max(found.a.to - found.a.from, found.b.to - found.b.from)).toBeGreaterThan(0)
        expect(Math.max(found.a.to - found.a.from, found.b.to - found.b.from)).toBeLessThanOrEqual(width)
        if (!found.isGap) expect(found.a.to - found.a.from).toBe(found.b.to - found.b.from)
        atA = found.a.to
        atB = found.b.to
      }
      expect([atA, atB]).toEqual([a.to, b.to])
    }),
  )
})

test('each difference is found in its row', () => {
  fc.assert(
    fc.property(sides, ({ differences, a, b }) => {
      const rows = new ComparedRows(a, b, differences, false, 8)
      for (const difference of differences) {
        const found = rows.at(rows.rowOf(difference))
        expect(found.a.from).toBeLessThanOrEqual(difference.aFrom)
        expect(found.b.from).toBeLessThanOrEqual(difference.bFrom)
        expect(Math.max(found.a.to - difference.aFrom, found.b.to - difference.bFrom)).toBeGreaterThan(0)
      }
    }),
  )
})
