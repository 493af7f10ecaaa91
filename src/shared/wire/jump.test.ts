import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeJump, parseJump, sinceBeginning, type Jump } from './jump'

const understood: readonly (readonly [string, Jump, string])[] = [
  ['120', { to: 'row', row: 119 }, 'row 120'],
  ['row 120', { to: 'row', row: 119 }, 'row 120'],
  ['#10,402', { to: 'row', row: 10_401 }, 'row 10,402'],
  ['@4096', { to: 'offset', stream: null, offset: 4096 }, 'byte 4,096 (0x1000)'],
  ['in @0x1000', { to: 'offset', stream: 'in', offset: 4096 }, 'byte 4,096 (0x1000) of what came in'],
  ['out @7', { to: 'offset', stream: 'out', offset: 7 }, 'byte 7 of what went out'],
  ['12.5s', { to: 'elapsed', atNanos: 12.5e9 }, '12.500000000 s after the session began'],
  ['250 ms', { to: 'elapsed', atNanos: 250e6 }, '0.250000000 s after the session began'],
  ['0.000000001', { to: 'elapsed', atNanos: 1 }, '0.000000001 s after the session began'],
  ['14:05:09.250', { to: 'clock', dayNanos: 50_709_250_000_000 }, '14:05:09.250000000 of the day'],
  ['9:05', { to: 'clock', dayNanos: 32_700_000_000_000 }, '09:05:00.000000000 of the day'],
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
  ['25:00', 'no time of day'],
  ['12:61:00', 'no time of day'],
])('%s is refused', (text, why) => {
  const parsed = parseJump(text)
  expect(parsed.ok ? 'understood' : parsed.fault.summary).toContain(why)
})

test('whatever is typed is understood or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789:.@,#smrowinut x'.split('')) }), (text) => {
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
