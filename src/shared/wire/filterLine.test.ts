import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowKinds, type Filter } from '../model/filter'
import { completeFilter } from './filterCompletion'
import { formatFilter, parseFilterLine } from './filterLine'
import { eventNames, filterTerms } from './filterTerms'

function read(line: string): Filter | null {
  const parsed = parseFilterLine(line)
  if (!parsed.ok) throw new Error(`${line}: ${parsed.error.summary}`)
  return parsed.filter
}
const text = (pattern: string): Filter => ({ is: 'payload', kind: 'text', pattern, matchCase: false })
const dirIn: Filter = { is: 'direction', direction: 'in' }

const understood: readonly (readonly [string, Filter | null])[] = [
  ['', null],
  ['  ', null],
  ['dir:in', dirIn],
  ['DIR:IN', dirIn],
  ['kind:datagram', { is: 'kind', kind: 'datagram' }],
  ['event:optionsset', { is: 'event', what: 'optionsSet' }],
  ['size>100', { is: 'size', from: 101, to: Infinity }],
  ['size<=0x10', { is: 'size', from: 0, to: 16 }],
  ['size:10..20', { is: 'size', from: 10, to: 20 }],
  ['size:..20', { is: 'size', from: 0, to: 20 }],
  ['size=7', { is: 'size', from: 7, to: 7 }],
  ['time:1.5..3', { is: 'time', from: 1.5e9, to: 3e9 }],
  ['time<250ms', { is: 'time', from: 0, to: 249_999_999 }],
  ['row:5..', { is: 'row', from: 5, to: Infinity }],
  ['peer:127.0.0.1:80', { is: 'peer', part: '127.0.0.1:80' }],
  ['peer:[::1]:80', { is: 'peer', part: '[::1]:80' }],
  ['text:"GET /"', text('GET /')],
  ['"GET \\"/\\""', text('GET \\"/\\"')],
  ['needle', text('needle')],
  ['exact:GET', { is: 'payload', kind: 'text', pattern: 'GET', matchCase: true }],
  ['hex:0d0a', { is: 'payload', kind: 'hex', pattern: '0d0a', matchCase: true }],
  ['regex:/^a (b|c)[/)]/i', { is: 'payload', kind: 'regex', pattern: '^a (b|c)[/)]', matchCase: false }],
  ['regex:a+b', { is: 'payload', kind: 'regex', pattern: 'a+b', matchCase: true }],
  ['mark', { is: 'mark' }],
  ['-mark', { is: 'not', of: { is: 'mark' } }],
  ['not not mark', { is: 'mark' }],
  ['mark and dir:in', { is: 'and', of: [{ is: 'mark' }, dirIn] }],
  ['mark dir:in or x', { is: 'or', of: [{ is: 'and', of: [{ is: 'mark' }, dirIn] }, text('x')] }],
  ['mark (dir:in or x)', { is: 'and', of: [{ is: 'mark' }, { is: 'or', of: [dirIn, text('x')] }] }],
  ['-(mark dir:in)', { is: 'not', of: { is: 'and', of: [{ is: 'mark' }, dirIn] } }],
  ['"or"', text('or')],
]
test.each(understood)('%s', (line, filter) => expect(read(line)).toEqual(filter))

test.each([
  ['dir:up', 4, 6, 'no direction'],
  ['dir', 0, 3, 'needs a value: dir:in'],
  ['mark dir:', 5, 9, 'needs a value'],
  ['dirk:in', 0, 4, 'There is no term “dirk”'],
  ['size>x', 5, 6, 'no whole number'],
  ['size:20..10', 5, 11, 'backwards'],
  ['dir>in', 0, 6, 'cannot be more or less'],
  ['(mark', 0, 1, 'not closed'],
  ['mark)', 4, 5, 'closes nothing'],
  ['mark or', 7, 7, 'missing at the end'],
  ['or mark', 0, 2, 'missing before “or”'],
  ['()', 1, 2, 'missing before this parenthesis'],
  ['text:"abc', 5, 9, 'quote is not closed'],
  ['regex:/a', 6, 8, 'no closing slash'],
  ['regex:/(/', 6, 9, 'cannot be read'],
  ['regex:/a/gx', 6, 11, 'no flag'],
  ['hex:0', 4, 5, 'two digits'],
  ['"\\q"', 0, 4, 'not known'],
  ['('.repeat(40), 32, 33, 'too deep'],
])('%s is refused, with its place', (line, from, to, why) => {
  const parsed = parseFilterLine(line)
  if (parsed.ok) throw new Error('understood')
  expect(parsed.error).toMatchObject({ from, to })
  expect(parsed.error.summary).toContain(why)
})

