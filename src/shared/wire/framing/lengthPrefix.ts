import { MAX_FRAME_BYTES, type Framing } from '../../model/framing'
import { asItIs, type Cutter } from './cutter'

/**
 * Each frame tells its length. An impossible one ends the frame after its header, with a problem.
 * The note is the length as far as it has come; of one beyond 2^53, which is impossible anyway, not to the last digit.
 */
export function lengthPrefixed({
  sizeBytes,
  byteOrder,
  offsetBytes,
  includesItself,
}: Omit<Extract<Framing, { kind: 'lengthPrefix' }>, 'kind'>): Cutter {
  const headerBytes = offsetBytes + sizeBytes
  return {
    cut(frame, bytes, from, to, told) {
      let at = from
      let has = frame.lengthBytes
      if (has < offsetBytes) {
        const skipped = Math.min(offsetBytes - has, to - at)
        at += skipped
        has += skipped
      }
      for (; has < headerBytes && at < to; at++, has++) {
        const byte = bytes[at] as number
        frame.note =
          byteOrder === 'big' ? frame.note * 256 + byte : frame.note + byte * 256 ** (has - offsetBytes)
      }
      if (has < headerBytes) return -1
      const lengthBytes = includesItself ? frame.note : headerBytes + frame.note
      if (lengthBytes < headerBytes || lengthBytes > MAX_FRAME_BYTES) {
        told.problem = lengthBytes < headerBytes ? 'lengthTooSmall' : 'lengthTooLarge'
        return at
      }
      const end = from + lengthBytes - frame.lengthBytes
      return end <= to ? end : -1
    },
    atDatagramEnd: () => 'cutShort',
    /** What stands before the length is told nowhere else: with an offset the header stays, length and all. */
    payload: (raw) => asItIs(offsetBytes === 0 ? raw.subarray(Math.min(headerBytes, raw.length)) : raw),
  }
}
