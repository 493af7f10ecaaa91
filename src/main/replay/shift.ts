import { bytesOf, type RecordedStream } from './pieces'

/** So many bytes may be missing or there in addition, and still be found to be that. */
const MOST_SHIFTED_BYTES = 16 * 1024
/** What follows has to agree for so long, or to the end of both. */
const SURE_BYTES = 32
/** At the end of both, with fewer than these anything might agree. */
const LEAST_BYTES = 4

export interface Shift {
  readonly kind: 'missing' | 'extra'
  readonly lengthBytes: number
}

/**
 * Whether some bytes of what was recorded are missing from an offset on, or others stand there, and what follows is as it was recorded; null
 * if that does not explain the difference better than other bytes in the place of the recorded ones. Rejects with a FaultError.
 */
export async function shiftAt(
  expected: RecordedStream,
  actual: RecordedStream,
  offset: number,
): Promise<Shift | null> {
  const to = offset + MOST_SHIFTED_BYTES + SURE_BYTES
  const [wanted, came] = await Promise.all([bytesOf(expected, offset, to), bytesOf(actual, offset, to)])
  return shiftOf(wanted, came)
}

/** The shortest shift after which both agree. @param wanted and @param came from the first byte that differs on */
export function shiftOf(wanted: Uint8Array, came: Uint8Array): Shift | null {
  for (let n = 1; n <= MOST_SHIFTED_BYTES; n++) {
    // As many bytes are others, and then both agree: that is the simpler story.
    if (isSame(wanted.subarray(n), came.subarray(n))) return null
    if (isSame(wanted.subarray(n), came)) return { kind: 'missing', lengthBytes: n }
    if (isSame(wanted, came.subarray(n))) return { kind: 'extra', lengthBytes: n }
    if (n > wanted.length && n > came.length) break
  }
  return null
}

/** Both agree for long enough; or, if both end before that, to their ends. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one[0] !== other[0]) return false
  const length = Math.min(one.length, other.length, SURE_BYTES)
  if (length < SURE_BYTES && (one.length !== other.length || length < LEAST_BYTES)) return false
  return Buffer.compare(one.subarray(0, length), other.subarray(0, length)) === 0
}
