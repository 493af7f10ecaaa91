import fs from 'node:fs'
import { promisify } from 'node:util'
import { fault, FaultError } from '../../shared/model/fault'

const read = promisify(fs.read)

/** What of a capture is in memory. */
export interface Memory {
  /** Copies what is there of a piece of the file to a place in the target, and tells which parts are only in the file. */
  copy(
    from: number,
    to: number,
    target: Uint8Array,
    targetAt: number,
    missing: (from: number, to: number) => void,
  ): void
}

/** A piece of the file that is wanted. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Pieces closer than this are read together: one read of a little more is quicker than two. */
const MAX_GAP_BYTES = 8192
const MAX_TOGETHER_BYTES = 1024 * 1024

/** The pieces that were asked for, by their place in the file. */
export class Fetched {
  readonly #pieces: readonly Piece[]
  readonly #known: ReadonlyMap<number, Uint8Array>
  constructor(pieces: readonly Piece[], known: ReadonlyMap<number, Uint8Array>) {
    this.#pieces = pieces
    this.#known = known
  }
  /** A view on the bytes; it shares memory with its neighbours. */
  at(from: number, to: number): Uint8Array {
    if (to <= from) return NOTHING
    const known = this.#known.get(from)
    if (known !== undefined && known.length >= to - from) return known.subarray(0, to - from)
    let low = 0
    let high = this.#pieces.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#pieces[middle] as Piece).from <= from) low = middle
      else high = middle - 1
    }
    const piece = this.#pieces[low]
    if (piece === undefined || from < piece.from || to > piece.to)
      throw new RangeError(`${from} to ${to} was not asked for`)
    return piece.bytes.subarray(from - piece.from, to - piece.from)
  }
}

const NOTHING = new Uint8Array(0)
const NOTHING_KNOWN: ReadonlyMap<number, Uint8Array> = new Map()

interface Piece extends Range {
  readonly bytes: Uint8Array
}

/**
 * Gets pieces of a capture: what is in memory at once, before anything else can happen to it, the rest from the file.
 * Rejects with Node's error, or with a FaultError when the file has become shorter.
 * @param known pieces that are there already, by where they begin
 */
export async function fetch(
  memory: Memory,
  descriptor: number,
  ranges: Range[],
  known: ReadonlyMap<number, Uint8Array> = NOTHING_KNOWN,
): Promise<Fetched> {
  const pieces: Piece[] = []
  const reads: Promise<void>[] = []
  for (const { from, to } of together(ranges)) {
    const bytes = new Uint8Array(to - from)
    pieces.push({ from, to, bytes })
    memory.copy(from, to, bytes, 0, (missingFrom, missingTo) => {
      reads.push(readFully(descriptor, bytes.subarray(missingFrom - from, missingTo - from), missingFrom))
    })
  }
  await Promise.all(reads)
  return new Fetched(pieces, known)
}

function together(ranges: Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => a.from - b.from)
  const joined: { from: number; to: number }[] = []
  for (const range of sorted) {
    const last = joined.at(-1)
    const isNear = last !== undefined && range.from - last.to <= MAX_GAP_BYTES
    // What overlaps is always read together, so that each piece is found whole.
    if (
      last !== undefined &&
      (range.from < last.to || (isNear && range.to - last.from <= MAX_TOGETHER_BYTES))
    ) {
      last.to = Math.max(last.to, range.to)
    } else if (range.to > range.from) joined.push({ ...range })
  }
  return joined
}

async function readFully(descriptor: number, target: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < target.length) {
    const { bytesRead } = await read(descriptor, target, done, target.length - done, at + done)
    if (bytesRead === 0) {
      throw new FaultError(
        fault('SB_CAPTURE', 'The recording is shorter than it was.', {
          syscall: 'read',
          hint: 'Something else has cut the file, or the disk had no room for its end.',
        }),
      )
    }
    done += bytesRead
  }
}
