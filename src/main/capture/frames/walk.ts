import { type Direction } from '../../../shared/model/record'
import { type FrameProblem, type Framing } from '../../../shared/model/framing'
import { type FrameEnd, type Framer, framerFor } from '../../../shared/wire/framing/framer'
import { entriesOf, type Entry } from '../entries'
import { chunksOf } from '../scan/extents'
import { type FileReading } from '../scan/fileReading'
import { type RowBatch } from '../scan/rowBatch'

/** A frame that has been found. Its direction's frames lie end to end. */
export interface FoundFrame {
  readonly number: number
  readonly direction: Direction
  readonly offset: number
  readonly lengthBytes: number
  readonly row: number
  readonly atNanos: number
  readonly endNanos: number
  readonly problem: FrameProblem | null
}

/** Where a walk stands, as floats, so that it can be kept and taken up again: this many, of PLACE and then of SIDE for `in` and for `out`. */
export const PLACE = { frames: 0, row: 1, skippedBytes: 2 } as const
const SIDE = { offset: 0, lengthBytes: 1, note: 2, lastNanos: 3, row: 4, atNanos: 5 } as const
const SIDES_FROM = 3
const SIDE_FLOATS = 6
export const PLACE_FLOATS = SIDES_FROM + 2 * SIDE_FLOATS

/** Who is told what a walk comes upon. In each call the walk's place is right after it, or right before. */
export interface WalkTold {
  found(frame: FoundFrame): void
  /** The next row begins. */
  begins?(): void
}

interface Side {
  readonly framer: Framer
  readonly ended: FrameEnd
  /** Where the frame under way begins, in its stream and in time. Of one that has no byte yet only the offset counts. */
  offset: number
  row: number
  atNanos: number
}

/**
 * Goes through a socket's rows in their order and tells of each frame once it is complete. Where it stands is a few numbers:
 * a walk that is taken up from them tells of the same frames.
 */
export class Walk {
  /** Frames told so far. */
  frames = 0
  /** Bytes and rows gone through since it began or was taken up. */
  bytes = 0
  rowsPassed = 0
  readonly #told: WalkTold
  readonly #sides: { readonly in: Side; readonly out: Side }
  /** The row that is under way, and from which of its bytes on. */
  #entry: Entry | null = null
  #from = 0
  /** The row to go on with, and its bytes that belong to frames told already. */
  #row = 0
  #skippedBytes = 0

  constructor(framing: Framing, told: WalkTold) {
    const side = (direction: Direction): Side => ({
      framer: framerFor(framing),
      ended: (end, lengthBytes, problem) => this.#ended(direction, end, lengthBytes, problem),
      offset: 0,
      row: 0,
      atNanos: 0,
    })
    this.#told = told
    this.#sides = { in: side('in'), out: side('out') }
  }

  /** Takes the rows of a batch, which begins with the row it stands at. */
  rows(reading: FileReading, { file, firstRow, records }: Omit<RowBatch, 'socket'>): void {
    // Rows without bytes count too: their times can end a frame, and an empty datagram is one.
    const entries = entriesOf(records, firstRow)
    let next = 0
    const without = (upTo: number): void => {
      for (; next < upTo; next++) this.#take(entries[next] as Entry, NO_BYTES)
    }
    reading.eachChunk(file, chunksOf(records, firstRow, 'both'), (chunk, memory, at) => {
      without(chunk.row - firstRow)
      this.#take(chunk, memory.subarray(at, at + chunk.lengthBytes))
      next++
    })
    without(entries.length)
  }

  /** What has come of frames that are not complete. Their numbers are those after the last complete one. */
  unfinished(): readonly FoundFrame[] {
    const frames: FoundFrame[] = []
    for (const direction of ['in', 'out'] as const) {
      const { framer, offset, row, atNanos } = this.#sides[direction]
      const { lengthBytes, lastNanos: endNanos } = framer.frame
      if (lengthBytes === 0) continue
      const number = this.frames + frames.length
      frames.push({ number, direction, offset, lengthBytes, row, atNanos, endNanos, problem: null })
    }
    return frames
  }

