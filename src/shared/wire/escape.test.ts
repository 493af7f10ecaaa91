import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineEndingBytes, lineEndings, parseEscapes, visibleText } from './escape'

const bytesOf = (text: string): number[] => {
  const parsed = parseEscapes(text)
  if (!parsed.ok) throw new Error(parsed.fault.summary)
  return [...parsed.value]
}
const refusalOf = (text: string): string => {
  const parsed = parseEscapes(text)
  return parsed.ok ? 'accepted' : `${parsed.fault.code}: ${parsed.fault.summary}`
}

describe('text with escapes', () => {
  test('each escape stands for its bytes', () => {
    expect(bytesOf('\\n\\r\\t\\0\\a\\b\\e\\f\\v\\\\')).toEqual([10, 13, 9, 0, 7, 8, 27, 12, 11, 92])
    expect(bytesOf('\\x00\\xfF')).toEqual([0, 255])
    expect(bytesOf('\\u00e9')).toEqual([0xc3, 0xa9])
    expect(bytesOf('\\u{1F600}')).toEqual([0xf0, 0x9f, 0x98, 0x80])
    expect(bytesOf('\\ud83d\\ude00')).toEqual([0xf0, 0x9f, 0x98, 0x80])
  })
  test('characters are UTF-8', () => {
    expect(bytesOf('é😀')).toEqual([0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80])
  })
  test('a broken or unknown escape is refused with its position', () => {
    expect(refusalOf('ab\\q')).toBe('SB_INPUT: Character 3 begins the escape \\q, which is not known.')
    expect(refusalOf('😀\\')).toBe('SB_INPUT: Character 2 is a backslash with nothing after it.')
    expect(refusalOf('\\x1')).toContain('Character 1 begins \\x, which needs two hex digits')
    expect(refusalOf('\\xg0')).toContain('Character 1 begins \\x')
    expect(refusalOf('\\u12')).toContain('Character 1 begins \\u')
    expect(refusalOf('\\u{}')).toContain('Character 1 begins \\u')
    expect(refusalOf('\\u{110000}')).toContain('beyond the last character')
    expect(refusalOf('\\ud800')).toContain('surrogate')
    expect(refusalOf('a\ud800b')).toContain('Character 2 is half of a surrogate pair')
    expect(refusalOf('\\012')).toContain('\\0 followed by a digit')
  })
  test('nothing makes it throw, and what it gives is never longer than the text allows', () => {
    const tricky = fc.array(
      fc.constantFrom('\\', 'x', 'u', '{', '}', '0', '9', 'a', 'g', 'n', 'é', '😀', '\ud800'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          tricky.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const parsed = parseEscapes(text)
          if (parsed.ok) expect(parsed.value.length).toBeLessThanOrEqual(text.length * 3)
          else expect(parsed.fault.code).toBe('SB_INPUT')
        },
      ),
    )
  })
})

describe('visible text', () => {
  test('reads back to the same characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(bytesOf(visibleText(text))).toEqual([...new TextEncoder().encode(text)])
      }),
    )
  })
  test('lets nothing through that would act on the window', () => {
    expect(visibleText('\u001b[31m\u202e\u200b\u0000')).toBe('\\e[31m\\u202e\\u200b\\0')
    expect(visibleText('\u00001')).toBe('\\x001')
  })
  test('keeps lines where lines are wanted', () => {
    expect(visibleText('a\r\nb\tc\\\rd', 'lines')).toBe('a\nb\tc\\\\rd')
  })
})

test('line endings are what their names say', () => {
  expect(lineEndings.map((ending) => [...lineEndingBytes(ending)])).toEqual([[], [10], [13], [13, 10], [0]])
})
