import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shiftOf } from './shift'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const told = (wanted: string, came: string): string => {
  const shift = shiftOf(bytes(wanted), bytes(came))
  return shift === null ? 'other bytes' : `${shift.kind} ${shift.lengthBytes}`
}

test('what is missing, or there in addition, is told from other bytes', () => {
  const rest = 'and what follows is as it was recorded, for long enough'
  expect(told(`one ${rest}`, rest)).toBe('missing 4')
  expect(told(rest, `X-More: yes${rest}`)).toBe('extra 11')
  expect(told(`one ${rest}`, `two ${rest}`)).toBe('other bytes')
  // Shorter than that is enough where both end.
  expect(told('one more', 'more')).toBe('missing 4')
  expect(told('more', 'one more')).toBe('extra 4')
  expect(told('one more', 'more or less')).toBe('other bytes')
  expect(told('abc', 'bc')).toBe('other bytes')
  expect(told('', 'x')).toBe('other bytes')
})

test('whatever is cut out or put in is found, no longer than it is', () => {
  const some = fc.uint8Array({ minLength: 1, maxLength: 300, max: 3 })
  const long = fc.uint8Array({ minLength: 64, maxLength: 400 })
  fc.assert(
    fc.property(some, long, fc.boolean(), (part, rest, isMissing) => {
      const [whole, lacking] = [Buffer.concat([part, rest]), Buffer.from(rest)]
      const at = whole.findIndex((byte, n) => byte !== lacking[n])
      fc.pre(at !== -1)
      const [wanted, came] = isMissing ? [whole, lacking] : [lacking, whole]
      const shift = shiftOf(wanted.subarray(at), came.subarray(at))
      // Fewer bytes may do, or other ones; never more.
      if (shift === null) return
      expect(shift.kind).toBe(isMissing ? 'missing' : 'extra')
      expect(shift.lengthBytes).toBeLessThanOrEqual(part.length)
    }),
  )
})
