import { type Endpoint } from '../model/endpoint'
import { formatHex } from './hex'

const PER_LINE = 12

/** As the initialiser of an array in C (C17, 6.7.9). */
export function cArray(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += PER_LINE)
    lines.push(`  0x${formatHex(bytes.subarray(at, at + PER_LINE), ', 0x')},`)
  // C has no empty initialiser before C23, and no array of no elements.
  const body = bytes.length === 0 ? '  0' : lines.join('\n')
  return `static const unsigned char data[${Math.max(1, bytes.length)}] = {\n${body}\n};`
}

/** As a bytes literal of Python. */
export function pythonBytes(bytes: Uint8Array): string {
  return `b'${escaped(bytes, pythonEscape)}'`
}

/** As an expression of JavaScript. */
export function javascriptArray(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'new Uint8Array(0)' : `Uint8Array.of(0x${formatHex(bytes, ', 0x')})`
}

/** RFC 4648, section 4. */
export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * A line for a POSIX shell that sends the bytes to `to` with the netcat of OpenBSD, or that only prints them.
 * Bytes that are no printable ASCII are octal escapes: `\x` is not in POSIX's printf.
 */
export function shellLine(bytes: Uint8Array, to: Endpoint | null): string {
  const print = `printf '${escaped(bytes, shellEscape)}'`
  return to === null ? print : `${print} | ${netcat(to)}`
}

function netcat(to: Endpoint): string {
  switch (to.kind) {
    case 'tcp':
      return `nc ${quoted(to.host)} ${to.port}`
    case 'udp':
      return `nc -u -w1 ${quoted(to.host)} ${to.port}`
    case 'unix':
      return `nc -U ${quoted(to.path)}`
    case 'unixgram':
      return `nc -uU ${quoted(to.path)}`
    case 'raw':
      // No netcat sends packets; socat does.
      return `socat - IP-SENDTO:${quoted(to.host)}:${to.protocol}`
  }
}

/** Numeric addresses and names need no quotes. */
function quoted(word: string): string {
  return /^[\w.:%/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function escaped(bytes: Uint8Array, escape: (byte: number) => string | null): string {
  let text = ''
  for (const byte of bytes) text += escape(byte) ?? String.fromCharCode(byte)
  return text
}

const letters: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
])

const isPrintable = (byte: number) => byte >= 0x20 && byte < 0x7f

function pythonEscape(byte: number): string | null {
  const letter = byte === 0x27 ? "\\'" : letters.get(byte)
  if (letter !== undefined) return letter
  return isPrintable(byte) ? null : `\\x${byte.toString(16).padStart(2, '0')}`
}

function shellEscape(byte: number): string | null {
  const letter = byte === 0x25 ? '%%' : letters.get(byte)
  if (letter !== undefined) return letter
  return isPrintable(byte) && byte !== 0x27 ? null : `\\${byte.toString(8).padStart(3, '0')}`
}
