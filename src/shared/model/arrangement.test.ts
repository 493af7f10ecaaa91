import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrangementText, isLaterArrangement, parseArrangement, type PaneState } from './arrangement'

const NOBODY = new Set<never>()
const text = (states: Record<string, PaneState>, more: object = {}): string =>
  JSON.stringify({ version: 1, layout: null, states, open: [], ...more })

test('what is kept comes back', () => {
  const states = {
    L1: {
      note: 'the server',
      openedWith: { options: { backlog: 5 }, peer: 'udp://127.0.0.1:1', groups: [{ group: '239.1.2.3' }] },
    },
    C2: {
      view: 'Hex',
      filter: 'size>10',
      text: 'hello\\n',
      format: 'text',
      ending: 'LF',
      encoding: 'latin1',
    },
  } as const
  const rules = [{ kind: 'mask', text: '4-11' }] as const
  const kept = arrangementText({ layout: { grid: {} }, states, open: ['L1'], rules }, NOBODY, 60_000)
  expect(parseArrangement(kept ?? '')).toEqual({
    version: 1,
    layout: { grid: {} },
    states,
    open: ['L1'],
    rules,
  })
})

test('what has another form is left out, and the rest is taken', () => {
  const found = parseArrangement(
    text(
      { C1: { view: 'Sideways', note: 7, format: 'octal', text: 'kept' } as never, X9: { note: 'no id' } },
      {
        layout: 'no layout',
        open: ['C1', 7, 'nobody'],
        rules: [{ kind: 'wish', text: 'x' }, null, { kind: 'set' }, { kind: 'set', text: '/a/=b' }],
      },
    ),
  )
  expect(found).toEqual({
    version: 1,
    layout: null,
    states: { C1: { text: 'kept' } },
    open: ['C1'],
    rules: [{ kind: 'set', text: '/a/=b' }],
  })
})

test('what is no arrangement, or a later one, is none', () => {
  for (const each of ['', '{', 'null', '[]', '7', '{}', '{"version":2}', '{"version":"1"}', '{"version":0}'])
    expect(parseArrangement(each)).toBeNull()
  for (const each of ['{"version":2}', '{"version":7,"panes":[[]]}'])
    expect(isLaterArrangement(each)).toBe(true)
  for (const each of ['', 'null', '{}', '{"version":1}', '{"version":0}', '{"version":"2"}'])
    expect(isLaterArrangement(each)).toBe(false)
})

test('what is nested without end is none; brackets in what was written do not count', () => {
  const nested = (depth: number): string =>
    `{"version":1,"layout":{"a":${'['.repeat(depth)}${']'.repeat(depth)}},"states":{}}`
  expect(parseArrangement(nested(29_000))).toBeNull()
  expect(parseArrangement(nested(50))).not.toBeNull()
  const brackets = '"\\"'.repeat(20) + '['.repeat(500)
  expect(parseArrangement(text({ C1: { text: brackets } }))?.states).toEqual({ C1: { text: brackets } })
})

test('whatever it is, it is taken or left, and never throws', () => {
  fc.assert(
    fc.property(fc.json(), fc.anything(), (json, states) => {
      parseArrangement(json)
      parseArrangement(
        JSON.stringify({ version: 1, states, open: states, layout: states, rules: states }) ?? '',
      )
    }),
  )
})

test('where it is too long, panes that are not shown go first', () => {
  const long = 'x'.repeat(300)
  const states = { C1: { text: long }, C2: { text: long }, C3: { text: long }, C4: { note: 'shown' } }
  const kept = arrangementText({ layout: null, states, open: [], rules: [] }, new Set(['C4'] as const), 500)
  expect(kept?.length).toBeLessThanOrEqual(500)
  expect(Object.keys(parseArrangement(kept ?? '')?.states ?? {})).toEqual(['C4', 'C1'])
  expect(arrangementText({ layout: long, states: {}, open: [], rules: [] }, NOBODY, 200)).toBeNull()
})
