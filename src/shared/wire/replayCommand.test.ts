import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ReplayRule } from '../model/replay'
import { replayCommandLine, ruleFaults, rulesAsked } from './replayCommand'

const rules: readonly ReplayRule[] = [
  { kind: 'mask', text: ' 4-11 ' },
  { kind: 'mask', text: '' },
  { kind: 'capture', text: String.raw`id=/id=(\w+)/` },
  { kind: 'set', text: String.raw`/id=(\w+)/={id}` },
]

test('rules are asked kind by kind, without the empty ones', () => {
  expect(rulesAsked(rules)).toEqual({
    masks: ['4-11'],
    captures: [String.raw`id=/id=(\w+)/`],
    sets: [String.raw`/id=(\w+)/={id}`],
  })
})

test('each rule is told what is wrong with it, and only with it', () => {
  expect(ruleFaults(rules)).toEqual([null, null, null, null])
  const wrong: readonly ReplayRule[] = [
    { kind: 'mask', text: 'all' },
    { kind: 'capture', text: 'id=/(/' },
    { kind: 'capture', text: 'id=/a/' },
    { kind: 'set', text: '/a/={id}' },
    { kind: 'set', text: '/a/={nobody}' },
  ]
  expect(ruleFaults(wrong).map((each) => each?.summary ?? null)).toEqual([
    '"all" is no mask.',
    expect.any(String),
    '{id} is there already.',
    null,
    'Nothing gives {nobody}.',
  ])
})

test('the command says what differs from its defaults', () => {
  const asked = { ids: null, beside: null, role: 'client', speed: 1, wait: 'peer' } as const
  expect(replayCommandLine('a.swb', { ...asked, url: 'tcp://127.0.0.1:80' })).toBe(
    'switchboard replay a.swb --as client --target tcp://127.0.0.1:80',
  )
  expect(
    replayCommandLine("it's.swb", {
      ...asked,
      ids: ['C1', 'U2'],
      role: 'server',
      url: 'tcp://[::1]:0',
      speed: 'max',
      wait: 'time',
      ...rulesAsked(rules),
    }),
  ).toBe(
    String.raw`switchboard replay 'it'\''s.swb' --as server --listen 'tcp://[::1]:0' --speed max --wait time ` +
      String.raw`--connection C1 --connection U2 --mask 4-11 --capture 'id=/id=(\w+)/' --set '/id=(\w+)/={id}'`,
  )
})

test('whatever a rule holds, a shell gives it on as one word', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((text) => !text.includes('\0')),
      (text) => {
        const line = replayCommandLine('s.swb', {
          ids: null,
          beside: null,
          role: 'both',
          url: null,
          speed: 1,
          wait: 'peer',
          masks: [text],
        })
        const printed = execFileSync('sh', [
          '-c',
          line.replace('switchboard replay', String.raw`printf '%s\0'`),
        ])
        expect(printed.toString()).toBe(`s.swb\0--as\0both\0--mask\0${text}\0`)
      },
    ),
    { numRuns: 30 },
  )
})
