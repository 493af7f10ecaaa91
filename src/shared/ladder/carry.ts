/** What one read or write call carried of one direction of a stream. */
export interface Piece {
  readonly row: number
  readonly atNanos: number
  readonly offset: number
  readonly lengthBytes: number
}

/** Bytes that went with one write and came with one read. */
export interface Carried<P extends Piece = Piece> {
  readonly sent: P | null
  readonly received: P | null
  readonly offset: number
  readonly lengthBytes: number
}

const endOf = (piece: Piece | undefined): number =>
  piece === undefined ? -Infinity : piece.offset + piece.lengthBytes

/** Whether all of a piece comes before a place. A piece without bytes, as a damaged record may tell, carries nothing. */
const isPast = (piece: Piece | undefined, at: number): boolean =>
  piece !== undefined && (endOf(piece) <= at || !(piece.lengthBytes > 0))

/**
 * The bytes of one direction, by the writes that they went with and the reads that they came with: the two ends cut the same bytes differently. Each
 * byte of either is told once, in order; what only one side has is told with that side alone.
 * @param sent what the one end wrote, in order, without overlaps; parts may be missing
 * @param received what the other end read, likewise
 */
export function carried<P extends Piece>(sent: readonly P[], received: readonly P[]): Carried<P>[] {
  const found: Carried<P>[] = []
  let at = -Infinity
  let s = 0
  let r = 0
  for (;;) {
    while (isPast(sent[s], at)) s++
    while (isPast(received[r], at)) r++
    const one = sent[s]
    const other = received[r]
    if (one === undefined && other === undefined) return found
    const oneFrom = one === undefined ? Infinity : Math.max(one.offset, at)
    const otherFrom = other === undefined ? Infinity : Math.max(other.offset, at)
    const from = Math.min(oneFrom, otherFrom)
    // Up to where the first of them ends, or the second begins.
    const to = Math.min(
      oneFrom === from ? endOf(one) : oneFrom,
      otherFrom === from ? endOf(other) : otherFrom,
    )
    at = to
    found.push({
      sent: oneFrom === from ? (one ?? null) : null,
      received: otherFrom === from ? (other ?? null) : null,
      offset: from,
      lengthBytes: to - from,
    })
  }
}

/** Counts what lies in the kernels between two ends: what the one has sent and the other has not taken. */
export class InKernel {
  #sentBytes: number
  #receivedBytes: number

  constructor(sentBytes: number, receivedBytes: number) {
    this.#sentBytes = sentBytes
    this.#receivedBytes = receivedBytes
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes
  }

  /** A write is recorded when it returns; where its bytes were read before that, none are left. */
  get bytes(): number {
    return Math.max(0, this.#sentBytes - this.#receivedBytes)
  }
}