  save(): Float64Array<ArrayBuffer> {
    const place = new Float64Array(PLACE_FLOATS)
    this.saveTo(place, 0)
    return place
  }
  saveTo(place: Float64Array, at: number): void {
    place[at + PLACE.frames] = this.frames
    place[at + PLACE.row] = this.#row
    place[at + PLACE.skippedBytes] = this.#skippedBytes
    this.#saveSide(this.#sides.in, place, at + SIDES_FROM)
    this.#saveSide(this.#sides.out, place, at + SIDES_FROM + SIDE_FLOATS)
  }
  resume(place: Float64Array): void {
    this.frames = place[PLACE.frames] as number
    this.#row = place[PLACE.row] as number
    this.#skippedBytes = place[PLACE.skippedBytes] as number
    this.#resumeSide(this.#sides.in, place, SIDES_FROM)
    this.#resumeSide(this.#sides.out, place, SIDES_FROM + SIDE_FLOATS)
  }

  #saveSide({ framer, offset, row, atNanos }: Side, place: Float64Array, at: number): void {
    place[at + SIDE.offset] = offset
    place[at + SIDE.lengthBytes] = framer.frame.lengthBytes
    place[at + SIDE.note] = framer.frame.note
    place[at + SIDE.lastNanos] = framer.frame.lastNanos
    place[at + SIDE.row] = row
    place[at + SIDE.atNanos] = atNanos
  }
  #resumeSide(side: Side, place: Float64Array, at: number): void {
    side.offset = place[at + SIDE.offset] as number
    side.framer.frame.lengthBytes = place[at + SIDE.lengthBytes] as number
    side.framer.frame.note = place[at + SIDE.note] as number
    side.framer.frame.lastNanos = place[at + SIDE.lastNanos] as number
    side.row = place[at + SIDE.row] as number
    side.atNanos = place[at + SIDE.atNanos] as number
  }

  #take(entry: Entry, bytes: Uint8Array): void {
    const { in: received, out: sent } = this.#sides
    this.#told.begins?.()
    this.#entry = entry
    this.#from = this.#skippedBytes
    received.framer.pass(entry.atNanos, received.ended)
    sent.framer.pass(entry.atNanos, sent.ended)
    if (entry.isData) this.#data(entry, this.#from === 0 ? bytes : bytes.subarray(this.#from))
    this.#row = entry.row + 1
    this.#skippedBytes = 0
    this.rowsPassed++
  }

  #data({ row, atNanos, direction, isDatagram, lengthBytes }: Entry, bytes: Uint8Array): void {
    const side = this.#sides[direction]
    if (side.framer.frame.lengthBytes === 0) {
      side.row = row
      side.atNanos = atNanos
    }
    this.bytes += bytes.length
    side.framer.push(bytes, atNanos, side.ended)
    if (!isDatagram) return
    side.framer.endDatagram(bytes.length, side.ended)
    if (lengthBytes === 0) side.ended(0, 0, null)
  }

  #ended(direction: Direction, end: number, lengthBytes: number, problem: FrameProblem | null): void {
    const entry = this.#entry as Entry
    const side = this.#sides[direction]
    const { offset, row, atNanos } = side
    side.offset = offset + lengthBytes
    side.row = entry.row
    side.atNanos = entry.atNanos
    const taken = this.#from + end
    const isRowDone = entry.isData && entry.direction === direction && taken === entry.lengthBytes
    this.#row = isRowDone ? entry.row + 1 : entry.row
    this.#skippedBytes = isRowDone ? 0 : taken
    const { lastNanos: endNanos } = side.framer.frame
    const number = this.frames++
    this.#told.found({ number, direction, offset, lengthBytes, row, atNanos, endNanos, problem })
  }
}

const NO_BYTES = new Uint8Array(0)
