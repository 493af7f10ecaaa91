import { execFileSync } from 'node:child_process'
import cobsOracle from 'cobs'
import fc from 'fast-check'
import slipOracle from 'slip'
import { describe, expect, test } from 'vitest'
import { MAX_FRAME_BYTES, prefixSizes, type FrameProblem, type Framing } from '../../model/framing'
import { framerFor, payloadOf } from './framer'

interface Extent {
  readonly from: number
  readonly to: number
  readonly problem: FrameProblem | null
}
interface Piece {
  readonly bytes: Uint8Array
  readonly atNanos: number
}

/** Where frames end in a stream that comes in pieces, and what has come of the last one. */
function cut(framing: Framing, pieces: readonly Piece[]): { ended: Extent[]; rest: number } {
  const framer = framerFor(framing)
  const ended: Extent[] = []
  let before = 0
  for (const { bytes, atNanos } of pieces) {
    framer.push(bytes, atNanos, (end, lengthBytes, problem) =>
      ended.push({ from: before + end - lengthBytes, to: before + end, problem }),
    )
    before += bytes.length
  }
  return { ended, rest: framer.frame.lengthBytes }
}
const whole = (framing: Framing, bytes: Uint8Array) => cut(framing, [{ bytes, atNanos: 0 }])

/** The bytes in pieces of these lengths, over and over. */
function inPieces(bytes: Uint8Array, lengths: readonly number[]): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const to = at + (lengths[n % lengths.length] ?? 1)
    pieces.push({ bytes: bytes.subarray(at, to), atNanos: n })
    at = to
  }
  return pieces
}

const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 })
const bytesOf = (...likely: number[]) =>
  fc
    .array(fc.oneof({ arbitrary: fc.constantFrom(...likely), weight: 4 }, fc.integer({ min: 0, max: 255 })), {
      maxLength: 60,
    })
    .map((bytes) => Uint8Array.from(bytes))

const prefixed: fc.Arbitrary<Framing> = fc.record({
  kind: fc.constant('lengthPrefix' as const),
  sizeBytes: fc.constantFrom(...prefixSizes),
  byteOrder: fc.constantFrom('big' as const, 'little' as const),
  offsetBytes: fc.integer({ min: 0, max: 3 }),
  includesItself: fc.boolean(),
})
/** Framings, each with streams that are full of what it looks for. */
const streams: readonly (readonly [string, fc.Arbitrary<readonly [Framing, Uint8Array]>])[] = [
  ['lines', fc.tuple(fc.constant({ kind: 'line' }), bytesOf(10, 13))],
  [
    'delimiters',
    fc.tuple(
      fc
        .array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 5 })
        .map((hex) => ({ kind: 'delimiter', hex: hex.map((byte) => `0${byte}`).join('') })),
      bytesOf(0, 1),
    ),
  ],
  [
    'fixed lengths',
    fc.tuple(
      fc.integer({ min: 1, max: 9 }).map((lengthBytes) => ({ kind: 'fixed', lengthBytes })),
      bytesOf(0),
    ),
  ],
  ['length prefixes', fc.tuple(prefixed, bytesOf(0, 1, 2, 3, 4, 5))],
  ['SLIP', fc.tuple(fc.constant({ kind: 'slip' }), bytesOf(0xc0, 0xdb, 0xdc, 0xdd))],
  ['COBS', fc.tuple(fc.constant({ kind: 'cobs' }), bytesOf(0, 1, 2, 3))],
] as readonly (readonly [string, fc.Arbitrary<readonly [Framing, Uint8Array]>])[]

