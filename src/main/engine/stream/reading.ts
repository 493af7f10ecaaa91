import { type Socket } from 'node:net'
import { type Track } from '../recorder'
import {
  canRedirect,
  handleOf,
  type OnRead,
  type Sleeper,
  sleep,
  startReading,
  stopReading,
  type StreamHandle,
} from './internals'
import { type MemoryHolder, type ReadMemory, SCRATCH_BYTES } from './readMemory'

/** Why a stream is not read just now; reading goes on when no reason is left. */
export const pauses = {
  /** The user asked. */
  user: 1,
  /** The disk is behind and the recorder's memory is taken. */
  room: 2,
  /** Answers pile up unsent: a behaviour must not hold the world in memory. */
  answers: 4,
  /** What comes is passed on to somebody who does not take it as fast. */
  passing: 8,
} as const

/** Who gets what is read. The bytes are good only during the call. */
export interface Sink {
  received(bytes: Uint8Array): void
}

/** Full reads in a row after which a stream may read into the recorder's memory; doubled each time others interfere. */
const FIRST_PATIENCE = 1
const MOST_PATIENCE = 1024

/**
 * Reads one stream. Cold, it reads into the memory that all share; once reads fill that, it is hot, and the next
 * goes straight into the recorder's memory, unless somebody else appends to the record first.
 */
export class Reading implements MemoryHolder {
  readonly #memory: ReadMemory
  readonly #track: Track
  readonly #sink: Sink
  #socket: Socket | null = null
  /** A handle that has no socket yet. */
  #sleeping: StreamHandle | null = null
  #reasons = 0
  /** Where the next read goes. Node's own idea of it (the callback's second argument) is older after a redirection. */
  #target: Uint8Array
  #fullReads = 0
  #patience = FIRST_PATIENCE

  constructor(memory: ReadMemory, track: Track, sink: Sink) {
    this.#memory = memory
    this.#track = track
    this.#sink = sink
    this.#target = memory.scratch
  }

  /** Given to the socket when it is made; a caller on whom nothing happens never needs it. */
  get onread(): OnRead {
    return {
      buffer: () => this.#nextTarget(),
      callback: (lengthBytes) => this.#received(lengthBytes),
    }
  }

  #received(lengthBytes: number): boolean {
    const target = this.#target
    this.#memory.giveBack(this)
    this.#target = this.#memory.scratch
    this.#fullReads = lengthBytes >= SCRATCH_BYTES ? this.#fullReads + 1 : 0
    this.#sink.received(lengthBytes === target.length ? target : target.subarray(0, lengthBytes))
    return true
  }

  /** @param isDirect false for a socket that was made without `onread`: its 'data' events bring the bytes */
  attach(socket: Socket, isDirect: boolean): void {
    this.#socket = socket
    this.#sleeping = null
    if (!isDirect) socket.on('data', (bytes) => this.#sink.received(bytes))
    if (this.#reasons !== 0) socket.pause()
  }

  /** The stream is read without a socket until something comes. @returns false when it cannot be */
  attachAsleep(handle: StreamHandle, owner: Sleeper): boolean {
    this.#sleeping = handle
    const isReading = sleep(handle, owner, this.#memory.scratch)
    if (isReading && this.#reasons !== 0) stopReading(handle)
    return isReading
  }

  /** The socket is gone, or on its way out. */
  detach(): void {
    this.#memory.giveBack(this)
    this.#target = this.#memory.scratch
    this.#socket = null
    this.#sleeping = null
  }

  isPausedFor(reason: number): boolean {
    return (this.#reasons & reason) !== 0
  }

  pause(reason: number): void {
    const before = this.#reasons
    this.#reasons = before | reason
    if (before !== 0) return
    if (this.#sleeping !== null) stopReading(this.#sleeping)
    else this.#socket?.pause()
  }

  resume(reason: number): void {
    const before = this.#reasons
    this.#reasons = before & ~reason
    if (before === 0 || this.#reasons !== 0) return
    if (this.#sleeping !== null) startReading(this.#sleeping)
    else this.#socket?.resume()
  }

  #nextTarget(): Uint8Array {
    if (this.#fullReads > this.#patience && this.#reasons === 0 && this.#socket !== null) {
      const space = this.#track.readSpace()
      if (space !== null && space.length >= SCRATCH_BYTES && canRedirect(handleOf(this.#socket))) {
        this.#memory.lend(this)
        this.#target = space
        return space
      }
    }
    return this.#target
  }

  memoryMoved(): void {
    this.#target = this.#memory.scratch
    this.#fullReads = 0
    this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE)
    const handle = this.#socket === null ? null : handleOf(this.#socket)
    // A null handle is a closed one: there is no next read.
    if (canRedirect(handle)) handle.useUserBuffer(this.#target)
  }
}