const word = fc.stringMatching(/^[a-z "/()é:.-]{1,12}$/).map((each) => each.replaceAll('"', '\\"'))
const range = fc
  .tuple(fc.nat(5000), fc.option(fc.nat(5000), { nil: Infinity }))
  .map(([from, more]) => ({ from, to: from + more }))
const term: fc.Arbitrary<Filter> = fc.oneof(
  fc.constantFrom<Filter>(dirIn, { is: 'direction', direction: 'out' }, { is: 'mark' }),
  fc.constantFrom(...rowKinds).map((kind) => ({ is: 'kind' as const, kind })),
  fc
    .constantFrom(...(Object.keys(eventNames) as (keyof typeof eventNames)[]))
    .map((what) => ({ is: 'event' as const, what })),
  range.map((each) => ({ is: 'size' as const, ...each })),
  range.map((each) => ({ is: 'time' as const, ...each })),
  fc.stringMatching(/^[a-z0-9:.[\]"\\/ ]{1,12}$/).map((part) => ({ is: 'peer' as const, part })),
  fc
    .record({ pattern: word, matchCase: fc.boolean() })
    .map((each) => ({ is: 'payload' as const, kind: 'text' as const, ...each })),
  fc
    .record({ pattern: fc.stringMatching(/^([a-z "]|\\\/|\[\/x\]){1,6}$/), matchCase: fc.boolean() })
    .map((each) => ({ is: 'payload' as const, kind: 'regex' as const, ...each })),
)
const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    term,
    tie('filter').map((of) => ({ is: 'not' as const, of })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
      )
      .map(([is, of]) => ({ is, of })),
  ),
})).filter

test('what is written from a filter reads back as one that is written the same, and decides the same', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      const line = formatFilter(filter)
      const again = read(line)
      if (again === null) throw new Error('nothing was read')
      expect(formatFilter(again)).toBe(line)
    }),
  )
})

test('a term reads back as itself', () => {
  fc.assert(
    fc.property(term, (each) => {
      const again = read(formatFilter(each))
      // Within a class a slash needs no backslash; with one it is the same slash.
      if (each.is === 'payload' && each.kind === 'regex') expect(again?.is).toBe('payload')
      else expect(again).toEqual(each)
    }),
  )
})

test('whatever is typed is a filter or an error within the line, and completion answers', () => {
  const pieces = [
    'dir',
    ':',
    'in',
    '(',
    ')',
    '"',
    '/',
    '\\',
    ' ',
    '-',
    'or',
    'regex:',
    '..',
    '5',
    '<',
    'mark',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.nat(30), (parts, caret) => {
      const line = parts.join('')
      const parsed = parseFilterLine(line)
      if (!parsed.ok) {
        expect(parsed.error.from).toBeLessThanOrEqual(parsed.error.to)
        expect(parsed.error.to).toBeLessThanOrEqual(line.length)
      }
      for (const { from, to } of completeFilter(line, Math.min(caret, line.length)))
        expect(from <= to && to <= line.length).toBe(true)
    }),
  )
})

test('every form that the help shows can be read', () => {
  for (const { forms } of filterTerms) for (const form of forms) expect(read(form)).not.toBeNull()
})

describe('completion', () => {
  const offered = (line: string, caret = line.length): string[] =>
    completeFilter(line, caret).map(({ insert }) => insert)
  test('offers terms where one begins, and values after the colon', () => {
    expect(offered('')).toContain('dir:')
    expect(offered('si')).toEqual(['size:'])
    expect(offered('mark -k')).toEqual(['kind:'])
    expect(offered('kind:')).toEqual(['data', 'chunk', 'datagram', 'event'])
    expect(offered('event:cl')).toEqual(['closed'])
    expect(offered('(dir:o')).toEqual(['out'])
  })
  test('offers nothing within a quote, nor what is there already', () => {
    expect(offered('"di')).toEqual([])
    expect(offered('dir:in')).toEqual([])
    expect(offered('size>')).toEqual([])
  })
  test('takes the place of the whole word that the caret is in', () => {
    const [first] = completeFilter('kind:da mark', 6)
    expect(first).toMatchObject({ from: 5, to: 7, insert: 'data' })
  })
})
