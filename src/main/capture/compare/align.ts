import { diff } from 'fast-myers-diff'
import { type Difference } from '../../../shared/model/compare'
import { findAnchor } from './anchors'

/** A run of bytes that can be read from anywhere. */
export interface Readable {
  readonly from: number
  readonly to: number
  /** Bytes at `at`, at most `most` and at least one before the end; good until the next call. */
  read(at: number, most: number): Uint8Array
}

/** Read of each side at once: little after a difference, since another may be near, then more and more. */
const MIN_BLOCK_BYTES = 1024
const MAX_BLOCK_BYTES = 256 * 1024
/** How far ahead is looked for a place where both are alike again: each only when the one before found none. */
const WINDOWS = [1024, 16 * 1024, 256 * 1024, 1024 * 1024]
/** Between two such places, the shortest script of edits is looked for if both sides together have no more: it takes the square of that. */
const MAX_SCRIPT_BYTES = 1024
/** Fewer bytes that happen to be alike between two differences are no reason to part them. */
const MIN_EQUAL_BYTES = 4

/**
 * Finds where B differs from A: equal bytes are passed over block by block; where they differ, the nearest place is looked for
 * at which both go on alike. Memory is bounded by the windows.
 * @param found is told each difference, in order; they never touch each other
 * @param progress is told now and then how many bytes of A and B together are behind
 * @param isRefined asked before a difference is told apart in detail
 */
export function compareBytes(
  a: Readable,
  b: Readable,
  found: (difference: Difference) => void,
  progress: (bytes: number) => void = () => undefined,
  isRefined: () => boolean = () => true,
): void {
  const merged = new Merging(found)
  let atA = a.from
  let atB = b.from
  let block = MIN_BLOCK_BYTES
  while (atA < a.to || atB < b.to) {
    progress(atA - a.from + (atB - b.from))
    if (atA >= a.to || atB >= b.to) {
      merged.add(atA, a.to, atB, b.to)
      break
    }
    const length = Math.min(block, a.to - atA, b.to - atB)
    const equal = equalLength(a.read(atA, length), b.read(atB, length))
    atA += equal
    atB += equal
    if (equal === length) {
      block = Math.min(MAX_BLOCK_BYTES, block * 2)
      continue
    }
    block = MIN_BLOCK_BYTES
    const gap = nextGap(a, atA, b, atB)
    if (isRefined()) refine(gap, atA, atB, merged)
    else merged.add(atA, atA + gap.a.length, atB, atB + gap.b.length)
    atA += gap.a.length
    atB += gap.b.length
  }
  merged.end()
}

interface Gap {
  readonly a: Uint8Array
  readonly b: Uint8Array
}

/** What of both is to be passed over until they are alike again, or the largest windows of both if they are not within those. */
function nextGap(a: Readable, atA: number, b: Readable, atB: number): Gap {
  let windows: Gap = { a: new Uint8Array(0), b: new Uint8Array(0) }
  for (const size of WINDOWS) {
    windows = { a: readAll(a, atA, size), b: readAll(b, atB, size) }
    const isAll = atA + windows.a.length >= a.to && atB + windows.b.length >= b.to
    const anchor = findAnchor(windows.a, windows.b)
    if (anchor !== null) return { a: windows.a.subarray(0, anchor.a), b: windows.b.subarray(0, anchor.b) }
    if (isAll) return windows
  }
  return windows
}

function readAll(of: Readable, at: number, most: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(most, of.to - at))
  for (let done = 0; done < bytes.length;) {
    const part = of.read(at + done, bytes.length - done)
    bytes.set(part, done)
    done += part.length
  }
  return bytes
}

/** Which bytes of a gap differ. */
function refine(gap: Gap, atA: number, atB: number, merged: Merging): void {
  if (gap.a.length + gap.b.length > MAX_SCRIPT_BYTES) {
    merged.add(atA, atA + gap.a.length, atB, atB + gap.b.length)
    return
  }
  for (const [aFrom, aTo, bFrom, bTo] of diff(gap.a, gap.b))
    merged.add(atA + aFrom, atA + aTo, atB + bFrom, atB + bTo)
}

/** Puts differences together that lie next to each other. */
class Merging {
  readonly #found: (difference: Difference) => void
  #last: Difference | null = null

  constructor(found: (difference: Difference) => void) {
    this.#found = found
  }

  add(aFrom: number, aTo: number, bFrom: number, bTo: number): void {
    const last = this.#last
    if (last !== null && aFrom - last.aTo < MIN_EQUAL_BYTES) {
      this.#last = { aFrom: last.aFrom, aTo, bFrom: last.bFrom, bTo }
      return
    }
    this.end()
    this.#last = { aFrom, aTo, bFrom, bTo }
  }

  end(): void {
    if (this.#last !== null) this.#found(this.#last)
    this.#last = null
  }
}

/** How many bytes at the beginning are alike. Halves instead of counting: comparing memory is what a processor does fastest. */
function equalLength(a: Uint8Array, b: Uint8Array): number {
  const [one, other] = [bufferOf(a), bufferOf(b)]
  const length = Math.min(a.length, b.length)
  if (one.compare(other, 0, length, 0, length) === 0) return length
  let low = 0
  let high = length
  // Alike up to `low`; not alike up to `high`.
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (one.compare(other, low, middle, low, middle) === 0) low = middle
    else high = middle
  }
  return low
}
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
