import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { effectScope, shallowRef, type EffectScope } from 'vue'
import { encodings, schemes } from '@shared/wire/encodings'
import type { ByteRange, Direction } from '@shared/model/record'
import { textLines } from './textLines'
import type { SelectedBytes } from './useByteSelection'
import { useRunningText, type RunningText } from './useRunningText'

let scope: EffectScope
afterEach(() => scope.stop())

/** The text of a stream that is one direction's. */
function over(stream: Uint8Array, lit = shallowRef<SelectedBytes | null>(null)): RunningText {
  const read = (from: number, to: number) => {
    const bytes = stream.subarray(from, to)
    const span = { direction: 'in' as const, row: 0, start: 0, lengthBytes: bytes.length, atNanos: 0 }
    return Promise.resolve({ ok: true as const, value: { from, bytes, spans: [span] } })
  }
  scope = effectScope()
  const text = scope.run(() =>
    useRunningText(read, shallowRef(stream.length), shallowRef('utf-8'), undefined, lit),
  )
  if (text === undefined) throw new Error('no text')
  return text
}
/** So short that a page of bytes holds more lines than are laid out. */
const shortLines = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join(''))

describe('a window of a long text', () => {
  test('goes on downwards and upwards without leaving anything out, however short the lines are', async () => {
    const text = over(shortLines)
    await text.around(0)
    const seen: string[] = text.lines.value.map((line) => line.text)
    for (;;) {
      const before = text.to.value
      if (!(await text.later())) break
      expect(text.from.value).toBeLessThanOrEqual(before)
      seen.push(...text.lines.value.filter(({ at }) => at >= before).map((line) => line.text))
    }
    expect(seen).toEqual(Array.from({ length: 20_000 }, (_, n) => String(n)))

    const upwards: string[] = text.lines.value.map((line) => line.text).toReversed()
    for (;;) {
      const before = text.from.value
      if (!(await text.earlier())) break
      expect(text.to.value).toBeGreaterThanOrEqual(before)
      const earlier = text.lines.value.filter(({ at }) => at < before).map((line) => line.text)
      upwards.push(...earlier.toReversed())
    }
    // A page may begin within a line: the next one shows it whole.
    expect(new Set(upwards)).toEqual(new Set(seen))
  }, 30_000)

  test('is anywhere at once, with the byte that was asked for in it', async () => {
    const text = over(shortLines)
    await fc.assert(
      fc.asyncProperty(fc.nat(shortLines.length - 1), async (offset) => {
        await text.around(offset)
        const { lines } = text
        expect(text.from.value).toBeLessThanOrEqual(offset)
        expect(text.to.value).toBeGreaterThan(offset)
        expect(lines.value.length).toBeLessThanOrEqual(400)
        const line = lines.value.findLast(({ at }) => at <= offset)
        expect(shortLines.subarray(line?.at ?? -1, offset + 1).includes(0x0a, 0)).toBe(
          shortLines[offset] === 0x0a,
        )
      }),
      { numRuns: 50 },
    )
  }, 30_000)

  test('shows what is lit, and no longer once it is not', async () => {
    const lit = shallowRef<SelectedBytes | null>(null)
    const text = over(Buffer.from('one\ntwo\nthree\n'), lit)
    await text.around(0)
    lit.value = { from: 5, to: 10 }
    await text.again()
    const shown = (): (string | null)[] =>
      text.lines.value.map((line) => (line.lit === null ? null : line.text.slice(line.lit.from, line.lit.to)))
    expect(shown()).toEqual([null, 'wo', 'th'])
    lit.value = null
    await text.again()
    expect(shown()).toEqual([null, null, null])
  })
})

test.each(encodings)('%s: what is lit is what its bytes say, whatever stands around them', (encoding) => {
  scope = effectScope()
  const scheme = schemes[encoding]
  const wide = encoding === 'utf-16le' || encoding === 'utf-16be'
  const units = (text: string): number[] =>
    [...text].flatMap((character) => {
      const code = character.charCodeAt(0)
      return wide ? (encoding === 'utf-16le' ? [code, 0] : [0, code]) : [code]
    })
  const word = fc.string({ unit: fc.constantFrom(...'ab \n'), maxLength: 12 })
  fc.assert(
    fc.property(word, word, fc.constantFrom<Direction>('in', 'out'), (before, after, direction) => {
      const [first, found, last] = [before, 'needle', after].map(units)
      const bytes = Uint8Array.from([...(first ?? []), ...(found ?? []), ...(last ?? [])])
      const from = first?.length ?? 0
      const span = { direction, row: 0, start: 0, lengthBytes: bytes.length, atNanos: 0 }
      const range: ByteRange = { from: 100, bytes, spans: [span] }
      const lit = { from: 100 + from, to: 100 + from + (found?.length ?? 0) }
      const context = { [direction]: { offset: 100, before: new Uint8Array(0) } }
      const marked = textLines(range, encoding, context, lit).flatMap((line) =>
        line.lit === null ? [] : [line.text.slice(line.lit.from, line.lit.to)],
      )
      expect(marked).toEqual(['needle'])
      expect(scheme.lineFeed.length).toBe(wide ? 2 : 1)
    }),
  )
})
