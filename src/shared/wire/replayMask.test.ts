import { expect, test } from 'vitest'
import { parseReplayMask } from './replayMask'

const read = (text: string): unknown => {
  const parsed = parseReplayMask(text)
  return parsed.ok ? parsed.value : parsed.fault.code
}

test('ranges of bytes, with a connection or for each, and expressions', () => {
  expect(read('4-11')).toEqual({ is: 'range', connection: null, from: 4, to: 12 })
  expect(read('7')).toEqual({ is: 'range', connection: null, from: 7, to: 8 })
  expect(read('C12:0-0')).toEqual({ is: 'range', connection: 'C12', from: 0, to: 1 })
  expect(read('/Date: .*/')).toMatchObject({ is: 'regex', source: 'Date: .*' })
})

test('what is no mask is refused', () => {
  for (const text of [
    '',
    '/',
    '//',
    '/(/',
    '11-4',
    'x',
    'C1:',
    'Q1:4-5',
    '-3',
    '4-',
    '/open',
    '9'.repeat(20),
  ])
    expect([text, read(text)]).toEqual([text, 'SB_INPUT'])
})
