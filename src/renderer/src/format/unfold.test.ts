import fc from 'fast-check'
import { expect, test } from 'vitest'
import { breakLines, hexLines } from './unfold'

test('lines break at line breaks and where they are longer than the room', () => {
  expect(breakLines('one\ntwo\n', 10)).toEqual(['one', 'two'])
  expect(breakLines('abcdefgh\n\nx', 4)).toEqual(['abcd', 'efgh', '', 'x'])
  expect(breakLines('日本語', 4)).toEqual(['日本', '語'])
  expect(breakLines('a\tb', 9)).toEqual(['a\tb'])
  expect(breakLines('a\tb', 8)).toEqual(['a\t', 'b'])
  expect(breakLines('a\n'.repeat(50), 8, 7)).toHaveLength(7)
})

test('nothing but line breaks is lost, and no line is longer than the room', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', '\n', ' ') }),
      fc.integer({ min: 2, max: 9 }),
      (text, room) => {
        const lines = breakLines(text, room)
        expect(lines.join('')).toBe(text.replaceAll('\n', ''))
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(room)
      },
    ),
  )
})

test('a hex dump fits the room and holds every byte', () => {
  const bytes = new Uint8Array(100).fill(0xff)
  for (const room of [30, 50, 90, 200]) {
    const lines = hexLines(bytes, room)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(room)
    expect(lines.join('').match(/ff/g)).toHaveLength(100)
  }
  expect(hexLines(bytes, 200)).toHaveLength(4)
})
