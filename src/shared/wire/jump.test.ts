import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeJump, parseJump, sinceBeginning, type Jump } from './jump'

const understood: readonly (readonly [string, Jump, string])[] = [
  ['120', { to: 'row', row: 119 }, 'row 120'],
  ['row 120', { to: 'row', row: 119 }, 'row 120'],
  ['#10,402', { to: 'row', row: 10_401 }, 'row 10,402'],
  ['@4096', { to: 'offset', stream: null, offset: 4096, lengthBytes: 1 }, 'byte 4,096 (0x1000)'],
  [
    'in @0x1000',
    { to: 'offset', stream: 'in', offset: 4096, lengthBytes: 1 },
    'byte 4,096 (0x1000) of what came in',
  ],
  ['out @7', { to: 'offset', stream: 'out', offset: 7, lengthBytes: 1 }, 'byte 7 of what went out'],
  [
    'in @0x1000+16',
    { to: 'offset', stream: 'in', offset: 4096, lengthBytes: 16 },
    '16 bytes from 4,096 (0x1000) of what came in',
  ],
  ['@0..99', { to: 'offset', stream: null, offset: 0, lengthBytes: 100 }, '100 bytes from 0'],
  ['@5 .. 0x5', { to: 'offset', stream: null, offset: 5, lengthBytes: 1 }, 'byte 5'],
  ['12.5s', { to: 'elapsed', atNanos: 12.5e9 }, '12.500000000 s after the session began'],
  ['250 ms', { to: 'elapsed', atNanos: 250e6 }, '0.250000000 s after the session began'],
  ['0.000000001', { to: 'elapsed', atNanos: 1 }, '0.000000001 s after the session began'],
  ['14:05:09.250', { to: 'clock', dayNanos: 50_709_250_000_000 }, '14:05:09.250000000 of the day'],
  ['9:05', { to: 'clock', dayNanos: 32_700_000_000_000 }, '09:05:00.000000000 of the day'],
  [
    '2026-01-31 14:05:09.25',
    { to: 'date', secondMs: new Date(2026, 0, 31, 14, 5, 9).getTime(), nanos: 250_000_000 },
    '2026-01-31 14:05:09.250000000',
  ],
  [
    '2026-1-31',
    { to: 'date', secondMs: new Date(2026, 0, 31).getTime(), nanos: 0 },
    '2026-01-31 00:00:00.000000000',
  ],
  ['the handshake', { to: 'mark', name: 'the handshake' }, 'the mark “the handshake”'],
  ['mark: 12', { to: 'mark', name: '12' }, 'the mark “12”'],
]

test.each(understood)('%s is understood', (text, jump, words) => {
  expect(parseJump(text)).toEqual({ ok: true, value: jump })
  expect(describeJump(jump)).toBe(words)
})

test.each([
  ['', 'nowhere'],
  ['0', 'counted from 1'],
  ['@', 'follows the @'],
  ['@12z', 'no offset'],
  ['@99999999999999999999', 'no offset'],
  ['@4+', 'number of bytes'],
  ['@4+0', 'no byte'],
  ['@4..', 'last byte'],
  ['@9..4', 'no byte'],
  ['2026-02-30', 'no day and time'],
  ['2026-01-31 24:00', 'no day and time'],
  ['25:00', 'no time of day'],
  ['12:61:00', 'no time of day'],
])('%s is refused', (text, why) => {
  const parsed = parseJump(text)
  expect(parsed.ok ? 'understood' : parsed.fault.summary).toContain(why)
})

test('whatever is typed is understood or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789:.@,#+-smrowinut x'.split('')) }), (text) => {
      const parsed = parseJump(text)
      if (parsed.ok) expect(describeJump(parsed.value)).not.toBe('')
      else expect(parsed.fault.code).toBe('SB_INPUT')
    }),
  )
})

describe('a time of day', () => {
  const hour = 3600e9
  test('is on the day of the beginning, or past midnight on the next', () => {
    expect(sinceBeginning(15 * hour, 14 * hour)).toBe(hour)
    expect(sinceBeginning(0.5 * hour, 23.5 * hour)).toBe(hour)
  })
  test('shortly before the beginning is the beginning', () => {
    expect(sinceBeginning(13 * hour, 14 * hour)).toBe(0)
  })
})
