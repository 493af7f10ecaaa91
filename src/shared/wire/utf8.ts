import { visibleText, type VisibleMode } from './escape'

/** Stands at the end of a chunk for the first bytes of a character whose rest has not come yet. */
export const CUT_MARK = '⋯'

export interface DecodeOptions {
  /** Up to 3 bytes that come just before in the stream. */
  readonly before?: Uint8Array | undefined
  /** False where only the first part of a chunk is at hand: then its unfinished tail is left out, with no mark. Default true. */
  readonly isWhole?: boolean | undefined
  readonly mode?: VisibleMode | undefined
}

const nothing = new Uint8Array(0)
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const MAX_SHORT_RUN = 32

/**
 * A chunk of a stream as text to show. A character that the chunk's beginning completes is shown here, whole;
 * one that its end cuts off is shown as `CUT_MARK`; bytes that are no UTF-8 are shown as `\xHH`.
 * Bytes held back by the chunk before that turn out to begin no character are told here too, so that the texts of all chunks,
 * without the marks, are the text of the stream.
 */
export function decodeUtf8(bytes: Uint8Array, options: DecodeOptions = {}): string {
  const before = options.before ?? nothing
  const pending = before.subarray(before.length - pendingLength(before))
  const whole = pending.length === 0 ? bytes : join(pending, bytes)
  const mode = options.mode ?? 'escaped'
  let text = ''
  let good = 0
  let at = 0
  const takeGood = (to: number): void => {
    if (to > good)
      text += isPlain(whole, good, to)
        ? plainText(whole, good, to)
        : visibleText(decoder.decode(whole.subarray(good, to)), mode)
  }
  while (at < whole.length) {
    const sequence = sequenceAt(whole, at)
    if (sequence.isComplete) {
      at += sequence.length
      continue
    }
    takeGood(at)
    if (at + sequence.length === whole.length && sequence.isValidSoFar) {
      return options.isWhole === false ? text : text + CUT_MARK
    }
    for (let each = at; each < at + sequence.length; each++) text += invalid(whole[each] ?? 0)
    at += sequence.length
    good = at
  }
  takeGood(whole.length)
  return text
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

/** Printable ASCII, which is shown as it is. Binary data is full of runs of one or two such bytes: no decoder and no pattern is asked then. */
function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > MAX_SHORT_RUN) return false
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return false
  }
  return true
}

function plainText(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

const invalidTexts = Array.from({ length: 256 }, (_, byte) => `\\x${byte.toString(16).padStart(2, '0')}`)

function invalid(byte: number): string {
  return invalidTexts[byte] ?? ''
}

interface Sequence {
  /** Bytes that belong together, at least 1. */
  readonly length: number
  readonly isComplete: boolean
  /** More bytes could still make a character of it. */
  readonly isValidSoFar: boolean
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

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
