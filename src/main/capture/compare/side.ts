import { closeSync, openSync, readSync } from 'node:fs'
import { chunksOf } from '../scan/extents'
import { type RowBatch } from '../scan/rowBatch'
import { type Readable } from './align'
import { type SideTask } from './messages'

/** Floats of a chunk that is known: where it begins in its stream, and where in the file. */
const PLACE_FLOATS = 2
/** 64 MB of places. */
const MAX_CHUNKS = 4 * 1024 * 1024
/** Read at once, with the headers that lie between chunks. */
const EXTENT_BYTES = 1024 * 1024

/** One side's bytes, read from the capture's file by offset. It learns from the rows where they lie. */
export class Side implements Readable {
  readonly from: number
  readonly to: number
  readonly #task: SideTask
  #places = new Float64Array(1024 * PLACE_FLOATS)
  #count = 0
  /** Where the last known chunk ends. */
  #end = 0
  #file: number | null = null
  readonly #extent = Buffer.alloc(EXTENT_BYTES)
  readonly #out = Buffer.alloc(EXTENT_BYTES)

  constructor(task: SideTask) {
    this.#task = task
    this.from = task.range.from
    this.to = task.range.to
  }

  /** All of its bytes are known. */
  get isKnown(): boolean {
    return this.#end >= this.to || this.from >= this.to
  }

  rows({ socket, file, firstRow, records }: RowBatch): void {
    if (socket !== this.#task.socket || this.isKnown) return
    this.#file ??= openSync(file, 'r')
    const { stream } = this.#task
    for (const chunk of chunksOf(records, firstRow, stream)) {
      const offset = stream === 'both' ? chunk.combinedOffset : chunk.offset
      this.#end = offset + chunk.lengthBytes
      if (this.#end > this.from && offset < this.to) this.#add(offset, chunk.payload)
    }
  }

  read(at: number, most: number): Uint8Array {
    let place = this.#placeOf(at)
    const end = Math.min(this.to, at + Math.min(most, EXTENT_BYTES))
    let done = at
    while (done < end) {
      const first = place
      const begin = this.#payload(first) + done - this.#offset(first)
      // As many chunks as lie close together go in one read.
      while (place + 1 < this.#count && this.#offset(place + 1) < end) {
        const next = place + 1
        if (
          this.#payload(next) + Math.min(end, this.#endOf(next)) - this.#offset(next) - begin >
          EXTENT_BYTES
        )
          break
        place = next
      }
      const last = Math.min(end, this.#endOf(place))
      this.#load(begin, this.#payload(place) + last - this.#offset(place))
      for (let each = first; each <= place; each++) {
        const from = Math.max(done, this.#offset(each))
        const to = Math.min(last, this.#endOf(each))
        const start = this.#payload(each) + from - this.#offset(each) - begin
        this.#extent.copy(this.#out, from - at, start, start + to - from)
      }
      done = last
      place++
    }
    return this.#out.subarray(0, done - at)
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #load(from: number, to: number): void {
    for (let done = 0; done < to - from;) {
      const bytesRead = readSync(this.#file ?? -1, this.#extent, done, to - from - done, from + done)
      if (bytesRead === 0) throw new Error('The recording is shorter than it was.')
      done += bytesRead
    }
  }

  #add(offset: number, payload: number): void {
    if (this.#count >= MAX_CHUNKS) {
      throw new Error(`More than ${MAX_CHUNKS} chunks cannot be compared at once: give a range of bytes.`)
    }
    if ((this.#count + 1) * PLACE_FLOATS > this.#places.length) {
      const more = new Float64Array(this.#places.length * 2)
      more.set(this.#places)
      this.#places = more
    }
    this.#places[this.#count * PLACE_FLOATS] = offset
    this.#places[this.#count * PLACE_FLOATS + 1] = payload
    this.#count++
  }

  #offset(place: number): number {
    return this.#places[place * PLACE_FLOATS] ?? 0
  }
  #payload(place: number): number {
    return this.#places[place * PLACE_FLOATS + 1] ?? 0
  }
  #endOf(place: number): number {
    return place + 1 < this.#count ? this.#offset(place + 1) : this.#end
  }

  /** The chunk that holds a byte. */
  #placeOf(at: number): number {
    let low = 0
    let high = this.#count - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#offset(middle) <= at) low = middle
      else high = middle - 1
    }
    return low
  }
}
