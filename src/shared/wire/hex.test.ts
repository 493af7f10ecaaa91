import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatHex, parseHex } from './hex'
import { hexdump, hexdumpLine } from './hexdump'

const refusalOf = (text: string): string => {
  const parsed = parseHex(text)
  return parsed.ok ? 'accepted' : parsed.fault.summary
}

test('hex is read in all the ways it is pasted', () => {
  for (const text of [
    '68 65 6c',
    '68656C',
    '0x68,0x65,0x6c',
    '68:65:6c',
    ' 0X6865\n6c ',
    '68-65-6c',
    '68, 65; 6c',
  ]) {
    expect(parseHex(text)).toEqual({ ok: true, value: Uint8Array.of(0x68, 0x65, 0x6c) })
  }
  expect(parseHex('')).toEqual({ ok: true, value: new Uint8Array(0) })
})

test('what is no hex is refused with its position', () => {
  expect(refusalOf('68 6')).toContain('Character 4 is a digit that stands alone')
  expect(refusalOf('686')).toContain('Character 3 is a digit that stands alone')
  expect(refusalOf('68 zz')).toContain('Character 4 is "z", which is no hex digit')
  expect(refusalOf('6g')).toContain('Character 2 is "g"')
  expect(refusalOf('68 0x')).toContain('Character 4 begins 0x')
  expect(refusalOf('680x65')).toContain('Character 4 is "x"')
  expect(refusalOf('68 😀')).toContain('Character 4 is "😀"')
})

test('every byte string survives being written and read, with any separator', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(' ', '', ',', ':', '\n', ', 0x'), (bytes, separator) => {
      const prefix = separator === ', 0x' && bytes.length > 0 ? '0x' : ''
      expect(parseHex(prefix + formatHex(bytes, separator))).toEqual({ ok: true, value: bytes })
    }),
  )
})

test('nothing makes it throw', () => {
  const tricky = fc
    .array(fc.constantFrom('0', 'x', 'f', ' ', ',', 'g', '😀', '\u0660'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(tricky, (text) => {
      const parsed = parseHex(text)
      if (parsed.ok) expect(parsed.value.length * 2).toBeLessThanOrEqual(text.length)
      else expect(parsed.fault.code).toBe('SB_INPUT')
    }),
  )
})

test('a hex dump lines up', () => {
  const line = hexdumpLine(0x10, Uint8Array.of(0x41, 0x00, 0x7f, 0x20))
  expect(line).toEqual({ offset: '00000010', hex: '41 00 7f 20'.padEnd(48), ascii: 'A.. ' })
  expect(hexdumpLine(2 ** 33, new Uint8Array(0)).offset).toBe('200000000')
  const text = hexdump(Uint8Array.from({ length: 20 }, (_, at) => 0x41 + at))
  expect(text.split('\n')).toEqual([
    '00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|',
    '00000010  51 52 53 54                                       |QRST|',
  ])
})

test('a hex dump holds every byte, whatever the width', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 40 }), (bytes, width) => {
      const hex = []
      for (let at = 0; at < bytes.length; at += width) {
        const line = hexdumpLine(at, bytes.subarray(at, at + width), width)
        expect(line.ascii.length).toBe(Math.min(width, bytes.length - at))
        hex.push(line.hex)
      }
      expect(new Set(hex.map((each) => each.length)).size).toBeLessThanOrEqual(1)
      expect(parseHex(hex.join(' '))).toEqual({ ok: true, value: bytes })
    }),
  )
})
