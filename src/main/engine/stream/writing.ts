import { type Socket } from 'node:net'
import { handleOf, waitingBytes } from './internals'
import { SLICE_BYTES, type Staging } from './staging'

export interface WritingEvents {
  /**
   * The kernel took these bytes: they are sent, as far as this side can know.
   * @param atNanos when they were handed to it; null where it took them some time later
   */
  taken(bytes: Uint8Array, atNanos: number | null): void
  /** The recorder's clock. */
  now(): number
  /** Everything handed over has been taken. */
  drained(): void
}

/**
 * The sending side of one stream: gives the kernel one slice at a time, keeps the rest in a queue, and knows at any time
 * how much of it the kernel has taken. Node's own queue stays empty but for the slice in hand.
 */
export class Writing {
  readonly #socket: Socket
  readonly #staging: Staging
  readonly #events: WritingEvents
  #queue: Uint8Array[] = []
  #queueBytes = 0
  /** The slice that Node has and the kernel has not wholly taken, and how much of it was told as taken. */
  #inHand: Buffer | null = null
  #inHandTaken = 0
  /** Calls back that are due for slices which were taken at once. */
  #stale = 0
  #isFinishing = false
  #isOver = false

  constructor(socket: Socket, staging: Staging, events: WritingEvents) {
    this.#socket = socket
    this.#staging = staging
    this.#events = events
  }

  /** What was handed over and not yet taken, looked up now. */
  get queuedBytes(): number {
    if (this.#inHand === null) return this.#queueBytes
    this.#settle()
    return this.#queueBytes + this.#inHand.length - this.#inHandTaken
  }

  /**
   * Hands bytes over; what the kernel does not take at once is copied and waits.
   * @returns how many bytes the kernel took at once; -1 when this side has ended
   */
  write(bytes: Uint8Array): number {
    if (this.#isFinishing || this.#isOver) return -1
    let offset = 0
    let taken = 0
    while (offset < bytes.length && this.#inHand === null && this.#queue.length === 0 && !this.#isOver) {
      const slice = this.#staging.copy(
        offset === 0 && bytes.length <= SLICE_BYTES ? bytes : bytes.subarray(offset, offset + SLICE_BYTES),
      )
      taken += this.#hand(slice)
      offset += slice.length
    }
    if (offset < bytes.length && !this.#isOver) {
      // Not bytes.slice: of a Buffer, which reads bring, that is a view and no copy (Node's Buffer.prototype.slice).
      this.#queue.push(Uint8Array.prototype.slice.call(bytes, offset))
      this.#queueBytes += bytes.length - offset
    }
    return taken
  }

  /** FIN (shutdown(2)) once all is taken. */
  finish(): void {
    if (this.#isFinishing || this.#isOver) return
    this.#isFinishing = true
    if (this.#inHand === null && this.#queue.length === 0) this.#socket.end()
  }

  /**
   * No more will be taken: the connection is about to be destroyed, or already was.
   * @returns how many bytes the kernel never took
   */
  stop(): number {
    const unsent = this.queuedBytes
    this.#isOver = true
    this.#queue = []
    this.#queueBytes = 0
    this.#inHand = null
    return unsent
  }

  /** @returns how many bytes of the slice the kernel took at once */
  #hand(slice: Buffer): number {
    // Before the call: whoever reads on another thread may have the bytes before it returns.
    const atNanos = this.#events.now()
    this.#socket.write(slice, this.#answered)
    if (this.#socket.errored !== null) {
      // The write failed at once; 'error' follows. What is left counts as unsent.
      this.#inHand = slice
      this.#inHandTaken = 0
      this.#staging.keep(slice)
      return 0
    }
    if (this.#socket.writableLength === 0) {
      this.#stale++
      this.#events.taken(slice, atNanos)
      return slice.length
    }
    this.#inHand = slice
    this.#inHandTaken = 0
    this.#staging.keep(slice)
    this.#settle()
    return this.#inHandTaken
  }

  /** Tells what of the slice in hand has been taken meanwhile. */
  #settle(): void {
    const slice = this.#inHand
    const waiting = waitingBytes(handleOf(this.#socket))
    if (slice === null || waiting === null || this.#socket.errored !== null) return
    const taken = slice.length - waiting
    if (taken <= this.#inHandTaken) return
    const from = this.#inHandTaken
    this.#inHandTaken = taken
    this.#events.taken(slice.subarray(from, taken), null)
  }

  readonly #answered = (error?: Error | null): void => {
    if (this.#stale > 0) {
      this.#stale--
      return
    }
    const slice = this.#inHand
    // On an error the socket's 'error' and 'close' tell the rest.
    if (error || slice === null || this.#isOver) return
    const from = this.#inHandTaken
    this.#inHand = null
    if (from < slice.length) this.#events.taken(slice.subarray(from), null)
    this.#pump()
  }

  #pump(): void {
    while (this.#inHand === null && !this.#isOver) {
      const next = this.#queue[0]
      if (next === undefined) break
      const slice = Buffer.from(next.buffer, next.byteOffset, Math.min(next.length, SLICE_BYTES))
      if (slice.length === next.length) this.#queue.shift()
      else this.#queue[0] = next.subarray(slice.length)
      this.#queueBytes -= slice.length
      this.#hand(slice)
    }
    if (this.#inHand !== null || this.#isOver) return
    if (this.#isFinishing) this.#socket.end()
    this.#events.drained()
  }
}
