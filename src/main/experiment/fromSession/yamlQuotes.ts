import { isUtf8 } from 'node:buffer'

/** A line of quoted text is cut where it gets longer; a piece of hex holds so many bytes a line. */
const LINE_CHARACTERS = 96
const HEX_BYTES_A_LINE = 32
/** Text with more control characters than one in so many is easier read as hex. */
const CONTROLS_ONE_IN = 10

/** A payload as a key and its value: `text` where people can read it, else `hex`. Lines after the first begin with `indent`. */
export function payloadYaml(bytes: Uint8Array, indent: string): string {
  return isReadable(bytes)
    ? `text: ${quoted(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), indent)}`
    : `hex: ${hexYaml(bytes, indent)}`
}

function isReadable(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false
  let controls = 0
  for (const byte of bytes) {
    const isSpace = byte === 0x09 || byte === 0x0a || byte === 0x0d
    if ((byte < 0x20 && !isSpace) || byte === 0x7f) controls++
  }
  return controls * CONTROLS_ONE_IN <= bytes.length
}

/**
 * Text in double quotes, as YAML 1.2 has it (7.3.1), on several lines where it is long: a backslash at a line's end joins it to the next.
 * @param indent what lines after the first begin with
 */
export function quoted(text: string, indent: string): string {
  let all = '"'
  let line = ''
  let isFull = false
  for (const character of text) {
    if (isFull) {
      all += `${line}\\\n${indent}`
      line = ''
      isFull = false
    }
    // Blanks that begin a line are indentation, unless they are escaped.
    line += line === '' && character === ' ' && all !== '"' ? '\\ ' : escaped(character)
    isFull = character === '\n' || line.length >= LINE_CHARACTERS
  }
  return `${all}${line}"`
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['"', '\\"'],
  ['\\', '\\\\'],
])

/** What cannot be seen, or changes how others are seen, is written by its number. */
function escaped(character: string): string {
  const short = escapes.get(character)
  if (short !== undefined) return short
  if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')

function hexYaml(bytes: Uint8Array, indent: string): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += HEX_BYTES_A_LINE) {
    lines.push(Array.from(bytes.subarray(at, at + HEX_BYTES_A_LINE), (byte) => hex(byte, 2)).join(' '))
  }
  return `"${lines.join(` \\\n${indent}`)}"`
}
