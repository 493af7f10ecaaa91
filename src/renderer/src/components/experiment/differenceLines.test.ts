import { expect, test } from 'vitest'
import { differenceLines } from './differenceLines'

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

/** The lit bytes in brackets. */
const shown = (text: string, other: string, surplus?: { at: number; bytes: number }): string =>
  differenceLines(hex(text), hex(other), 0, surplus)
    .flatMap(({ bytes }) => bytes)
    .map(({ ascii, isOther }) => (isOther ? `[${ascii}]` : ascii))
    .join('')

test('bytes that the other side has otherwise, or has not, are lit', () => {
  expect(shown('hello', 'help!')).toBe('hel[l][o]')
  expect(shown('hello', 'hel')).toBe('hel[l][o]')
  expect(shown('hel', 'hello')).toBe('hel')
})

test('of what is missing or extra that alone is lit, and what follows is held against where it went', () => {
  expect(shown('say hello to all', 'say to all', { at: 4, bytes: 6 })).toBe('say [h][e][l][l][o][ ]to all')
  expect(shown('say to all', 'say hello to all', { at: 4, bytes: -6 })).toBe('say to all')
  expect(shown('say to ALL', 'say hello to all', { at: 4, bytes: -6 })).toBe('say to [A][L][L]')
  // Of the other side, less is shown.
  expect(shown('say to all and more', 'say hello to all', { at: 4, bytes: -6 })).toBe('say to all and more')
})
