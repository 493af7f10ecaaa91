import { type StreamName } from '../../../shared/model/record'
import { entriesOf, type Entry } from '../entries'
import { RECORD_FLOATS } from '../indexLog'
import { lengthOf, ROW } from '../rows'

/** The chunks among some rows' records, of one direction or both. Empty ones are left out. */
export function chunksOf(records: Float64Array, firstRow: number, stream: StreamName): readonly Entry[] {
  return entriesOf(records, firstRow).filter(
    ({ isData, lengthBytes, direction }) =>
      isData && lengthBytes > 0 && (stream === 'both' || stream === direction),
  )
}

/** Chunks that are read from the file in one go. */
export interface Extent {
  readonly from: number
  readonly to: number
  readonly chunks: readonly Entry[]
}

/** What lies between two chunks of a socket is read along if it is no longer than this. */
const MAX_GAP_BYTES = 128 * 1024

/** @param maxBytes of an extent; no chunk is longer */
export function extentsOf(chunks: readonly Entry[], maxBytes: number): readonly Extent[] {
  const extents: Extent[] = []
  let first = 0
  for (let n = 1; n <= chunks.length; n++) {
    const begin = chunks[first] as Entry
    const last = chunks[n - 1] as Entry
    const next = chunks[n]
    if (
      next !== undefined &&
      next.payload - last.payload - last.lengthBytes <= MAX_GAP_BYTES &&
      next.payload + next.lengthBytes - begin.payload <= maxBytes
    ) {
      continue
    }
    extents.push({ from: begin.payload, to: last.payload + last.lengthBytes, chunks: chunks.slice(first, n) })
    first = n
  }
  return extents
}

/** As many of some rows' records as carry no more than so many bytes; at least one. */
export function recordsWithin(records: Float64Array, maxBytes: number): Float64Array<ArrayBuffer> {
  let bytes = 0
  let at = 0
  for (; at < records.length; at += RECORD_FLOATS) {
    bytes += lengthOf(records[at + ROW.meta] as number)
    if (bytes > maxBytes && at > 0) break
  }
  const whole = records as Float64Array<ArrayBuffer>
  return at >= records.length ? whole : whole.slice(0, at)
}
