import { fault, type Reply } from '../model/fault'

/** What may be put after each payload. */
export const lineEndings = ['none', 'LF', 'CR', 'CRLF', 'NUL'] as const
export type LineEnding = (typeof lineEndings)[number]

const endingBytes: Readonly<Record<LineEnding, readonly number[]>> = {
  none: [],
  LF: [0x0a],
  CR: [0x0d],
  CRLF: [0x0d, 0x0a],
  NUL: [0x00],
}

/** The bytes of a line ending; empty for `none`. */
export function lineEndingBytes(ending: LineEnding): Uint8Array {
  return Uint8Array.from(endingBytes[ending])
}

/** One letter after the backslash, as in C, plus \e for ESC. */
const simple: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['0', 0x00],
  ['a', 0x07],
  ['b', 0x08],
  ['e', 0x1b],
  ['f', 0x0c],
  ['v', 0x0b],
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
])

const KNOWN =
  'Known are \\n \\r \\t \\0 \\a \\b \\e \\f \\v \\\\ \\xHH \\uHHHH and \\u{…}. Write \\\\ for a backslash itself.'

/**
 * Text with escapes, as bytes: UTF-8 for characters and for `\u00e9` or `\u{1F600}`, exactly one byte for `\xHH`.
 * An escape that is unknown or broken off, and half a surrogate pair, are refused with `SB_INPUT` and their position.
 */
export function parseEscapes(text: string): Reply<Uint8Array> {
  const encoder = new TextEncoder()
  // A UTF-16 unit takes at most 3 bytes of UTF-8, and every escape is longer than what it stands for.
  const bytes = new Uint8Array(text.length * 3)
  let length = 0
  let at = 0
  while (at < text.length) {
    const backslash = text.indexOf('\\', at)
    const end = backslash === -1 ? text.length : backslash
    if (end > at) {
      const lone = loneSurrogate(text, at, end)
      if (lone !== -1) return refuse(text, lone, 'is half of a surrogate pair: UTF-8 has no bytes for it')
      length += encoder.encodeInto(text.slice(at, end), bytes.subarray(length)).written
    }
    if (backslash === -1) break
    const read = readEscape(text, backslash)
    if (!read.ok) return read
    at = read.value.next
    if (read.value.is === 'byte') bytes[length++] = read.value.code
    else length += encoder.encodeInto(String.fromCodePoint(read.value.code), bytes.subarray(length)).written
  }
  return { ok: true, value: bytes.slice(0, length) }
}

interface Escape {
  readonly is: 'byte' | 'character'
  readonly code: number
  /** Where the text goes on. */
  readonly next: number
}

function readEscape(text: string, at: number): Reply<Escape> {
  const letter = text.charAt(at + 1)
  if (letter === '') return refuse(text, at, 'is a backslash with nothing after it')
  if (letter === 'x') {
    const digits = /^[0-9a-f]{2}/i.exec(text.slice(at + 2, at + 4))?.[0]
    if (digits === undefined) return refuse(text, at, 'begins \\x, which needs two hex digits')
    return { ok: true, value: { is: 'byte', code: parseInt(digits, 16), next: at + 4 } }
  }
  if (letter === 'u') return readUnicode(text, at)
  const code = simple.get(letter)
  if (code === undefined) {
    const shown = String.fromCodePoint(text.codePointAt(at + 1) ?? 0)
    return refuse(text, at, `begins the escape \\${shown}, which is not known`)
  }
  // In C \012 is a newline, elsewhere it is NUL and "12": refused, since neither reading can be trusted to be the one meant.
  if (letter === '0' && /[0-9]/.test(text.charAt(at + 2))) {
    return refuse(
      text,
      at,
      'begins \\0 followed by a digit, which reads differently from language to language; write \\x00',
    )
  }
  return { ok: true, value: { is: 'byte', code, next: at + 2 } }
}

function readUnicode(text: string, at: number): Reply<Escape> {
  const braced = /^\{([0-9a-f]{1,6})\}/i.exec(text.slice(at + 2, at + 10))
  const plain = /^[0-9a-f]{4}/i.exec(text.slice(at + 2, at + 6))
  const digits = braced?.[1] ?? plain?.[0]
  if (digits === undefined) {
    return refuse(text, at, 'begins \\u, which needs four hex digits, or up to six in braces')
  }
  const code = parseInt(digits, 16)
  const next = at + 2 + (braced?.[0] ?? digits).length
  if (code > 0x10ffff) return refuse(text, at, 'is beyond the last character, \\u{10ffff}')
  if (code < 0xd800 || code > 0xdfff) return { ok: true, value: { is: 'character', code, next } }
  // JSON and JavaScript write a character beyond U+FFFF as two escapes, one for each half.
  const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(text.slice(next, next + 6))?.[1]
  if (code > 0xdbff || low === undefined) {
    return refuse(text, at, 'is half of a surrogate pair: UTF-8 has no bytes for it')
  }
  const whole = 0x10000 + ((code - 0xd800) << 10) + (parseInt(low, 16) - 0xdc00)
  return { ok: true, value: { is: 'character', code: whole, next: next + 6 } }
}

/** Where a lone surrogate lies in `text` from `from` to `to`, or -1. */
function loneSurrogate(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = at + 1 < to ? text.charCodeAt(at + 1) : 0
    if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return at
    at++
  }
  return -1
}

/** Positions are told as people count: the first character is 1, and a character beyond U+FFFF is one. */
function refuse(text: string, at: number, what: string): Reply<never> {
  const position = [...text.slice(0, at)].length + 1
  return { ok: false, fault: fault('SB_INPUT', `Character ${position} ${what}.`, { hint: KNOWN }) }
}

const letters: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x5c, '\\\\'],
])

/** Control characters, and whatever is invisible or turns the direction of text around it: none of it may act on the window. */

const unseen =
  /[\u0000-\u001f\\\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb]/g

/** `escaped` shows everything in one line; `lines` keeps line breaks and tabs, and takes CR LF for a break. */
export type VisibleMode = 'escaped' | 'lines'

/**
 * Text as it can be shown without acting on the window: what is invisible becomes an escape, and a backslash two,
 * so that `escaped` text reads back through `parseEscapes` to the same bytes.
 */
export function visibleText(text: string, mode: VisibleMode = 'escaped'): string {
  if (mode === 'lines') {
    return text
      .replace(/\r\n/g, '\n')
      .replace(unseen, (each) =>
        each === '\n' || each === '\t' || each === '\\' ? each : escapeOf(each, false),
      )
  }
  return text.replace(unseen, (each, at: number) => escapeOf(each, /[0-9]/.test(text.charAt(at + 1))))
}

function escapeOf(character: string, isBeforeDigit: boolean): string {
  const code = character.charCodeAt(0)
  if (code === 0 && isBeforeDigit) return '\\x00'
  const letter = letters.get(code)
  if (letter !== undefined) return letter
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return `\\u${code.toString(16).padStart(4, '0')}`
}
