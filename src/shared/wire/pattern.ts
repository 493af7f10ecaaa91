import { fault, type Reply } from '../model/fault'
import { type SearchQuery } from '../model/search'
import { parseEscapes } from './escape'
import { formatHex, parseHex } from './hex'

/** What is looked for, once it is understood. Regular expressions see each byte as the Latin-1 character of its number. */
export type Pattern =
  | { readonly is: 'bytes'; readonly bytes: Uint8Array }
  | { readonly is: 'regex'; readonly source: string; readonly flags: string }

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
  const source = anyCase(bytes)
  return { ok: true, value: source === null ? { is: 'bytes', bytes } : { is: 'regex', source, flags: 'g' } }
}

/** An expression for the text in any case; null where no character of it has another. */
function anyCase(bytes: Uint8Array): string | null {
  let source = ''
  let hasCases = false
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
    at += utf8(character).length
  }
  return hasCases ? source : null
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
