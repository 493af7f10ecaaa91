import { visibleText, type VisibleMode } from './escape'

/** Stands at the end of a chunk for the first bytes of a character whose rest has not come yet. */
export const CUT_MARK = '⋯'

export interface DecodeOptions {
  /** Bytes that come just before in the stream: 3 are enough for all encodings but Shift-JIS. */
  readonly before?: Uint8Array | undefined
  /** Where the first byte lies in its stream; matters to UTF-16 alone. Where `before` begins counts as even if not given. */
  readonly offset?: number | undefined
  /** False where only the first part of a chunk is at hand: then its unfinished tail is left out, with no mark. Default true. */
  readonly isWhole?: boolean | undefined
  readonly mode?: VisibleMode | undefined
}

/** Bytes that belong together. */
export interface Sequence {
  /** At least 1. */
  readonly length: number
  readonly isComplete: boolean
  /** More bytes could still make a character of it. */
  readonly isValidSoFar: boolean
}

/** How an encoding lays characters out in bytes. */
export interface Scheme {
  /** What begins at a place where a character begins. */
  sequenceAt(bytes: Uint8Array, at: number): Sequence
  /** How many bytes at the end of `before` begin a character that is not finished. @param offset of what follows it, in its stream */
  pendingLength(before: Uint8Array, offset: number): number
  /** The text of whole and valid characters. */
  decode(bytes: Uint8Array): string
  /** Bytes of a line feed, in this order. */
  readonly lineFeed: readonly number[]
}

const nothing = new Uint8Array(0)
const MAX_SHORT_RUN = 32

/**
 * A chunk of a stream as text to show. A character that the chunk's beginning completes is shown here, whole;
 * one that its end cuts off is shown as `CUT_MARK`; bytes that are no character are shown as `\xHH`.
 * Bytes held back by the chunk before that turn out to begin no character are told here too, so that the texts of all chunks,
 * without the marks, are the text of the stream.
 */
export function decodeText(scheme: Scheme, bytes: Uint8Array, options: DecodeOptions = {}): string {
  const before = options.before ?? nothing
  const held = Math.min(before.length, scheme.pendingLength(before, options.offset ?? before.length))
  const whole = held === 0 ? bytes : join(before.subarray(before.length - held), bytes)
  const mode = options.mode ?? 'escaped'
  let text = ''
  let good = 0
  let at = 0
  const takeGood = (to: number): void => {
    if (to > good)
      text +=
        scheme.lineFeed.length === 1 && isPlain(whole, good, to)
          ? plainText(whole, good, to)
          : visibleText(scheme.decode(whole.subarray(good, to)), mode)
  }
  while (at < whole.length) {
    const sequence = scheme.sequenceAt(whole, at)
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

/** How many bytes at the beginning belong to characters that began before. */
export function strayLength(scheme: Scheme, before: Uint8Array, offset: number, bytes: Uint8Array): number {
  const held = Math.min(before.length, scheme.pendingLength(before, offset))
  if (held === 0) return 0
  const whole = join(before.subarray(before.length - held), bytes)
  let at = 0
  while (at < held) at += scheme.sequenceAt(whole, at).length
  return Math.min(bytes.length, at - held)
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

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
