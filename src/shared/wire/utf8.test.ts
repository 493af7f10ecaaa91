import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEscapes } from './escape'
import { CUT_MARK } from './decodeText'
import { decodeUtf8, pendingLength } from './utf8'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The texts of a stream's chunks, each decoded with the bytes before it. */
function decodeInPieces(stream: Uint8Array, cuts: readonly number[]): string[] {
  const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
  return edges.slice(1).map((to, index) => {
    const from = edges[index] ?? 0
    return decodeUtf8(stream.subarray(from, to), { before: stream.subarray(Math.max(0, from - 3), from) })
  })
}

// Aimed at the edges: leads, continuations, and bytes that can be neither.
const awkward = fc
  .array(
    fc.constantFrom(0x41, 0x5c, 0x0a, 0x80, 0xbf, 0xa0, 0x9f, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xff, 0xc0),
    { maxLength: 30 },
  )
  .map((each) => Uint8Array.from(each))

describe('a chunk as text', () => {
  test('a character cut by an edge is shown whole where it ends', () => {
    const [first, second] = decodeInPieces(encode('café!'), [4])
    expect([first, second]).toEqual([`caf${CUT_MARK}`, 'é!'])
    expect(decodeInPieces(encode('😀'), [1, 2, 3])).toEqual([CUT_MARK, CUT_MARK, CUT_MARK, '😀'])
  })
  test('bytes that are no UTF-8 are shown as what they are', () => {
    expect(decodeUtf8(Uint8Array.of(0xff, 0x41, 0xc3, 0x28, 0x80))).toBe('\\xffA\\xc3(\\x80')
    expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBe('\\xed\\xa0\\x80')
  })
  test('what was held back and came to nothing is told in the chunk that shows it', () => {
    expect(decodeUtf8(encode('A'), { before: Uint8Array.of(0x41, 0xe2, 0x82) })).toBe('\\xe2\\x82A')
  })
  test('the head of a longer chunk leaves its unfinished tail out', () => {
    expect(decodeUtf8(Uint8Array.of(0x41, 0xc3), { isWhole: false })).toBe('A')
  })
  test('the texts of all chunks, without the marks, are the text of the stream', () => {
    fc.assert(
      fc.property(awkward, fc.array(fc.nat(40), { maxLength: 6 }), (stream, cuts) => {
        const pieces = decodeInPieces(stream, cuts).map((text) => text.replaceAll(CUT_MARK, ''))
        expect(pieces.join('')).toBe(decodeUtf8(stream).replaceAll(CUT_MARK, ''))
      }),
    )
  })
  test('reads back to the same bytes, but for an unfinished tail', () => {
    fc.assert(
      fc.property(fc.oneof(awkward, fc.uint8Array()), (stream) => {
        const end = stream.length - pendingLength(stream)
        const parsed = parseEscapes(decodeUtf8(stream, { isWhole: false }))
        expect(parsed).toEqual({ ok: true, value: stream.slice(0, end) })
      }),
    )
  })
  test('agrees with the platform on what is UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeUtf8(encode(text))).not.toContain(CUT_MARK)
      }),
    )
  })
})
