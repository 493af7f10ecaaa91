import { type FrameProblem } from '../../model/framing'
import { type Cutter } from './cutter'

const END = 0xc0
const ESC = 0xdb
const ESC_END = 0xdc
const ESC_ESC = 0xdd

const HAS_DATA = 1
const IS_ESCAPED = 2
const IS_BAD = 4

/** Serial Line IP (RFC 1055). ENDs before a frame, which senders put there to clear the line, belong to it. */
export const slip: Cutter = {
  cut(frame, bytes, from, to, told) {
    let note = frame.note
    for (let at = from; at < to; at++) {
      const byte = bytes[at]
      if (byte === END) {
        if (note === 0) continue
        if (note & (IS_BAD | IS_ESCAPED)) told.problem = 'badEscape'
        return at + 1
      }
      note |= HAS_DATA
      if (note & IS_ESCAPED) {
        note &= ~IS_ESCAPED
        if (byte !== ESC_END && byte !== ESC_ESC) note |= IS_BAD
      } else if (byte === ESC) note |= IS_ESCAPED
    }
    frame.note = note
    return -1
  },
  /** A byte after an escape that may not be there stands for itself, as in the RFC's own code. */
  payload(raw, isWhole) {
    const bytes = new Uint8Array(raw.length)
    let length = 0
    let problem: FrameProblem | null = null
    let isEscaped = false
    for (const byte of raw) {
      if (byte === END) continue
      if (isEscaped) {
        if (byte !== ESC_END && byte !== ESC_ESC) problem = 'badEscape'
        bytes[length++] = byte === ESC_END ? END : byte === ESC_ESC ? ESC : byte
        isEscaped = false
      } else if (byte === ESC) isEscaped = true
      else bytes[length++] = byte
    }
    if (isEscaped && isWhole) problem = 'badEscape'
    return { bytes: bytes.subarray(0, length), problem }
  },
}
