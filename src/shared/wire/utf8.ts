import { decodeText, type DecodeOptions, type Scheme, type Sequence } from './decodeText'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 (RFC 3629). */
export const utf8: Scheme = {
  sequenceAt,
  pendingLength: (before) => pendingLength(before),
  decode: (bytes) => decoder.decode(bytes),
  lineFeed: [0x0a],
}

/** A chunk as text to show: see `decodeText`. */
export function decodeUtf8(bytes: Uint8Array, options: DecodeOptions = {}): string {
  return decodeText(utf8, bytes, options)
}

/** How many bytes at the end begin a character that is not finished: 0 to 3. */
export function pendingLength(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const at = bytes.length - back
    // A lead byte can never stand inside a character, so the last one decides.
    if (expectedLength(bytes[at] ?? 0) > 1) {
      const sequence = sequenceAt(bytes, at)
      return !sequence.isComplete && sequence.isValidSoFar && sequence.length === back ? back : 0
    }
  }
  return 0
}

const ascii: Sequence = { length: 1, isComplete: true, isValidSoFar: true }
const stray: Sequence = { length: 1, isComplete: false, isValidSoFar: false }

function sequenceAt(bytes: Uint8Array, at: number): Sequence {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return ascii
  const expected = expectedLength(lead)
  if (expected === 0) return stray
  let length = 1
  while (length < expected && at + length < bytes.length && mayFollow(lead, length, bytes[at + length] ?? 0))
    length++
  return {
    length,
    isComplete: length === expected,
    isValidSoFar: length === expected || at + length === bytes.length,
  }
}

/** The length that a lead byte announces; 0 for what leads nothing (Unicode, table 3-7: C0, C1 and F5 on are never used). */
function expectedLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf5 ? 4 : 0
}

/** The second byte's range is narrower after E0, ED, F0 and F4: no overlong forms, no surrogates, nothing over U+10FFFF. */
function mayFollow(lead: number, index: number, byte: number): boolean {
  if (index === 1) {
    if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf
    if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f
    if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf
    if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f
  }
  return byte >= 0x80 && byte <= 0xbf
}
