import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CUT_MARK, decodeText, strayLength } from './decodeText'
import { encodings, schemes, type Encoding } from './encodings'
import { visibleText } from './escape'

const codecs = {
  latin1: 'latin-1',
  'windows-1252': 'cp1252',
  'utf-16le': 'utf-16-le',
  'utf-16be': 'utf-16-be',
  shift_jis: 'cp932',
} as const satisfies Partial<Record<Encoding, string>>

/** What Python makes of bytes; a byte that is no character comes as U+F700 and its value. */
function pythonDecodes(codec: string, samples: readonly Uint8Array[]): readonly string[] {
  const program = [
    'import codecs, json, sys',
    'codecs.register_error("told", lambda e: ("".join(chr(0xf700 + b) for b in e.object[e.start:e.end]), e.end))',
    `for line in sys.stdin: print(json.dumps(bytes.fromhex(line).decode("${codec}", "told")))`,
  ].join('\n')
  const input = samples.map((each) => Buffer.from(each).toString('hex')).join('\n')
  const told = execFileSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 1 << 26 })
  return told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string)
}
const shown = (text: string): string =>
  visibleText(text).replace(
    /[\uf700-\uf7ff]/g,
    (each) => `\\x${(each.charCodeAt(0) & 255).toString(16).padStart(2, '0')}`,
  )

describe('text of other encodings', () => {
  test.each(['latin1', 'windows-1252'] as const)('every byte of %s is what Python says', (encoding) => {
    const samples = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
    const theirs = pythonDecodes(codecs[encoding], samples)
    for (const [at, bytes] of samples.entries()) {
      expect(decodeText(schemes[encoding], bytes)).toBe(shown(theirs[at] ?? ''))
    }
  })
  test.each(['utf-16le', 'utf-16be'] as const)('%s is what Python says, halves of pairs too', (encoding) => {
    const unit = fc.oneof(
      fc.constantFrom(0x41, 0xe9, 0x20ac, 0xd83d, 0xd800, 0xde00, 0xdfff, 0x0a, 0xfeff),
      fc.integer({ min: 0, max: 0xd7ff }),
    )
    const samples = fc.sample(
      fc.array(unit, { maxLength: 30 }).map((units) => {
        const bytes = Buffer.alloc(units.length * 2 + 2)
        ;[...units, 0x42].forEach((each, at) =>
          encoding === 'utf-16le' ? bytes.writeUInt16LE(each, at * 2) : bytes.writeUInt16BE(each, at * 2),
        )
        return new Uint8Array(bytes)
      }),
      { numRuns: 200, seed: 11 },
    )
    const theirs = pythonDecodes(codecs[encoding], samples)
    for (const [at, bytes] of samples.entries()) {
      expect(decodeText(schemes[encoding], bytes)).toBe(shown(theirs[at] ?? ''))
    }
  })
  test('every byte and every pair of Shift-JIS is what Python says', () => {
    // Python knows four bytes more than the Encoding standard has, and tells of the rest of a broken pair apart.
    const foreign = new Set([0xa0, 0xfd, 0xfe, 0xff])
    const samples: Uint8Array[] = []
    for (let byte = 0; byte < 256; byte++) if (!foreign.has(byte)) samples.push(Uint8Array.of(byte, 0x41))
    for (let lead = 0x81; lead <= 0xfc; lead++) {
      if (lead > 0x9f && lead < 0xe0) continue
      for (let trail = 0x40; trail <= 0xfc; trail++) samples.push(Uint8Array.of(lead, trail, 0x41))
    }
    const theirs = pythonDecodes('cp932', samples)
    const differing = samples.filter((bytes, at) => {
      const their = theirs[at] ?? ''
      return !/[\uf700-\uf7ff]/.test(their) && decodeText(schemes.shift_jis, bytes) !== shown(their)
    })
    expect(differing.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([])
    expect(decodeText(schemes.shift_jis, Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0xb1, 0x81, 0x20))).toBe(
      '日本ｱ\\x81 ',
    )
  })
})

describe('cut anywhere', () => {
  const awkward = fc
    .array(
      fc.constantFrom(
        0x41,
        0x0a,
        0x00,
        0x7e,
        0x80,
        0x81,
        0x9f,
        0xa0,
        0xb1,
        0xd8,
        0xdc,
        0xde,
        0xe0,
        0x3d,
        0xfc,
        0xff,
        0x93,
        0xfa,
      ),
      { maxLength: 24 },
    )
    .map((each) => Uint8Array.from(each))

  test.each(encodings)(
    'the texts of all chunks of %s, without the marks, are the text of the stream',
    (encoding) => {
      const scheme = schemes[encoding]
      fc.assert(
        fc.property(awkward, fc.array(fc.nat(24), { maxLength: 5 }), (stream, cuts) => {
          const edges = [
            0,
            ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b),
            stream.length,
          ]
          const pieces = edges.slice(1).map((to, at) => {
            const from = edges[at] ?? 0
            return decodeText(scheme, stream.subarray(from, to), {
              before: stream.subarray(0, from),
              offset: from,
            })
          })
          const plain = (text: string): string => text.replaceAll(CUT_MARK, '')
          expect(plain(pieces.join(''))).toBe(plain(decodeText(scheme, stream)))
        }),
        { numRuns: 1000 },
      )
    },
  )
  test('where too little of Shift-JIS is at hand to tell, a chunk begins with a character', () => {
    const bytes = Uint8Array.of(0x93, 0xfa)
    const before = Uint8Array.of(0x96, 0x93, 0xfa)
    expect(decodeText(schemes.shift_jis, bytes, { before, offset: 100 })).toBe('日')
    expect(
      decodeText(schemes.shift_jis, bytes, { before: Uint8Array.of(0x41, 0x93, 0xfa), offset: 100 }),
    ).toBe('日')
  })
  test.each(encodings)('a page of %s begins with the first character that begins in it', (encoding) => {
    const scheme = schemes[encoding]
    fc.assert(
      fc.property(awkward, fc.nat(24), (stream, cut) => {
        const from = cut % (stream.length + 1)
        const before = stream.subarray(0, from)
        const skip = strayLength(scheme, before, from, stream.subarray(from))
        // Where characters begin, written down from the start of the stream.
        const begins = new Set<number>()
        for (let at = 0; at < stream.length; at += scheme.sequenceAt(stream, at).length) begins.add(at)
        begins.add(stream.length)
        expect(begins).toContain(from + skip)
        for (let at = from; at < from + skip; at++) expect(begins).not.toContain(at)
      }),
      { numRuns: 1000 },
    )
  })
})
