import { type Endpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { monotonicClock } from '../clock'
import { MAX_CHUNK_BYTES, type Recorder, type Track } from '../recorder'

/** One entry of a track, in the order told. */
export type Entry =
  | {
      readonly kind: 'data'
      readonly direction: Direction
      readonly bytes: Uint8Array
      readonly remote: Endpoint | null
    }
  | { readonly kind: 'event'; readonly event: SocketEvent }

/** What one socket recorded. */
export class MemoryTrack implements Track {
  readonly about: string
  readonly entries: Entry[] = []
  hasEnded = false
  drops: number | null = null
  /** Chunks that were taken as they lay in what `readSpace` gave. */
  inPlace = 0
  readonly #tape: Tape

  constructor(tape: Tape, about: string) {
    this.#tape = tape
    this.about = about
  }

  get rows(): number {
    return this.entries.length
  }

  readSpace(): Uint8Array | null {
    return this.#tape.space()
  }

  chunk(direction: Direction, bytes: Uint8Array): void {
    if (bytes.length > MAX_CHUNK_BYTES) throw new Error('a chunk is too long')
    if (this.#tape.liesInSpace(bytes)) this.inPlace++
    this.#add({ kind: 'data', direction, bytes: this.#tape.append(bytes), remote: null })
  }

  datagram(direction: Direction, bytes: Uint8Array, _local: Endpoint, remote: Endpoint): void {
    this.#add({ kind: 'data', direction, bytes: this.#tape.append(bytes), remote })
  }

  event(event: SocketEvent): void {
    this.#add({ kind: 'event', event })
    this.#tape.append(new Uint8Array(100))
  }

  moment(): void {
    // Its entries have no times.
  }

  dropped(count: number): void {
    this.drops = count
  }

  end(): void {
    this.hasEnded = true
  }

  #add(entry: Entry): void {
    if (this.hasEnded) throw new Error(`told after the end: ${JSON.stringify(entry)}`)
    this.entries.push(entry)
  }

  /** All bytes of one direction. */
  bytes(direction: Direction): Buffer {
    return Buffer.concat(
      this.entries.flatMap((each) =>
        each.kind === 'data' && each.direction === direction ? [each.bytes] : [],
      ),
    )
  }

  text(direction: Direction): string {
    return this.bytes(direction).toString()
  }

  chunks(direction: Direction): Uint8Array[] {
    return this.entries.flatMap((each) =>
      each.kind === 'data' && each.direction === direction ? [each.bytes] : [],
    )
  }

  events(): SocketEvent[] {
    return this.entries.flatMap((each) => (each.kind === 'event' ? [each.event] : []))
  }

  /** The names of the events, in order. */
  story(): string[] {
    return this.events().map((each) => each.what)
  }
}

/**
 * Memory that is filled from front to back, as the capture's slabs are. What was appended is never written again, so a
 * read that went to a stale place would show as bytes that differ.
 */
class Tape {
  static readonly SLAB_BYTES = 4 * 1024 * 1024
  #slab = new Uint8Array(Tape.SLAB_BYTES)
  #end = 0
  readonly moved = new Set<() => void>()

  space(): Uint8Array | null {
    this.#reserve(MAX_CHUNK_BYTES)
    return this.#slab.subarray(this.#end, this.#end + MAX_CHUNK_BYTES)
  }

  liesInSpace(bytes: Uint8Array): boolean {
    return bytes.buffer === this.#slab.buffer && bytes.byteOffset === this.#slab.byteOffset + this.#end
  }

  append(bytes: Uint8Array): Uint8Array {
    if (!this.liesInSpace(bytes)) {
      this.#reserve(bytes.length)
      this.#slab.set(bytes, this.#end)
    }
    const kept = this.#slab.subarray(this.#end, this.#end + bytes.length)
    this.#end += bytes.length
    for (const listener of this.moved) listener()
    return kept
  }

  #reserve(lengthBytes: number): void {
    if (this.#end + lengthBytes <= Tape.SLAB_BYTES) return
    this.#slab = new Uint8Array(Tape.SLAB_BYTES)
    this.#end = 0
  }
}

/** A recorder that keeps all in memory, for tests of the engine alone. */
export class MemoryRecorder implements Recorder {
  readonly clock = monotonicClock()
  readonly tracks = new Map<SocketId, MemoryTrack>()
  readonly #tape = new Tape()
  readonly #roomListeners = new Set<(hasRoom: boolean) => void>()
  hasRoom = true

  track(id: SocketId, _kind: 'tcp' | 'udp' | 'unix', about: string): MemoryTrack {
    const track = new MemoryTrack(this.#tape, about)
    this.tracks.set(id, track)
    return track
  }

  /** The record of a socket that there must be. */
  of(id: SocketId): MemoryTrack {
    const track = this.tracks.get(id)
    if (track === undefined) throw new Error(`nothing was recorded of ${id}`)
    return track
  }

  setRoom(hasRoom: boolean): void {
    this.hasRoom = hasRoom
    for (const listener of this.#roomListeners) listener(hasRoom)
  }

  onRoom(listener: (hasRoom: boolean) => void): () => void {
    this.#roomListeners.add(listener)
    return () => void this.#roomListeners.delete(listener)
  }

  onMoved(listener: () => void): () => void {
    this.#tape.moved.add(listener)
    return () => void this.#tape.moved.delete(listener)
  }

  onFailed(): () => void {
    return () => undefined
  }
}
