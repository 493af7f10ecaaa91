import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ref, shallowRef } from 'vue'
import type { ByteRange, ByteSpan, Direction } from '@shared/model/record'
import { spansWithin } from './useByteWindow'
import { useHistory } from './useHistory'
import { payloadOf } from './usePayload'
import { decodeText } from '@shared/wire/decodeText'
import { encodings, schemes } from '@shared/wire/encodings'
import { textLines } from './textLines'

/** A range of chunks, one after the other. */
function rangeOf(chunks: ReadonlyArray<readonly [Direction, Uint8Array]>, from = 0): ByteRange {
  const spans: ByteSpan[] = []
  const all: number[] = []
  chunks.forEach(([direction, bytes], row) => {
    spans.push({ direction, row, start: all.length, lengthBytes: bytes.length, atNanos: row })
    all.push(...bytes)
  })
  return { from, bytes: Uint8Array.from(all), spans }
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('running text', () => {
  test('lines go on across chunks and begin anew with the other side', () => {
    const lines = textLines(
      rangeOf([
        ['in', encode('first li')],
        ['in', encode('ne\r\nsecond\n')],
        ['out', encode('my answer')],
        ['in', encode('thanks')],
      ]),
    )
    expect(lines.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      'in first line',
      'in second',
      'out my answer',
      'in thanks',
    ])
    expect(lines.map(({ at }) => at)).toEqual([0, 12, 19, 28])
  })
  test('a character is put together even where the other side spoke in between', () => {
    const euro = encode('€')
    const lines = textLines(
      rangeOf([
        ['in', euro.subarray(0, 2)],
        ['out', encode('?')],
        ['in', euro.subarray(2)],
      ]),
    )
    expect(lines.map(({ text }) => text)).toEqual(['', '?', '€'])
  })
  test('a piece that begins within a character leaves out what is left of it', () => {
    expect(textLines(rangeOf([['in', encode('€!').subarray(1)]], 7)).map(({ text }) => text)).toEqual(['!'])
  })
  test('however a stream is cut into chunks, its text is the same', () => {
    const bytes = fc.array(fc.constantFrom(0x41, 0x0a, 0x0d, 0x80, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xff), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(40), { maxLength: 5 }), (values, cuts) => {
        const stream = Uint8Array.from(values)
        const edges = [
          0,
          ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b),
          stream.length,
        ]
        const chunks = edges
          .slice(1)
          .map((to, at) => ['in' as const, stream.subarray(edges[at], to)] as const)
        expect(textLines(rangeOf(chunks))).toEqual(textLines(rangeOf([['in', stream]])))
      }),
    )
  })
})

describe('running text of every encoding', () => {
  const bytes = fc.array(
    fc.constantFrom(0x41, 0x0a, 0x00, 0x81, 0x93, 0xfa, 0xe2, 0x82, 0xac, 0xd8, 0x3d, 0xdc),
    {
      maxLength: 12,
    },
  )
  const spoken = fc.array(fc.tuple(fc.constantFrom<Direction>('in', 'out'), bytes), { maxLength: 8 })

  test.each(encodings)('%s: each side’s text is the same, however it is cut and interrupted', (encoding) => {
    const scheme = schemes[encoding]
    fc.assert(
      fc.property(spoken, (pieces) => {
        const lines = textLines(
          rangeOf(pieces.map(([direction, each]) => [direction, Uint8Array.from(each)] as const)),
          encoding,
        )
        for (const direction of ['in', 'out'] as const) {
          const whole = Uint8Array.from(pieces.flatMap(([side, each]) => (side === direction ? each : [])))
          const own = lines.filter((line) => line.direction === direction)
          expect(own.map(({ text, ending }) => text + ending).join('')).toBe(
            decodeText(scheme, whole, { mode: 'lines', isWhole: false }),
          )
        }
      }),
      { numRuns: 500 },
    )
  })
  test.each(encodings)('%s: a page shows what the whole shows from the first character in it', (encoding) => {
    const scheme = schemes[encoding]
    fc.assert(
      fc.property(bytes, bytes, (earlier, later) => {
        const [before, piece] = [Uint8Array.from(earlier), Uint8Array.from(later)]
        const range = rangeOf([['in', piece]], before.length)
        const lines = textLines(range, encoding, { in: { offset: before.length, before } })
        const shown = lines.map(({ text, ending }) => text + ending).join('')
        const whole = decodeText(scheme, Uint8Array.from([...earlier, ...later]), {
          mode: 'lines',
          isWhole: false,
        })
        expect(whole.endsWith(shown)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
  test('the line break that ends a line is told', () => {
    const utf16 = new Uint8Array(Buffer.from('a\r\nb\nc', 'utf16le'))
    const told = textLines(rangeOf([['in', utf16]]), 'utf-16le').map(({ text, ending }) => [text, ending])
    expect(told).toEqual([
      ['a', '\r\n'],
      ['b', '\n'],
      ['c', ''],
    ])
  })
})

test('the spans within a part of a range are those that touch it, cut to it', () => {
  const range = rangeOf(
    [
      ['in', new Uint8Array(10)],
      ['out', new Uint8Array(5)],
      ['in', new Uint8Array(10)],
    ],
    100,
  )
  expect(
    spansWithin(range, 108, 120).map(({ direction, from, lengthBytes }) => [direction, from, lengthBytes]),
  ).toEqual([
    ['in', 108, 2],
    ['out', 110, 5],
    ['in', 115, 5],
  ])
  expect(spansWithin(range, 125, 140)).toEqual([])
})

describe('a payload', () => {
  const bytesOf = (...given: Parameters<typeof payloadOf>): number[] | string => {
    const reply = payloadOf(...given)
    return reply.ok ? [...reply.value] : reply.fault.code
  }
  test('has its line ending after text, and never after hex', () => {
    expect(bytesOf('x', 'text', 'CRLF')).toEqual([0x78, 0x0d, 0x0a])
    expect(bytesOf('', 'text', 'NUL')).toEqual([0])
    expect(bytesOf('78', 'hex', 'CRLF')).toEqual([0x78])
  })
  test('is refused where it cannot be read or is too long for one send', () => {
    expect(bytesOf('\\q', 'text', 'none')).toBe('SB_INPUT')
    expect(bytesOf('7', 'hex', 'none')).toBe('SB_INPUT')
    expect(bytesOf('x'.repeat(16 * 1024 * 1024), 'text', 'LF')).toBe('SB_INPUT')
  })
})

test('the history goes back to the oldest and forth to what was being written', () => {
  const history = useHistory(shallowRef(['one', 'two']))
  expect(history.older('draft')).toBe('two')
  expect(history.older('two')).toBe('one')
  expect(history.older('one')).toBeNull()
  expect(history.newer()).toBe('two')
  expect(history.newer()).toBe('draft')
  expect(history.newer()).toBeNull()
  expect(useHistory(ref<string[]>([])).older('x')).toBeNull()
})
