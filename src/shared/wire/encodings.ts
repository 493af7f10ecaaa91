import { type Scheme, type Sequence } from './decodeText'
import { utf8 } from './utf8'

export const encodings = ['utf-8', 'latin1', 'windows-1252', 'utf-16le', 'utf-16be', 'shift_jis'] as const
/** How bytes are read as text. */
export type Encoding = (typeof encodings)[number]

export const encodingNames: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  latin1: 'Latin-1',
  'windows-1252': 'Windows-1252',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  shift_jis: 'Shift-JIS',
}

const one: Sequence = { length: 1, isComplete: true, isValidSoFar: true }
const two: Sequence = { length: 2, isComplete: true, isValidSoFar: true }
const four: Sequence = { length: 4, isComplete: true, isValidSoFar: true }
const strayOne: Sequence = { length: 1, isComplete: false, isValidSoFar: false }
const strayTwo: Sequence = { length: 2, isComplete: false, isValidSoFar: false }
const begun = (length: number): Sequence => ({ length, isComplete: false, isValidSoFar: true })

function textOf(bytes: Uint8Array, codeOf: (byte: number) => number): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(codeOf(byte))
  return text
}

/** ISO 8859-1: every byte is the character of its number. (A browser's "latin1" is Windows-1252.) */
const latin1: Scheme = {
  sequenceAt: () => one,
  pendingLength: () => 0,
  decode: (bytes) => textOf(bytes, (byte) => byte),
  lineFeed: [0x0a],
}

/** 0x80 to 0x9f; 0 for the five that stand for nothing. */
const windows1252Codes = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
]
const windows1252CodeOf = (byte: number): number =>
  byte >= 0x80 && byte <= 0x9f ? (windows1252Codes[byte - 0x80] ?? 0) : byte
const windows1252: Scheme = {
  sequenceAt: (bytes, at) => (windows1252CodeOf(bytes[at] ?? 0) === 0 && bytes[at] !== 0 ? strayOne : one),
  pendingLength: () => 0,
  decode: (bytes) => textOf(bytes, windows1252CodeOf),
  lineFeed: [0x0a],
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** RFC 2781. Units lie at even offsets of their stream. */
function utf16(isLittle: boolean): Scheme {
  const unitAt = (bytes: Uint8Array, at: number): number => {
    const [first, second] = [bytes[at] ?? 0, bytes[at + 1] ?? 0]
    return isLittle ? first | (second << 8) : (first << 8) | second
  }
  return {
    sequenceAt(bytes, at) {
      const left = bytes.length - at
      if (left < 2) return begun(1)
      const unit = unitAt(bytes, at)
      if (isLow(unit)) return strayTwo
      if (!isHigh(unit)) return two
      if (left < 4) return begun(left)
      return isLow(unitAt(bytes, at + 2)) ? four : strayTwo
    },
    pendingLength(before, offset) {
      const odd = offset % 2
      const end = before.length - odd
      return end >= 2 && isHigh(unitAt(before, end - 2)) ? odd + 2 : odd
    },
    decode(bytes) {
      let text = ''
      for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(unitAt(bytes, at))
      return text
    },
    lineFeed: isLittle ? [0x0a, 0] : [0, 0x0a],
  }
}

const isLead = (byte: number): boolean => (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc)

/** The character of each pair of bytes, 0 for none: asked of the decoder once, all in one text. Single bytes it reads differently from system to system. */
let pairs: Uint16Array | null = null
function shiftJisPairs(): Uint16Array {
  if (pairs !== null) return pairs
  const asked: number[] = []
  for (let lead = 0; lead < 256; lead++) {
    if (isLead(lead)) for (let trail = 0x40; trail <= 0xfc; trail++) asked.push(lead, trail, 0x0a)
  }
  const found = new Uint16Array(65536)
  const texts = new TextDecoder('shift_jis').decode(Uint8Array.from(asked)).split('\n')
  for (const [n, text] of texts.entries()) {
    const pair = ((asked[n * 3] ?? 0) << 8) | (asked[n * 3 + 1] ?? 0)
    if (text.length === 1 && text !== '\ufffd') found[pair] = text.charCodeAt(0)
  }
  pairs = found
  return found
}
const pairAt = (bytes: Uint8Array, at: number): number =>
  shiftJisPairs()[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] ?? 0

/** Shift-JIS with the extensions of Windows-31J (WHATWG Encoding, 12.3). */
const shiftJis: Scheme = {
  sequenceAt(bytes, at) {
    const lead = bytes[at] ?? 0
    if (!isLead(lead)) return lead <= 0x80 || (lead >= 0xa1 && lead <= 0xdf) ? one : strayOne
    const trail = bytes[at + 1]
    if (trail === undefined) return begun(1)
    if (pairAt(bytes, at) !== 0) return two
    return trail < 0x80 ? strayOne : strayTwo
  },
  /** Bytes that may lead always go by twos, and after one that may not, a character begins: the length of their run tells. */
  pendingLength(before, offset) {
    let from = before.length
    while (from > 0 && isLead(before[from - 1] ?? 0)) from--
    // A run whose beginning is out of sight tells nothing: most chunks begin with a character.
    if (from === 0 && offset > before.length) return 0
    return (before.length - from) % 2
  },
  decode(bytes) {
    let text = ''
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (isLead(byte)) text += String.fromCharCode(pairAt(bytes, at++))
      // Katakana of half width.
      else text += String.fromCharCode(byte > 0xa0 ? 0xff61 + byte - 0xa1 : byte)
    }
    return text
  },
  lineFeed: [0x0a],
}

/** How each encoding lays characters out. */
export const schemes: Readonly<Record<Encoding, Scheme>> = {
  'utf-8': utf8,
  latin1,
  'windows-1252': windows1252,
  'utf-16le': utf16(true),
  'utf-16be': utf16(false),
  shift_jis: shiftJis,
}
