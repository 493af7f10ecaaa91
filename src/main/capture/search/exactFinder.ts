import { type Direction } from '../../../shared/model/record'
import { MAX_PATTERN_BYTES } from '../../../shared/wire/pattern'
import { FIND_WASM } from './find.wasm'
import { Places, type Finder, type Found, type Place } from './places'

/** How far behind a chunk's end the memory must go on. */
export const SLACK_BYTES = 64

/** The part of WebAssembly's interface that is used here: its types come with a page's, which the main process has none of. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Code {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly find: (from: number, end: number, pattern: number, length: number) => number
  readonly findMasked: (from: number, end: number, pattern: number, length: number, masks: number) => number
}

/** Bytes to look for. */
export interface Wanted {
  readonly bytes: Uint8Array
  /** Bits that do not matter, which are set in `bytes`; null where all do. */
  readonly masks: Uint8Array | null
}

/** Memory that WebAssembly can search: chunks are read straight into it. */
export class SearchMemory {
  /** For the caller, from its first byte to `sizeBytes`. */
  readonly bytes: Buffer
  readonly #code: Code
  readonly #patternAt: number
  readonly #masksAt: number
  #length = 0
  #isMasked = false

  constructor(sizeBytes: number) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(FIND_WASM, 'base64')))
    this.#code = instance.exports as Code
    const { memory } = this.#code
    const needed = sizeBytes + 2 * MAX_PATTERN_BYTES + 3 * SLACK_BYTES
    memory.grow(Math.ceil((needed - memory.buffer.byteLength) / 65_536))
    this.bytes = Buffer.from(memory.buffer, 0, sizeBytes)
    this.#patternAt = sizeBytes + SLACK_BYTES
    this.#masksAt = this.#patternAt + MAX_PATTERN_BYTES + SLACK_BYTES
  }

  /** @param wanted what is looked for from now on: 1 to MAX_PATTERN_BYTES bytes */
  lookFor({ bytes, masks }: Wanted): void {
    const memory = Buffer.from(this.#code.memory.buffer)
    memory.set(bytes, this.#patternAt)
    if (masks !== null) memory.set(masks, this.#masksAt)
    this.#length = bytes.length
    this.#isMasked = masks !== null
  }

  /** Index of the pattern's first place between `from` and `end`, or -1. */
  find(from: number, end: number): number {
    return this.#isMasked
      ? this.#code.findMasked(from, end, this.#patternAt, this.#length, this.#masksAt)
      : this.#code.find(from, end, this.#patternAt, this.#length)
  }
}

/** The end of a stream so far, in which a match may have begun. */
interface Tail {
  bytes: Buffer
  readonly places: Places
  /** Offset after the last match: matches do not overlap. */
  free: number
}

/** Looks for bytes. Chunks must lie in the memory given, in which nobody else looks for anything meanwhile. */
export class ExactFinder implements Finder {
  readonly #memory: SearchMemory
  readonly #pattern: Buffer
  readonly #masks: Uint8Array | null
  readonly #found: Found
  readonly #tails: Record<Direction, Tail> = { in: emptyTail(), out: emptyTail() }

  constructor(memory: SearchMemory, wanted: Wanted, found: Found) {
    memory.lookFor(wanted)
    this.#memory = memory
    this.#pattern = Buffer.from(wanted.bytes)
    this.#masks = wanted.masks
    this.#found = found
  }

  chunk(place: Place, isDatagram: boolean, memory: Buffer, from: number): void {
    const tail = isDatagram ? emptyTail() : this.#tails[place.direction]
    if (!isDatagram) this.#acrossEdge(tail, place, memory, from)
    const end = from + place.lengthBytes
    let at = Math.max(from, from + tail.free - place.offset)
    for (;;) {
      at = this.#memory.find(at, end)
      if (at < 0) break
      this.#found(place, at - from, this.#pattern.length)
      at += this.#pattern.length
      tail.free = place.offset + at - from
    }
    if (!isDatagram) this.#keepTail(tail, place, memory, from)
  }

  /** What is found is told at once: nothing waits. */
  rest(): void {
    return
  }

  /** Matches that begin before this chunk and end in it. */
  #acrossEdge(tail: Tail, place: Place, memory: Buffer, from: number): void {
    if (tail.bytes.length === 0) return
    const reach = Math.min(place.lengthBytes, this.#pattern.length - 1)
    const joint = Buffer.concat([tail.bytes, memory.subarray(from, from + reach)])
    const jointFrom = place.offset - tail.bytes.length
    let at = Math.max(0, tail.free - jointFrom)
    for (;;) {
      at = this.#indexIn(joint, at)
      if (at < 0 || at >= tail.bytes.length) return
      const begins = tail.places.at(jointFrom + at)
      this.#found(begins, jointFrom + at - begins.offset, this.#pattern.length)
      at += this.#pattern.length
      tail.free = jointFrom + at
    }
  }

  /** In a few bytes: as many as two patterns have. */
  #indexIn(joint: Buffer, from: number): number {
    const masks = this.#masks
    if (masks === null) return joint.indexOf(this.#pattern, from)
    for (let at = from; at + this.#pattern.length <= joint.length; at++) {
      if (this.#pattern.every((byte, n) => ((joint[at + n] ?? 0) | (masks[n] ?? 0)) === byte)) return at
    }
    return -1
  }

  #keepTail(tail: Tail, place: Place, memory: Buffer, from: number): void {
    const kept = this.#pattern.length - 1
    if (kept === 0 || place.lengthBytes === 0) return
    const end = from + place.lengthBytes
    const own = memory.subarray(Math.max(from, end - kept), end)
    const before = tail.bytes.subarray(Math.max(0, tail.bytes.length + own.length - kept))
    // A copy: the memory is read into again.
    tail.bytes = Buffer.concat([before, own])
    tail.places.add(place)
    tail.places.dropBefore(place.offset + place.lengthBytes - tail.bytes.length)
  }
}

function emptyTail(): Tail {
  return { bytes: Buffer.alloc(0), places: new Places(), free: 0 }
}
