import { type FrameProblem } from '../../model/framing'
import { type Cutter } from './cutter'

/** A block of this code is full: no zero stands after it. */
const FULL = 0xff
/** In the note, beside the bytes that the block under way still lacks. */
const HAS_DATA = 0x100

/** Consistent Overhead Byte Stuffing, a zero after each frame. Zeros before a frame belong to it. */
export const cobs: Cutter = {
  cut(frame, bytes, from, to, told) {
    let isBegun = frame.note >= HAS_DATA
    let missing = frame.note % HAS_DATA
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number
      if (byte === 0) {
        if (!isBegun) continue
        if (missing > 0) told.problem = 'badCode'
        return at + 1
      }
      isBegun = true
      missing = missing === 0 ? byte - 1 : missing - 1
    }
    frame.note = (isBegun ? HAS_DATA : 0) + missing
    return -1
  },
  payload(raw, isWhole) {
    const bytes = new Uint8Array(raw.length)
    let length = 0
    let missing = 0
    let code = FULL
    for (const byte of raw) {
      if (byte === 0) continue
      if (missing > 0) {
        bytes[length++] = byte
        missing--
        continue
      }
      // The zero that the block before stands for: only if another block follows it.
      if (code !== FULL) bytes[length++] = 0
      code = byte
      missing = byte - 1
    }
    const problem: FrameProblem | null = isWhole && missing > 0 ? 'badCode' : null
    return { bytes: bytes.subarray(0, length), problem }
  },
}
