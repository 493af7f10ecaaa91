import { expect, test } from 'vitest'
import { type Framing } from '../../model/framing'
import { draftOf, isFraming, parseFraming, type FramingDraft } from './parseFraming'

const framings: readonly Framing[] = [
  { kind: 'line' },
  { kind: 'delimiter', hex: '00 ff' },
  { kind: 'fixed', lengthBytes: 188 },
  { kind: 'lengthPrefix', sizeBytes: 4, byteOrder: 'little', offsetBytes: 3, includesItself: true },
  { kind: 'idleGap', gapNanos: 1_500_000 },
  { kind: 'slip' },
  { kind: 'cobs' },
]

test('a form holds every framing', () => {
  for (const framing of framings) {
    expect(parseFraming(draftOf(framing))).toEqual({ ok: true, value: framing })
    expect(JSON.parse(JSON.stringify(framing))).toEqual(framing)
  }
})

test('what was stored and is no framing is none', () => {
  for (const framing of framings) expect(isFraming(framing)).toBe(true)
  for (const not of [
    null,
    'line',
    {},
    { kind: 'words' },
    { kind: 'delimiter', hex: 13 },
    { kind: 'fixed', lengthBytes: '7' },
    { kind: 'lengthPrefix', sizeBytes: 2, byteOrder: 'middle', offsetBytes: 0, includesItself: true },
    { kind: 'idleGap' },
  ])
    expect(isFraming(not)).toBe(false)
})

const refused: readonly (readonly [Partial<FramingDraft> & Pick<FramingDraft, 'kind'>, string, RegExp])[] = [
  [{ kind: 'delimiter', hex: '' }, 'hex', /at least one byte/],
  [{ kind: 'delimiter', hex: '0d 0' }, 'hex', /Character 4 is a digit that stands alone/],
  [{ kind: 'delimiter', hex: '00'.repeat(65) }, 'hex', /at most 64 bytes/],
  [{ kind: 'fixed', lengthBytes: '0' }, 'lengthBytes', /1 to 16777216/],
  [{ kind: 'fixed', lengthBytes: '1e3' }, 'lengthBytes', /1 to 16777216/],
  [{ kind: 'fixed', lengthBytes: '16777217' }, 'lengthBytes', /1 to 16777216/],
  [{ kind: 'lengthPrefix', offsetBytes: '-1' }, 'offsetBytes', /0 to 65535 bytes/],
  [{ kind: 'idleGap', gapMs: '0' }, 'gapMs', /more than 0 ms/],
  [{ kind: 'idleGap', gapMs: 'soon' }, 'gapMs', /more than 0 ms/],
  [{ kind: 'idleGap', gapMs: '86400001' }, 'gapMs', /at most a day/],
]
test.each(refused)('%o is refused at its field', (draft, field, sentence) => {
  const parsed = parseFraming({ ...draftOf({ kind: 'line' }), ...draft })
  expect(parsed).toEqual({ ok: false, field, sentence: expect.stringMatching(sentence) as string })
})
