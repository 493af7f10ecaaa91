import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Difference } from '../../../shared/model/compare'
import { compareBytes, type Readable } from './align'

/** Bytes that are read in pieces of any length. */
function readable(bytes: Uint8Array, from = 0, pieces = Infinity): Readable {
  const to = from + bytes.length
  return {
    from,
    to,
    read: (at, most) => bytes.subarray(at - from, Math.min(at - from + Math.min(most, pieces), bytes.length)),
  }
}

function differences(a: Uint8Array, b: Uint8Array): Difference[] {
  const found: Difference[] = []
  compareBytes(readable(a), readable(b), (each) => found.push(each))
  return found
}

/** A, with what B has in place of what differs: B, if the differences are right. */
function applied(a: Uint8Array, b: Uint8Array, found: readonly Difference[]): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const { aFrom, aTo, bFrom, bTo } of found) {
    parts.push(a.subarray(at, aFrom), b.subarray(bFrom, bTo))
    at = aTo
  }
  parts.push(a.subarray(at))
  return new Uint8Array(Buffer.concat(parts))
}

/** Comparing large arrays by `toEqual` takes a minute. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Bytes that hardly repeat, the same for the same seed. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 24)
}

const few = fc.array(fc.constantFrom(0, 1, 2), { maxLength: 200 }).map((each) => Uint8Array.from(each))
/** Cuts and pastes at random places. */
const edits = fc.array(
  fc.record({ at: fc.nat(4999), cut: fc.nat(60), paste: fc.uint8Array({ maxLength: 60 }) }),
  { maxLength: 8 },
)
function edited(
  bytes: Uint8Array,
  by: readonly { at: number; cut: number; paste: Uint8Array }[],
): Uint8Array {
  return by.reduce<Uint8Array>((now, { at, cut, paste }) => {
    const from = at % (now.length + 1)
    return new Uint8Array(Buffer.concat([now.subarray(0, from), paste, now.subarray(from + cut)]))
  }, bytes)
}

describe('where two streams differ', () => {
  test('A with its differences replaced is B, whatever the two are', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const found = differences(a, b)
        expect(isSame(applied(a, b, found), b)).toBe(true)
        for (const [n, each] of found.entries()) {
          expect(each.aTo - each.aFrom + each.bTo - each.bFrom).toBeGreaterThan(0)
          expect(each.aFrom).toBeGreaterThanOrEqual(found[n - 1]?.aTo ?? 0)
        }
        expect(found.length === 0).toBe(Buffer.compare(a, b) === 0)
      }),
      { numRuns: 500 },
    )
  })
  test('after edits both are found alike again: no more is told than was edited, and what lies close', () => {
    fc.assert(
      fc.property(edits, fc.nat(1000), (by, seed) => {
        const a = noise(5000, seed)
        const b = edited(a, by)
        const found = differences(a, b)
        expect(isSame(applied(a, b, found), b)).toBe(true)
        const told = found.reduce((sum, each) => sum + (each.aTo - each.aFrom) + (each.bTo - each.bFrom), 0)
        const changed = by.reduce((sum, { cut, paste }) => sum + cut + paste.length, 0)
        expect(told).toBeLessThanOrEqual(2 * changed + 64 * by.length)
      }),
      { numRuns: 200 },
    )
  })
  test('it does not matter in which pieces they are read, nor where they begin', () => {
    const a = noise(5000, 1)
    const b = edited(a, [{ at: 1000, cut: 3, paste: new Uint8Array(10) }])
    const found: Difference[] = []
    compareBytes(readable(a, 100), readable(b, 7), (each) => found.push(each))
    const inPieces: Difference[] = []
    compareBytes(readable(a, 100, 17), readable(b, 7, 5), (each) => inPieces.push(each))
    expect(inPieces).toEqual(found)
    expect(found[0]).toMatchObject({ aFrom: 1100, bFrom: 1007 })
  })
  test('a single byte in a megabyte, a piece left out, and an end that is missing', () => {
    const a = noise(1_000_000, 3)
    const b = Uint8Array.from(a)
    b[500_000] = (b[500_000] ?? 0) ^ 1
    expect(differences(a, b)).toEqual([{ aFrom: 500_000, aTo: 500_001, bFrom: 500_000, bTo: 500_001 }])
    const without = new Uint8Array(Buffer.concat([a.subarray(0, 200_000), a.subarray(600_000)]))
    const [left] = differences(a, without)
    expect(differences(a, without)).toHaveLength(1)
    expect((left?.aTo ?? 0) - (left?.aFrom ?? 0)).toBe(400_000)
    expect(differences(a, a.subarray(0, 999_990))).toEqual([
      { aFrom: 999_990, aTo: 1_000_000, bFrom: 999_990, bTo: 999_990 },
    ])
    expect(differences(a, new Uint8Array(0))).toEqual([{ aFrom: 0, aTo: 1_000_000, bFrom: 0, bTo: 0 }])
    expect(differences(a, a)).toEqual([])
  })
  test('two megabytes of noise that have nothing in common are told in seconds, as what they are', () => {
    const [a, b] = [noise(2_000_000, 5), noise(2_000_000, 77)]
    const found = differences(a, b)
    expect(isSame(applied(a, b, found), b)).toBe(true)
    expect(found).toHaveLength(1)
  })
})
