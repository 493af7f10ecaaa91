import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import wabt from 'wabt'
import { type Direction } from '../../../shared/model/record'
import { parsePattern } from '../../../shared/wire/pattern'
import { ExactFinder, SearchMemory, SLACK_BYTES } from './exactFinder'
import { FIND_WASM } from './find.wasm'
import { type Finder, type Found, type Place } from './places'
import { RegexFinder } from './regexFinder'

interface Chunk {
  readonly direction: Direction
  readonly bytes: Uint8Array
}
const MEMORY_BYTES = 4096

/** Few values, so that patterns repeat and overlap. */
const someBytes = (options: { minLength?: number; maxLength: number }) =>
  fc.uint8Array({ ...options, max: 2 })
const chunks = fc.array(
  fc.record({
    direction: fc.constantFrom('in' as const, 'out' as const),
    bytes: someBytes({ maxLength: 40 }),
  }),
  { maxLength: 30 },
)

/** Every chunk lies somewhere else in memory, over what was there before, as when a file is read. */
function feed(finder: Finder, memory: Buffer, of: readonly Chunk[], isDatagram: boolean): void {
  const offsets = { in: 0, out: 0 }
  of.forEach(({ direction, bytes }, row) => {
    const from = (row * 97) % (MEMORY_BYTES - 64)
    memory.set(bytes, from)
    const place: Place = {
      row,
      atNanos: row * 10,
      direction,
      offset: offsets[direction],
      combinedOffset: offsets.in + offsets.out,
      lengthBytes: bytes.length,
    }
    offsets[direction] += bytes.length
    if (bytes.length > 0) finder.chunk(place, isDatagram, memory, from)
  })
  finder.rest()
}

interface Told {
  readonly direction: Direction
  readonly row: number
  readonly offset: number
  readonly lengthBytes: number
}
const inOrder = (a: Told, b: Told): number => a.direction.localeCompare(b.direction) || a.offset - b.offset

function collect(
  make: (found: Found) => Finder,
  memory: Buffer,
  of: readonly Chunk[],
  isDatagram = false,
): Told[] {
  const told: Told[] = []
  const finder = make((place, skipped, lengthBytes) =>
    told.push({
      direction: place.direction,
      row: place.row,
      offset: place.offset + skipped,
      lengthBytes,
    }),
  )
  feed(finder, memory, of, isDatagram)
  return told.sort(inOrder)
}

/** What is true: each direction as one string. */
function expected(of: readonly Chunk[], expression: RegExp): Told[] {
  return (['in', 'out'] as const).flatMap((direction) => {
    const own = of.flatMap((chunk, row) =>
      chunk.direction === direction ? [{ row, bytes: chunk.bytes }] : [],
    )
    const text = Buffer.concat(own.map(({ bytes }) => bytes)).toString('latin1')
    const rows = own.flatMap(({ row, bytes }) => Array.from(bytes, () => row))
    return [...text.matchAll(expression)]
      .filter(([found]) => found.length > 0)
      .map(({ index, 0: found }) => ({
        direction,
        row: rows[index] ?? -1,
        offset: index,
        lengthBytes: found.length,
      }))
  })
}

const literal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

test('however a stream is cut into chunks, bytes are found at the same places', () => {
  fc.assert(
    fc.property(chunks, someBytes({ minLength: 1, maxLength: 6 }), (of, pattern) => {
      const memory = new SearchMemory(MEMORY_BYTES)
      const told = collect(
        (found) => new ExactFinder(memory, { bytes: pattern, masks: null }, found),
        memory.bytes,
        of,
      )
      expect(told).toEqual(expected(of, new RegExp(literal(pattern), 'g')))
    }),
  )
})

