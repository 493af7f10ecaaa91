import { expect, test } from 'vitest'
import { parseSendRules } from './replayRules'

const refusal = (captures: readonly string[], sets: readonly string[]): string => {
  const parsed = parseSendRules(captures, sets)
  return parsed.ok ? 'none' : parsed.fault.summary
}

test('captures and settings are read', () => {
  const parsed = parseSendRules(['token=/t=([0-9]+)/'], ['/t=([0-9]+)/={token}', '/a=b/=at {ms}: {count}'])
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      captures: [{ name: 'token', source: 't=([0-9]+)' }],
      sets: [
        { source: 't=([0-9]+)', text: '{token}' },
        { source: 'a=b', text: 'at {ms}: {count}' },
      ],
    },
  })
})

test('what cannot be read is refused, and what nothing gives', () => {
  expect(refusal(['token'], [])).toMatch('captures nothing')
  expect(refusal(['ms=/a/'], [])).toMatch('{ms} is there already')
  expect(refusal(['x=/a/', 'x=/b/'], [])).toMatch('{x} is there already')
  expect(refusal(['x=/(/'], [])).toMatch('cannot be read')
  expect(refusal([], ['a=b'])).toMatch('sets nothing')
  expect(refusal([], ['/a/={token}'])).toBe('Nothing gives {token}.')
})
