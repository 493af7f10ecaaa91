import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowSet } from './rowSet'

/** Long runs of either kind, over several spans of the directory. */
const runs = fc.array(fc.tuple(fc.nat(700), fc.nat(700)), { maxLength: 8 })

test('the n-th row and the rank of a row are those of a plain list', () => {
  fc.assert(
    fc.property(runs, fc.array(fc.nat(6000), { maxLength: 20 }), fc.nat(3), (lengths, probes, every) => {
      const set = new RowSet()
      const rows: number[] = []
      for (const [yes, no] of lengths) {
        for (let n = 0; n < yes + no; n++) {
          const belongs = n < yes && n % (every + 1) === 0
          if (belongs) rows.push(set.length)
          set.push(belongs)
        }
      }
      expect(set.count).toBe(rows.length)
      expect([...set.rows(0, Infinity)]).toEqual(rows)
      for (const probe of probes) {
        expect([...set.rows(probe, probe + 40)]).toEqual(rows.slice(probe, probe + 40))
        expect(set.rank(probe)).toBe(rows.filter((row) => row < probe).length)
        expect(set.has(probe)).toBe(rows.includes(probe))
      }
    }),
    { numRuns: 60 },
  )
})