test('however a stream is cut into chunks, bytes of which some bits do not matter are found as their expression finds them', () => {
  // Letters of both cases, and what differs from them in that bit alone: `@` and a backtick, `[` and `{`.
  const letters = fc
    .string({ unit: fc.constantFrom(...'aAbB@`[{'), minLength: 1, maxLength: 5 })
    .filter((text) => /[ab]/i.test(text))
  const spoken = fc.array(
    fc.record({
      direction: fc.constantFrom('in' as const, 'out' as const),
      bytes: fc
        .string({ unit: fc.constantFrom(...'aAbB@`[{'), maxLength: 40 })
        .map((text) => Uint8Array.from(Buffer.from(text))),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(spoken, letters, (of, text) => {
      const pattern = parsePattern({ kind: 'text', pattern: text, matchCase: false })
      if (!pattern.ok || pattern.value.is !== 'masked') throw new Error('it is looked for otherwise')
      const { source, flags, ...wanted } = pattern.value
      const memory = new SearchMemory(MEMORY_BYTES)
      const told = collect((found) => new ExactFinder(memory, wanted, found), memory.bytes, of)
      expect(told).toEqual(expected(of, new RegExp(source, flags)))
    }),
  )
})

test('however a stream is cut into chunks, an expression finds the same', () => {
  const memory = Buffer.alloc(MEMORY_BYTES + SLACK_BYTES)
  const expressions = [
    '\\x00\\x01*\\x02',
    '\\x01{2,}',
    '(?:\\x00\\x02|\\x02\\x00)',
    '\\x00*',
    '(?<=\\x01)\\x00',
  ]
  fc.assert(
    fc.property(chunks, fc.constantFrom(...expressions), (of, source) => {
      const told = collect((found) => new RegexFinder(new RegExp(source, 'gm'), found), memory, of)
      expect(told).toEqual(expected(of, new RegExp(source, 'gm')))
    }),
  )
})

test('datagrams are looked through one by one: nothing is found across their edges', () => {
  fc.assert(
    fc.property(chunks, someBytes({ minLength: 1, maxLength: 4 }), (of, pattern) => {
      const expression = new RegExp(literal(pattern), 'g')
      const each = of
        .flatMap(({ direction, bytes }, row) => {
          const before = of
            .slice(0, row)
            .reduce((sum, chunk) => sum + (chunk.direction === direction ? chunk.bytes.length : 0), 0)
          const found = [...Buffer.from(bytes).toString('latin1').matchAll(expression)]
          return found.map(({ index }) => ({
            direction,
            row,
            offset: before + index,
            lengthBytes: pattern.length,
          }))
        })
        .sort(inOrder)
      const memory = new SearchMemory(MEMORY_BYTES)
      expect(
        collect(
          (found) => new ExactFinder(memory, { bytes: pattern, masks: null }, found),
          memory.bytes,
          of,
          true,
        ),
      ).toEqual(each)
      const plain = Buffer.alloc(MEMORY_BYTES)
      expect(collect((found) => new RegexFinder(expression, found), plain, of, true)).toEqual(each)
    }),
  )
})

test('expressions find what lies across the edge of what is looked at together', () => {
  const CHUNK = 64 * 1024
  const memory = Buffer.alloc(CHUNK)
  const told: number[] = []
  const finder = new RegexFinder(/needle [0-9]+\n/g, (place, skipped) => told.push(place.offset + skipped))
  // One needle every 1009 bytes, 8 MB in all: some lie across every edge there is.
  const whole = Buffer.alloc(128 * CHUNK, '.')
  const places: number[] = []
  for (let at = 500; at + 20 < whole.length; at += 1009) {
    whole.write(`needle ${at}\n`, at)
    places.push(at)
  }
  for (let row = 0; row < 128; row++) {
    whole.copy(memory, 0, row * CHUNK, (row + 1) * CHUNK)
    const offset = row * CHUNK
    finder.chunk(
      { row, atNanos: 0, direction: 'in', offset, combinedOffset: offset, lengthBytes: CHUNK },
      false,
      memory,
      0,
    )
  }
  finder.rest()
  expect(told).toEqual(places)
})

test('the committed WebAssembly is that of find.wat', async () => {
  const { parseWat } = await wabt()
  const source = readFileSync(new URL('find.wat', import.meta.url), 'utf8')
  const { buffer } = parseWat('find.wat', source, { simd: true }).toBinary({})
  expect(FIND_WASM).toBe(Buffer.from(buffer).toString('base64'))
})