describe.each(streams)('%s', (_name, stream) => {
  test('any chunking gives the same frames', () => {
    fc.assert(
      fc.property(stream, lengths, ([framing, bytes], cuts) => {
        expect(cut(framing, inPieces(bytes, cuts))).toEqual(whole(framing, bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('frames lie end to end, none is empty, and what is left is told', () => {
    fc.assert(
      fc.property(stream, ([framing, bytes]) => {
        const { ended, rest } = whole(framing, bytes)
        let at = 0
        for (const { from, to } of ended) {
          expect(from).toBe(at)
          expect(to).toBeGreaterThan(from)
          at = to
        }
        expect(at + rest).toBe(bytes.length)
      }),
    )
  })

  test('taken up at any frame’s start, or within one from what was kept of it, it goes on the same', () => {
    fc.assert(
      fc.property(stream, fc.nat(60), ([framing, bytes], place) => {
        const { ended } = whole(framing, bytes)
        const shifted = (all: readonly Extent[], from: number) =>
          all.filter(({ to }) => to > from).map(({ to, problem }) => ({ to: to - from, problem }))
        const tell = (all: readonly Extent[]) => all.map(({ to, problem }) => ({ to, problem }))
        for (const { to } of ended)
          expect(tell(whole(framing, bytes.subarray(to)).ended)).toEqual(shifted(ended, to))
        const at = Math.min(place, bytes.length)
        const first = framerFor(framing)
        first.push(bytes.subarray(0, at), 0, () => undefined)
        const second = framerFor(framing)
        Object.assign(second.frame, first.frame)
        const later: { to: number; problem: FrameProblem | null }[] = []
        second.push(bytes.subarray(at), 0, (to, _lengthBytes, problem) => later.push({ to, problem }))
        expect(later).toEqual(shifted(ended, at))
      }),
    )
  })

  test('a frame’s payload has the problem that the frame has, and no more bytes than it', () => {
    fc.assert(
      fc.property(stream, ([framing, bytes]) => {
        for (const { from, to, problem } of whole(framing, bytes).ended) {
          const payload = payloadOf(framing, bytes.subarray(from, to), true)
          expect(payload.bytes.length).toBeLessThanOrEqual(to - from)
          if (framing.kind === 'slip' || framing.kind === 'cobs') expect(payload.problem).toBe(problem)
        }
      }),
    )
  })
})

test('of a frame’s beginning the payload’s beginning is read', () => {
  for (const [, stream] of streams) {
    fc.assert(
      fc.property(stream, fc.nat(40), ([framing, bytes], head) => {
        for (const { from, to } of whole(framing, bytes).ended) {
          const all = payloadOf(framing, bytes.subarray(from, to), true)
          // Of a delimiter's beginning nobody knows yet that it is one.
          if (framing.kind === 'delimiter' || framing.kind === 'line') continue
          const some = payloadOf(framing, bytes.subarray(from, Math.min(to, from + head)), false)
          expect([...all.bytes.subarray(0, some.bytes.length)]).toEqual([...some.bytes])
          if (all.problem === null) expect(some.problem).toBeNull()
        }
      }),
    )
  }
})

const payloads = (framing: Framing, bytes: Uint8Array) =>
  whole(framing, bytes).ended.map(({ from, to }) => [
    ...payloadOf(framing, bytes.subarray(from, to), true).bytes,
  ])
const messages = (...likely: number[]) =>
  fc.array(
    bytesOf(...likely).filter(({ length }) => length > 0),
    { maxLength: 5 },
  )
const plain = (all: readonly Uint8Array[]) => all.map((each) => [...each])

test('what another SLIP encoder wrote is read, and what it reads is the same', () => {
  fc.assert(
    fc.property(messages(0xc0, 0xdb, 0xdc, 0xdd), (sent) => {
      const wire = Buffer.concat(sent.map((each) => slipOracle.encode(each)))
      expect(payloads({ kind: 'slip' }, wire)).toEqual(plain(sent))
    }),
  )
})

test('what another COBS encoder wrote is read, also beyond a block of 254 bytes', () => {
  const long = fc
    .tuple(fc.integer({ min: 250, max: 520 }), bytesOf(0, 1, 255))
    .map(([length, bytes]) => Uint8Array.from([...new Array<number>(length).fill(7), ...bytes]))
  fc.assert(
    fc.property(fc.array(fc.oneof(bytesOf(0, 1, 2, 255), long), { maxLength: 4 }), (sent) => {
      const wire = Buffer.concat(sent.flatMap((each) => [cobsOracle.encode(Buffer.from(each)), Buffer.of(0)]))
      expect(payloads({ kind: 'cobs' }, wire)).toEqual(plain(sent))
    }),
  )
})

test('what struct.pack of Python wrote is read', () => {
  const script = `
import struct, sys
for fmt, own in ((sys.argv[1], False), (sys.argv[1], True)):
    for n in (0, 1, 5, 200):
        size = struct.calcsize(fmt)
        sys.stdout.buffer.write(struct.pack(fmt, n + (size if own else 0)) + bytes([n]) * n)
`
  for (const [format, sizeBytes, byteOrder] of [
    ['>B', 1, 'big'],
    ['>H', 2, 'big'],
    ['<H', 2, 'little'],
    ['>I', 4, 'big'],
    ['<I', 4, 'little'],
    ['>Q', 8, 'big'],
    ['<Q', 8, 'little'],
  ] as const) {
    const wire = execFileSync('python3', ['-c', script, format])
    const framing = { kind: 'lengthPrefix', sizeBytes, byteOrder, offsetBytes: 0 } as const
    const expected = [0, 1, 5, 200].map((n) => new Array<number>(n).fill(n))
    const plainBytes = 206 + 4 * sizeBytes
    expect(payloads({ ...framing, includesItself: false }, wire.subarray(0, plainBytes))).toEqual(expected)
    expect(payloads({ ...framing, includesItself: true }, wire.subarray(plainBytes))).toEqual(expected)
  }
})

test('lines end with LF, and a CR before it goes with it', () => {
  const text = (framing: Framing, from: string) =>
    payloads(framing, Buffer.from(from)).map((line) => Buffer.from(line).toString())
  expect(text({ kind: 'line' }, 'one\r\ntwo\nth\rree\n\nfour')).toEqual(['one', 'two', 'th\rree', ''])
  expect(text({ kind: 'delimiter', hex: '0d0a' }, 'one\r\ntwo\nth\r\r\n')).toEqual(['one', 'two\nth\r'])
})

test('an offset keeps the header in the payload; the length counts from its end, or from the beginning', () => {
  const wire = Buffer.from('22 03 01 00 02 aa bb 16 00 00 00 00'.replaceAll(' ', ''), 'hex')
  const framing = { kind: 'lengthPrefix', sizeBytes: 2, byteOrder: 'big', offsetBytes: 3 } as const
  expect(payloads({ ...framing, includesItself: false }, wire)).toEqual([
    [...wire.subarray(0, 7)],
    [...wire.subarray(7)],
  ])
  const own = { ...framing, includesItself: true }
  expect(whole(own, wire.subarray(0, 7)).ended).toEqual([{ from: 0, to: 5, problem: 'lengthTooSmall' }])
  expect(payloads(own, Buffer.from('22030100060a', 'hex'))).toEqual([[0x22, 3, 1, 0, 6, 0x0a]])
})

test('silence ends a frame, whatever its length; less than that does not', () => {
  const at = (text: string, atNanos: number): Piece => ({ bytes: Buffer.from(text), atNanos })
  const pieces = [at('a', 0), at('bc', 99), at('d', 199), at('ef', 299), at('g', 398)]
  const { ended, rest } = cut({ kind: 'idleGap', gapNanos: 100 }, pieces)
  expect(ended.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [3, 4],
  ])
  expect(rest).toBe(3)
})

test('no frame is longer than 16 MiB, and a length that cannot be is a problem and no allocation', () => {
  const piece = { bytes: new Uint8Array(1024 * 1024).fill(1), atNanos: 0 }
  const pieces = new Array<Piece>(33).fill(piece)
  for (const framing of [
    { kind: 'line' },
    { kind: 'slip' },
    { kind: 'cobs' },
    { kind: 'idleGap', gapNanos: 1 },
    { kind: 'delimiter', hex: '0102' },
  ] satisfies Framing[]) {
    const { ended, rest } = cut(framing, pieces)
    expect(ended).toEqual([
      { from: 0, to: MAX_FRAME_BYTES, problem: 'tooLong' },
      { from: MAX_FRAME_BYTES, to: 2 * MAX_FRAME_BYTES, problem: 'tooLong' },
    ])
    expect(rest).toBe(1024 * 1024)
  }
  const huge = Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 9])
  const framing = {
    kind: 'lengthPrefix',
    byteOrder: 'little',
    offsetBytes: 0,
    includesItself: false,
  } as const
  expect(whole({ ...framing, sizeBytes: 8 }, huge).ended).toEqual([
    { from: 0, to: 8, problem: 'lengthTooLarge' },
  ])
})

test('a datagram’s end ends its frame; where the framing told of more, that is its problem', () => {
  const atEnd = (framing: Framing, bytes: readonly number[]) => {
    const framer = framerFor(framing)
    const told: unknown[] = []
    framer.push(Uint8Array.from(bytes), 0, (_end, lengthBytes, problem) => told.push([lengthBytes, problem]))
    framer.endDatagram(bytes.length, (_end, lengthBytes, problem) => told.push([lengthBytes, problem]))
    return told
  }
  expect(atEnd({ kind: 'line' }, [65, 10, 66])).toEqual([
    [2, null],
    [1, null],
  ])
  expect(atEnd({ kind: 'fixed', lengthBytes: 2 }, [1, 2, 3])).toEqual([
    [2, null],
    [1, 'cutShort'],
  ])
  expect(atEnd({ kind: 'slip' }, [0xc0, 65])).toEqual([[2, null]])
  expect(atEnd({ kind: 'slip' }, [0xc0, 65, 0xc0])).toEqual([[3, null]])
})
