import { expect, test } from 'vitest'
import { arrangementVersions } from './arrangement'
import { migrate, type Versions } from './migration'

/** As it would be after two changes of a form. */
const planted: Versions = {
  key: 'version',
  present: 3,
  steps: {
    1: ({ colour, ...rest }) => ({ ...rest, colours: [colour] }),
    2: ({ colours, ...rest }) => ({ ...rest, palette: { colours } }),
  },
}

test('each older version is taken step by step, and the words themselves stay', () => {
  const third = { version: 3, name: 'n', palette: { colours: ['red'] } }
  for (const words of [
    { version: 1, name: 'n', colour: 'red' },
    { version: 2, name: 'n', colours: ['red'] },
    third,
  ]) {
    const before = structuredClone(words)
    expect(migrate(words, planted)).toEqual(third)
    expect(words).toEqual(before)
  }
})

test('a later version is told from one that there never was', () => {
  for (const version of [4, 1e9, Number.MAX_SAFE_INTEGER]) expect(migrate({ version }, planted)).toBe('later')
  for (const version of [0, -1, 1.5, '2', null, undefined, NaN, Infinity, 2 ** 60, {}])
    expect(migrate({ version }, planted)).toBeNull()
  expect(migrate({}, planted)).toBeNull()
  // A step that nobody wrote leads nowhere.
  expect(migrate({ version: 1 }, { ...planted, steps: {} })).toBeNull()
})

test('of an arrangement there is a step from each version before the present one', () => {
  for (let version = 1; version < arrangementVersions.present; version++)
    expect(arrangementVersions.steps[version], String(version)).toBeTypeOf('function')
})
