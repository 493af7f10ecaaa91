import { type IpPacket } from './ip'

/** Datagrams whose fragments are gathered at once; the oldest gives way. */
const MAX_DATAGRAMS = 1024
const MAX_HELD_BYTES = 16 * 1024 * 1024
/** What one fragment costs besides its bytes. */
const OVERHEAD_BYTES = 256
/** No datagram is longer (RFC 791; RFC 8200, 4.5). */
const MAX_DATAGRAM_BYTES = 65_535

interface Piece {
  readonly at: number
  readonly bytes: Uint8Array
}

interface Gathering {
  readonly pieces: Piece[]
  heldBytes: number
  /** Known once the last fragment has come. */
  totalBytes: number | null
}

/** Puts IP datagrams together from their fragments (RFC 791, 3.2; RFC 8200, 4.5). Where fragments overlap, the first wins. */
export class Fragments {
  /** Fragments of datagrams that never became whole, so far. */
  lost = 0
  readonly #gathering = new Map<string, Gathering>()
  #heldBytes = 0

  /**
   * Takes a fragment that was captured whole. @param key tells its datagram from all others
   * @returns the datagram's bytes when this was the last that was missing
   */
  take(key: string, bytes: Uint8Array, ip: IpPacket): Uint8Array | null {
    const { fragment, from, to } = ip
    if (fragment === null) return null
    const { offset, isLast } = fragment
    const end = offset + to - from
    if (end > MAX_DATAGRAM_BYTES || to === from) {
      this.lost++
      return null
    }
    let found = this.#gathering.get(key)
    if (found === undefined) {
      found = { pieces: [], heldBytes: 0, totalBytes: null }
      this.#gathering.set(key, found)
    }
    if (isLast) found.totalBytes ??= end
    found.pieces.push({ at: offset, bytes: bytes.slice(from, to) })
    this.#hold(found, to - from + OVERHEAD_BYTES)
    const whole = joined(found)
    if (whole !== null) this.#forget(key, found)
    while (this.#gathering.size > MAX_DATAGRAMS || this.#heldBytes > MAX_HELD_BYTES) this.#giveUpOldest()
    return whole
  }

  /** No more will come. */
  end(): void {
    while (this.#gathering.size > 0) this.#giveUpOldest()
  }

  #hold(found: Gathering, length: number): void {
    found.heldBytes += length
    this.#heldBytes += length
  }

  #forget(key: string, found: Gathering): void {
    this.#gathering.delete(key)
    this.#heldBytes -= found.heldBytes
  }

  #giveUpOldest(): void {
    for (const [key, found] of this.#gathering) {
      this.lost += found.pieces.length
      this.#forget(key, found)
      return
    }
  }
}

/** Null while something is missing. */
function joined({ pieces, totalBytes, heldBytes }: Gathering): Uint8Array | null {
  // The first look is a sum: sorting at every fragment would take its time.
  if (totalBytes === null || heldBytes - pieces.length * OVERHEAD_BYTES < totalBytes) return null
  // Sorting keeps the order in which equals came.
  const inOrder = pieces.toSorted((a, b) => a.at - b.at)
  let reached = 0
  for (const { at, bytes } of inOrder) {
    if (at > reached) return null
    reached = Math.max(reached, at + bytes.length)
  }
  if (reached < totalBytes) return null
  const whole = new Uint8Array(totalBytes)
  // Last come first, so that who came first is not written over.
  for (const { at, bytes } of pieces.toReversed()) {
    if (at < totalBytes) whole.set(bytes.subarray(0, totalBytes - at), at)
  }
  return whole
}
