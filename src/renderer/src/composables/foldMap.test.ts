import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FoldMap } from './foldMap'

describe('lines and rows', () => {
  test('each line belongs to the row that one finds by writing all of them down', () => {
    const folds = fc.uniqueArray(fc.record({ row: fc.nat(30), extra: fc.nat(4) }), {
      selector: ({ row }) => row,
    })
    fc.assert(
      fc.property(folds, (unfolded) => {
        const map = new FoldMap(unfolded)
        const extras = new Map(unfolded.map(({ row, extra }) => [row, extra]))
        const written = Array.from({ length: 40 }, (_, row) =>
          Array.from({ length: 1 + (extras.get(row) ?? 0) }, (_each, sub) => ({ row, sub })),
        ).flat()
        written.forEach((place, line) => {
          expect(map.placeOf(line)).toEqual(place)
          if (place.sub === 0) expect(map.lineOf(place.row)).toBe(line)
        })
      }),
    )
  })
  test('it stays exact in a record of a hundred million rows', () => {
    const map = new FoldMap([
      { row: 7, extra: 3 },
      { row: 99_999_990, extra: 100 },
    ])
    expect(map.lineOf(99_999_990)).toBe(99_999_993)
    expect(map.placeOf(99_999_993 + 100)).toEqual({ row: 99_999_990, sub: 100 })
    expect(map.placeOf(map.lineOf(99_999_999))).toEqual({ row: 99_999_999, sub: 0 })
  })
})
