/** What a direction's stream becomes. */
export interface StreamListener {
  /** Bytes that come next. Good during the call only. */
  bytes(bytes: Uint8Array): void
  /** So many bytes were not captured. */
  gap(lengthBytes: number): void
  /** The sender's FIN, after all that came before it. */
  finished(): void
}

/** The memory that all directions share for what came too early. */
export interface Budget {
  heldBytes: number
}

/** No window is wider (RFC 7323, 2.3): a segment further off belongs to something else, or is damaged. */
const MAX_DISTANCE = 2 ** 30
const MAX_HELD_BYTES = 16 * 1024 * 1024
const MAX_HELD_PIECES = 8192
const MAX_HELD_IN_ALL = 256 * 1024 * 1024
/** What a piece costs besides its bytes. */
const OVERHEAD_BYTES = 256

/** A piece that came too early. Positions count from the stream's beginning, sequence numbers unwrapped. */
interface Piece {
  readonly from: number
  readonly bytes: Uint8Array
}

/**
 * Puts one direction of a TCP stream in order (RFC 9293, 3.4), as receivers do: each byte once, and of what came twice the
 * first, where a segment that comes in order counts before those that came too early. A hole is waited for until the other side acknowledges what lies behind it, or too much waits: then it is a gap, because what was
 * received and not captured will not come again.
 */
export class Reassembly {
  /** Segments that brought nothing new. */
  repeated = 0
  /** Segments that fit no window. */
  strays = 0
  /** The sequence number with which this direction began; null before anything is known of it. */
  initial: number | null = null
  readonly #listener: StreamListener
  readonly #budget: Budget
  /** In order, none over another. */
  #held: Piece[] = []
  #heldBytes = 0
  /** Position of the next byte wanted; position 0 is `initial`. */
  #next = 0
  /** Position of the FIN. */
  #end: number | null = null
  #hasFinished = false
  /** The highest position that the other side has acknowledged. */
  #acknowledged = 0

  constructor(listener: StreamListener, budget: Budget) {
    this.#listener = listener
    this.#budget = budget
  }

  /** @param sequence of the first byte of data */
  begin(sequence: number): void {
    this.initial ??= sequence
  }

  /** @param bytes what was captured of the segment's data */
  segment(sequence: number, bytes: Uint8Array, wireBytes: number, isFin: boolean): void {
    this.begin(sequence)
    const from = this.#positionOf(sequence)
    if (from === null) {
      this.strays++
      return
    }
    if (isFin && this.#end === null && from + wireBytes >= this.#next) this.#end = from + wireBytes
    if (bytes.length > 0) this.#data(from, bytes)
    this.#finish()
  }

  /** The other side has received all before this number. */
  acknowledge(sequence: number): void {
    if (this.initial === null) return
    const position = this.#positionOf(sequence)
    if (position === null) return
    this.#acknowledged = Math.max(this.#acknowledged, position)
    this.#passAcknowledged()
    this.#finish()
  }

  /** No more will come: what still waits is told, with the gaps between. */
  end(): void {
    while (this.#held.length > 0) this.#skipToHeld()
    this.#passUncaptured()
    this.#finish()
  }

  /** A sequence number's position, the one nearest to what is wanted next; null for what is too far off. */
  #positionOf(sequence: number): number | null {
    const wanted = ((this.initial as number) + this.#next) | 0
    const distance = (sequence - wanted) | 0
    return distance > MAX_DISTANCE || distance < -MAX_DISTANCE ? null : this.#next + distance
  }

  #data(from: number, bytes: Uint8Array): void {
    const to = Math.min(from + bytes.length, this.#end ?? Infinity)
    if (to <= this.#next) {
      this.repeated++
      return
    }
    if (from > this.#next) {
      this.#hold(from, bytes.subarray(0, to - from))
      return
    }
    this.#deliver(bytes.subarray(this.#next - from, to - from))
    this.#release()
  }

  #deliver(bytes: Uint8Array): void {
    this.#next += bytes.length
    this.#listener.bytes(bytes)
  }

  /** Tells what waits, as far as nothing is missing. */
  #release(): void {
    let count = 0
    for (const piece of this.#held) {
      if (piece.from > this.#next) break
      count++
      this.#let(piece)
      const known = this.#next - piece.from
      if (known < piece.bytes.length) this.#deliver(piece.bytes.subarray(known))
    }
    if (count > 0) this.#held.splice(0, count)
  }

  #let({ bytes }: Piece): void {
    this.#heldBytes -= bytes.length
    this.#budget.heldBytes -= bytes.length + OVERHEAD_BYTES
  }

  #hold(from: number, bytes: Uint8Array): void {
    const to = from + bytes.length
    // Most often it goes to the end.
    let index = this.#held.length
    while (index > 0 && (this.#held[index - 1] as Piece).from >= from) index--
    const pieces: Piece[] = []
    let at = from
    const previous = this.#held[index - 1]
    if (previous !== undefined) at = Math.max(at, previous.from + previous.bytes.length)
    for (let n = index; at < to; n++) {
      const next = this.#held[n]
      const upTo = Math.min(to, next?.from ?? Infinity)
      if (upTo > at) pieces.push({ from: at, bytes: bytes.slice(at - from, upTo - from) })
      if (next === undefined) break
      at = Math.max(at, next.from + next.bytes.length)
    }
    if (pieces.length === 0) {
      this.repeated++
      return
    }
    for (const piece of pieces) {
      this.#heldBytes += piece.bytes.length
      this.#budget.heldBytes += piece.bytes.length + OVERHEAD_BYTES
    }
    this.#insert(index, pieces)
    while (this.#isTooMuch()) this.#skipToHeld()
  }

  #insert(index: number, pieces: readonly Piece[]): void {
    if (pieces.length === 1) this.#held.splice(index, 0, pieces[0] as Piece)
    else this.#held = [...this.#held, ...pieces].sort((a, b) => a.from - b.from)
  }

  #isTooMuch(): boolean {
    if (this.#held.length === 0) return false
    return (
      this.#heldBytes > MAX_HELD_BYTES ||
      this.#held.length > MAX_HELD_PIECES ||
      this.#budget.heldBytes > MAX_HELD_IN_ALL
    )
  }

  /** What was acknowledged has been received: what is missing before it was not captured. */
  #passAcknowledged(): void {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (this.#acknowledged <= first.from) return
      this.#skipToHeld()
    }
  }

  #skipToHeld(): void {
    const first = this.#held[0]
    if (first === undefined) return
    this.#skip(first.from)
    this.#release()
  }

  #skip(to: number): void {
    if (to <= this.#next) return
    const length = to - this.#next
    this.#next = to
    this.#listener.gap(length)
  }

  /** What is known to have been sent after all that was captured. */
  #passUncaptured(): void {
    if (this.#end !== null) this.#skip(this.#end)
    // A FIN that was not captured counts as one byte, too (RFC 9293, 3.4).
    else if (this.#acknowledged > this.#next + 1) this.#skip(this.#acknowledged)
  }

  #finish(): void {
    if (this.#hasFinished || this.#end === null) return
    if (this.#held.length === 0 && this.#acknowledged > this.#end) this.#skip(this.#end)
    if (this.#next < this.#end) return
    this.#hasFinished = true
    this.#listener.finished()
  }
}
