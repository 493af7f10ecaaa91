import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Row } from '../model/record'
import { packRows, unpackRows } from './packedRows'

const whole = fc.maxSafeNat()
const row: fc.Arbitrary<Row> = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    row: whole,
    atNanos: whole,
    direction: fc.constantFrom('in' as const, 'out' as const),
    offset: whole,
    combinedOffset: whole,
    lengthBytes: whole,
    peer: fc.option(fc.string()),
    head: fc.uint8Array({ maxLength: 512 }),
    before: fc.uint8Array({ maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('event' as const),
    row: whole,
    atNanos: whole,
    event: fc.record({ what: fc.constant('noted' as const), text: fc.string({ unit: 'binary' }) }),
  }),
)

test('rows come out as they went in, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      expect(unpackRows(structuredClone(packRows(rows)))).toEqual(rows)
    }),
  )
})
