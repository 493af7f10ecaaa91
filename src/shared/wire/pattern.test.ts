import { expect, test } from 'vitest'
import { parsePattern, type Pattern } from './pattern'

type Query = Parameters<typeof parsePattern>[0]
const query = (kind: Query['kind'], pattern: string, matchCase = true): Query => ({
  kind,
  pattern,
  matchCase,
})

function parsed(of: Query): Pattern {
  const reply = parsePattern(of)
  if (!reply.ok) throw new Error(reply.fault.summary)
  return reply.value
}

/** What a pattern finds in bytes, each as a latin-1 string. */
function foundIn(of: Query, bytes: Uint8Array): string[] {
  const pattern = parsed(of)
  if (pattern.is === 'bytes') throw new Error('it is no expression')
  const text = Buffer.from(bytes).toString('latin1')
  return [...text.matchAll(new RegExp(pattern.source, pattern.flags))].map(([found]) => found)
}

test('text and hex are bytes', () => {
  expect(parsed(query('text', 'é\\r\\n\\xff'))).toEqual({
    is: 'bytes',
    bytes: Uint8Array.of(0xc3, 0xa9, 13, 10, 255),
  })
  expect(parsed(query('hex', '0d0a FF'))).toEqual({ is: 'bytes', bytes: Uint8Array.of(13, 10, 255) })
})

test('text in any case finds each form of each character, and nothing that only looks so in Latin-1', () => {
  const bytes = Buffer.from('école ÉCOLE École \xe9cole'.normalize(), 'utf8')
  expect(foundIn(query('text', 'École', false), bytes)).toHaveLength(4)
  // The same letters as bytes of Latin-1 are other bytes.
  expect(foundIn(query('text', 'École', false), Buffer.from('école', 'latin1'))).toHaveLength(0)
  expect(foundIn(query('text', 'a.b', false), Buffer.from('A.B axb'))).toEqual(['A.B'])
  // The two forms differ in one bit: what says so of bytes is quicker than an expression.
  expect(parsed(query('text', 'École', false))).toMatchObject({
    is: 'masked',
    bytes: Uint8Array.from(Buffer.from('école')),
    masks: Uint8Array.of(0, 0x20, 0x20, 0x20, 0x20, 0x20),
  })
  // One that has three forms, and one whose forms differ in length.
  expect(parsed(query('text', 'ǅ', false)).is).toBe('regex')
  expect(parsed(query('text', 'straße', false)).is).toBe('regex')
  // Nothing in it has two cases: plain bytes are quicker.
  expect(parsed(query('text', '12-34', false)).is).toBe('bytes')
})

test('expressions see bytes; characters beyond ASCII are the bytes of UTF-8', () => {
  expect(foundIn(query('regex', '[\\x80-\\xff]+'), Uint8Array.of(0x41, 0xfe, 0xff, 0x42))).toEqual([
    '\xfe\xff',
  ])
  expect(foundIn(query('regex', 'é+!'), Buffer.from('éé!'))).toHaveLength(1)
  expect(foundIn(query('regex', '^b'), Buffer.from('a\nb'))).toEqual(['b'])
  expect(foundIn(query('regex', 'GET', false), Buffer.from('get'))).toEqual(['get'])
})

test('what cannot be looked for is refused with the reason', () => {
  const reasons: readonly (readonly [Query, RegExp])[] = [
    [query('text', ''), /nothing to look for/],
    [query('text', '\\q'), /\\q/],
    [query('hex', '4'), /odd/],
    [query('hex', ' '), /nothing to look for/],
    [query('regex', '('), /cannot be read: .*group/],
    [query('regex', '[é]'), /Character 2, é, is several bytes/],
    [query('text', 'x'.repeat(5000)), /at most 4096 bytes/],
    [query('regex', 'x'.repeat(5000)), /at most 4096 bytes/],
  ]
  for (const [of, reason] of reasons) {
    const reply = parsePattern(of)
    expect(reply.ok).toBe(false)
    if (!reply.ok) {
      expect(reply.fault.code).toBe('SB_INPUT')
      expect(reply.fault.summary).toMatch(reason)
    }
  }
})
