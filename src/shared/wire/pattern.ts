import { fault, type Reply } from '../model/fault'
import { type SearchQuery } from '../model/search'
import { parseEscapes } from './escape'
import { formatHex, parseHex } from './hex'

/** What is looked for, once it is understood. Regular expressions see each byte as the Latin-1 character of its number. */
export type Pattern =
  | { readonly is: 'bytes'; readonly bytes: Uint8Array }
  | MaskedBytes
  | { readonly is: 'regex'; readonly source: string; readonly flags: string }

/**
 * Bytes of which some bits do not matter: those that are set in `masks`, and in `bytes` too. That is what text in any case comes
 * to where its characters' two forms differ in one bit, as all of ASCII and most of Latin do. The expression says the same.
 */
export interface MaskedBytes {
  readonly is: 'masked'
  readonly bytes: Uint8Array
  readonly masks: Uint8Array
  readonly source: string
  readonly flags: string
}

/** Longer ones are refused: nobody types them, and every byte costs memory at each chunk's edge. */
export const MAX_PATTERN_BYTES = 4096

/**
 * Text with escapes, hex, or a regular expression as a pattern over bytes. Case is folded for text as Unicode does it, one character for one;
 * in regular expressions byte by byte, as for Latin-1. Refuses with `SB_INPUT` what is empty, too long or cannot be read.
 */
export function parsePattern({ kind, pattern, matchCase }: Omit<SearchQuery, 'stream'>): Reply<Pattern> {
  if (pattern === '') return refuse('There is nothing to look for.', 'Type text, hex or an expression.')
  if (kind === 'regex') return parseExpression(pattern, matchCase)
  const parsed = kind === 'hex' ? parseHex(pattern) : parseEscapes(pattern)
  if (!parsed.ok) return parsed
  const bytes = parsed.value
  if (bytes.length === 0) return refuse('There is nothing to look for.', 'Type at least one byte.')
  if (bytes.length > MAX_PATTERN_BYTES)
    return refuse(
      `A pattern holds at most ${MAX_PATTERN_BYTES} bytes; this has ${bytes.length}.`,
      'Its beginning is enough.',
    )
  if (kind === 'hex' || matchCase) return { ok: true, value: { is: 'bytes', bytes } }
  return { ok: true, value: anyCase(bytes) }
}

/** The text in any case: as bytes where that can be said of them, or else as an expression. */
function anyCase(bytes: Uint8Array): Pattern {
  let source = ''
  let hasCases = false
  let isMaskable = true
  const masks = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at)
    if (character === null) {
      source += hexEscape(bytes.subarray(at, at + 1))
      at++
      continue
    }
    const forms = [...new Set([character, character.toLowerCase(), character.toUpperCase()])]
    hasCases ||= forms.length > 1
    const alternatives = forms.map((form) => hexEscape(utf8(form)))
    source += alternatives.length === 1 ? (alternatives[0] ?? '') : `(?:${alternatives.join('|')})`
    const mask = maskOf(forms.map(utf8))
    if (mask === null) isMaskable = false
    else masks.set(mask, at)
    at += utf8(character).length
  }
  if (!hasCases) return { is: 'bytes', bytes }
  if (!isMaskable) return { is: 'regex', source, flags: 'g' }
  const masked = bytes.map((byte, n) => byte | (masks[n] ?? 0))
  return { is: 'masked', bytes: masked, masks, source, flags: 'g' }
}

/** The bit in which two forms of a character differ, at its place; null where they differ otherwise, or are more than two. */
function maskOf(forms: readonly Uint8Array[]): Uint8Array | null {
  const [one = new Uint8Array(0), other = one] = forms
  if (forms.length > 2 || one.length !== other.length) return null
  const mask = one.map((byte, n) => byte ^ (other[n] ?? 0))
  const differing = mask.filter((bits) => bits !== 0)
  const bits = differing[0] ?? 0
  return differing.length <= 1 && (bits & (bits - 1)) === 0 ? mask : null
}

/** The character of UTF-8 that begins here; null where these bytes are none. */
function characterAt(bytes: Uint8Array, at: number): string | null {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + length))
  } catch {
    // A byte that is no text: it has one form.
    return null
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** @param bytes at least one */
const hexEscape = (bytes: Uint8Array): string => `\\x${formatHex(bytes, '\\x')}`

function parseExpression(pattern: string, matchCase: boolean): Reply<Pattern> {
  if (utf8(pattern).length > MAX_PATTERN_BYTES)
    return refuse(`An expression holds at most ${MAX_PATTERN_BYTES} bytes.`, 'Look for a part of it.')
  const flags = matchCase ? 'gm' : 'gim'
  let source = ''
  let isInClass = false
  for (let at = 0; at < pattern.length;) {
    const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    if (character === '\\') {
      const escaped = String.fromCodePoint(pattern.codePointAt(at + 1) ?? 0x5c)
      source += character + (at + 1 < pattern.length ? escaped : '')
      at += 1 + escaped.length
      continue
    }
    if (character === '[') isInClass = true
    else if (character === ']') isInClass = false
    if (character <= '\x7f') source += character
    else if (isInClass)
      return refuse(
        `Character ${at + 1}, ${character}, is several bytes in UTF-8, and a class stands for one byte.`,
        'Write alternatives instead: (?:é|è).',
      )
    else source += `(?:${hexEscape(utf8(character))})`
    at += character.length
  }
  try {
    new RegExp(source, flags)
  } catch (error) {
    const why =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: .*\/[a-z]*: /, '') : ''
    return refuse(`The expression cannot be read: ${why}.`, 'The rules are those of JavaScript’s RegExp.')
  }
  return { ok: true, value: { is: 'regex', source, flags } }
}

function refuse(summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { hint }) }
}
