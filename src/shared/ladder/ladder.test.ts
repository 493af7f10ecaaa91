import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SocketEvent } from '../model/record'
import { carried, InKernel, type Piece } from './carry'
import { columnsOf } from './columns'
import { matchedDatagrams, type Datagram } from './datagrams'
import { drawLadder } from './drawing'
import { type LadderEnd } from './model'

/** Lengths of chunks as they lie in a stream, one after the other. */
function piecesOf(lengths: readonly number[], firstOffset = 0): Piece[] {
  let offset = firstOffset
  return lengths.map((lengthBytes, row) => {
    const piece = { row, atNanos: row, offset, lengthBytes }
    offset += lengthBytes
    return piece
  })
}

const lengths = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })

test('however the two ends cut the bytes, each byte is told once, in order, with the write and the read that carried it', () => {
  fc.assert(
    fc.property(lengths, lengths, (out, into) => {
      const sent = piecesOf(out)
      const received = piecesOf(into)
      const found = carried(sent, received)
      const total = Math.max(
        out.reduce((a, b) => a + b, 0),
        into.reduce((a, b) => a + b, 0),
      )
      let at = 0
      for (const each of found) {
        expect(each.offset).toBe(at)
        expect(each.lengthBytes).toBeGreaterThan(0)
        for (const piece of [each.sent, each.received]) {
          if (piece === null) continue
          expect(piece.offset).toBeLessThanOrEqual(at)
          expect(piece.offset + piece.lengthBytes).toBeGreaterThanOrEqual(at + each.lengthBytes)
        }
        expect(each.sent !== null || each.received !== null).toBe(true)
        at += each.lengthBytes
      }
      expect(at).toBe(total)
      const sentBytes = out.reduce((a, b) => a + b, 0)
      for (const each of found) {
        expect(each.sent === null).toBe(each.offset >= sentBytes)
      }
    }),
  )
})

test('of two parts of a stream, what lies in both is matched, and what lies in one is told alone', () => {
  const sent = piecesOf([4, 4], 10)
  const received = piecesOf([3, 9], 12)
  expect(
    carried(sent, received).map((each) => [
      each.sent?.row,
      each.received?.row,
      each.offset,
      each.lengthBytes,
    ]),
  ).toEqual([
    [0, undefined, 10, 2],
    [0, 0, 12, 2],
    [1, 0, 14, 1],
    [1, 1, 15, 3],
    [undefined, 1, 18, 6],
  ])
})

test('parts that are missing between the pieces of one side are told of the other alone', () => {
  const sent = [...piecesOf([5]), ...piecesOf([5], 20)]
  const received = piecesOf([30])
  expect(
    carried(sent, received).map((each) => [each.sent?.offset ?? null, each.offset, each.lengthBytes]),
  ).toEqual([
    [0, 0, 5],
    [null, 5, 15],
    [20, 20, 5],
    [null, 25, 5],
  ])
})

test('what a damaged record tells does not keep it from ending', () => {
  const piece = fc.record({
    row: fc.nat(),
    atNanos: fc.nat(),
    offset: fc.integer({ min: 0, max: 50 }),
    lengthBytes: fc.integer({ min: 0, max: 50 }),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(piece, { maxLength: 20 }), (sent, received) => {
      let at = -1
      for (const each of carried(sent, received)) {
        expect(each.offset).toBeGreaterThanOrEqual(at)
        at = each.offset + each.lengthBytes
      }
    }),
  )
})

test('what lies in the kernel is what was sent and not read, and nothing at the end', () => {
  // What happens is a walk: bytes are sent, or as many as there are read.
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 }))), (walk) => {
      const kernel = new InKernel(7, 3)
      let lies = 4
      for (const [isSent, bytes] of walk) {
        if (isSent) {
          kernel.sent(bytes)
          lies += bytes
        } else {
          const read = Math.min(bytes, lies)
          kernel.received(read)
          lies -= read
        }
        expect(kernel.bytes).toBe(lies)
        expect(kernel.bytes).toBeGreaterThanOrEqual(0)
      }
      kernel.received(lies)
      expect(kernel.bytes).toBe(0)
    }),
  )
})

const datagram = (row: number, text: string, atNanos = row): Datagram => ({
  row,
  atNanos,
  lengthBytes: text.length,
  head: new TextEncoder().encode(text),
})

test('datagrams that came are told with what was sent; one that was overtaken is lost', () => {
  const sent = ['a', 'b', 'c', 'd'].map((text, n) => datagram(n, text))
  const received = [datagram(10, 'a'), datagram(11, 'c')]
  expect(
    matchedDatagrams(sent, received).map((each) => [each.sent?.row, each.received?.row, each.isOvertaken]),
  ).toEqual([
    [0, 10, false],
    [1, undefined, true],
    [2, 11, false],
    [3, undefined, false],
  ])
})

test('whatever is lost and however the rest is shuffled, each datagram has one partner of its own', () => {
  const texts = fc.array(fc.constantFrom('', 'x', 'y', 'xy', 'long'), { maxLength: 20 })
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.nat()), (said, random) => {
      const sent = said.map((text, n) => datagram(n, text))
      const came = said
        .map((text) => ({ text, by: random.next().value as number }))
        .filter(({ by }) => by % 3 !== 0)
        .toSorted((a, b) => a.by - b.by)
        .map(({ text }, n) => datagram(100 + n, text, 1000 + n))
      const found = matchedDatagrams(sent, came)
      const partners = found.flatMap((each) => (each.sent !== null && each.received !== null ? [each] : []))
      expect(partners).toHaveLength(came.length)
      expect(new Set(partners.map((each) => each.received?.row)).size).toBe(came.length)
      for (const each of partners) expect(each.sent?.head).toEqual(each.received?.head)
    }),
  )
})

test('what is said beside a line ends within the drawing: there is room for the most usual words, and what is longer still ends in …', () => {
  const ends: readonly LadderEnd[] = [
    { id: 'C1', role: 'dialled', other: 'S2', local: null, remote: null },
    { id: 'S2', role: 'accepted', other: 'C1', local: null, remote: null },
  ]
  const events: readonly SocketEvent[] = [
    { what: 'behaviourSet', behaviour: 'reply:goodbye' },
    { what: 'behaviourSet', behaviour: 'impair:udp://127.0.0.1:9000 lose=1/3 duplicate=10%' },
  ]
  const labelsIn = (roomPx: number): readonly string[] => {
    const columns = columnsOf(ends, roomPx)
    const { labels } = drawLadder({
      rows: [0, 1].flatMap((line) =>
        events.map((event, n) => ({
          row: { row: n, kind: 'event' as const, atNanos: n, event },
          rank: 2 * line + n,
          line,
        })),
      ),
      arrows: [],
      spans: [],
      acks: [],
      columns,
      yOf: ({ rank }) => 20 * rank,
      top: 0,
      bottom: 100,
      labelPx: 0,
      preview: () => '',
      charPx: 6.7,
    })
    for (const { x, anchor, text } of labels) {
      const px = text.length * 6.7
      expect(anchor === 'start' ? x + px : px).toBeLessThanOrEqual(anchor === 'start' ? columns.widthPx : x)
    }
    return labels.map(({ text }) => text)
  }
  expect(labelsIn(640)).toEqual([
    'does reply:goodbye',
    'does impair:udp://…',
    'does reply:goodbye',
    'does impair:udp://…',
  ])
  expect(labelsIn(0)).toContain('does reply:…')
})
