import { fault, type Reply } from '../model/fault'

const HINT = 'Write two digits for each byte: 68 65 6c, 68656c, 0x68,0x65,0x6c or 68:65:6c.'

/**
 * Hex as people paste it: bytes of two digits, in any case, run together or parted by blanks, commas, colons, semicolons or
 * dashes; each run may begin with 0x. Anything else is refused with `SB_INPUT` and its position, counted from 1.
 */
export function parseHex(text: string): Reply<Uint8Array> {
  const bytes = new Uint8Array(text.length >> 1)
  let length = 0
  let at = 0
  while (at < text.length) {
    if (isSeparator(text.charCodeAt(at))) {
      at++
      continue
    }
    if (text[at] === '0' && (text[at + 1] === 'x' || text[at + 1] === 'X')) {
      if (digitAt(text, at + 2) === -1) return refuse(at, 'begins 0x, with no digits after it')
      at += 2
    }
    while (at < text.length && !isSeparator(text.charCodeAt(at))) {
      const high = digitAt(text, at)
      if (high === -1) return refuseCharacter(text, at)
      if (at + 1 >= text.length || isSeparator(text.charCodeAt(at + 1))) {
        return refuse(at, 'is a digit that stands alone: a byte is two digits, and their number here is odd')
      }
      const low = digitAt(text, at + 1)
      if (low === -1) return refuseCharacter(text, at + 1)
      bytes[length++] = high * 16 + low
      at += 2
    }
  }
  return { ok: true, value: bytes.slice(0, length) }
}

function isSeparator(code: number): boolean {
  return (
    code === 0x20 ||
    (code >= 0x09 && code <= 0x0d) ||
    code === 0x2c ||
    code === 0x3a ||
    code === 0x3b ||
    code === 0x2d ||
    code === 0xa0
  )
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function refuseCharacter(text: string, at: number): Reply<never> {
  const shown = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))
  return refuse(at, `is ${shown}, which is no hex digit`)
}

function refuse(at: number, what: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', `Character ${at + 1} ${what}.`, { hint: HINT }) }
}

const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Two lower-case digits for each byte. @param separator what to put between bytes */
export function formatHex(bytes: Uint8Array, separator = ' '): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) {
    if (at > 0) text += separator
    text += pairs[bytes[at] ?? 0] ?? ''
  }
  return text
}
