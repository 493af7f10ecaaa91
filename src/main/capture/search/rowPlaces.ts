import { RECORD_FLOATS } from '../indexLog'
import { FLAG, flagsOf, headBytesOf, lengthOf, ROW } from '../rows'
import { type Place } from './places'

/** A chunk, and where its payload lies in the file. */
export interface FilePlace extends Place {
  readonly at: number
  readonly isDatagram: boolean
}

/** The chunks among some rows' records, of one direction or both. Empty ones are left out. */
export function chunksOf(
  records: Float64Array,
  firstRow: number,
  stream: 'in' | 'out' | 'both',
): readonly FilePlace[] {
  const found: FilePlace[] = []
  for (let at = 0, row = firstRow; at < records.length; at += RECORD_FLOATS, row++) {
    const meta = records[at + ROW.meta] as number
    const flags = flagsOf(meta)
    const lengthBytes = lengthOf(meta)
    if (!(flags & FLAG.data) || lengthBytes === 0) continue
    const direction = flags & FLAG.out ? 'out' : 'in'
    if (stream !== 'both' && stream !== direction) continue
    const inBefore = records[at + ROW.inBefore] as number
    const outBefore = records[at + ROW.outBefore] as number
    found.push({
      row,
      atNanos: records[at + ROW.atNanos] as number,
      direction,
      offset: direction === 'in' ? inBefore : outBefore,
      combinedOffset: inBefore + outBefore,
      lengthBytes,
      at: (records[at + ROW.block] as number) + headBytesOf(meta),
      isDatagram: (flags & FLAG.datagram) !== 0,
    })
  }
  return found
}

/** Chunks that are read from the file in one go. */
export interface Extent {
  readonly from: number
  readonly to: number
  readonly chunks: readonly FilePlace[]
}

/** What lies between two chunks of a socket is read along if it is no longer than this. */
const MAX_GAP_BYTES = 128 * 1024

/** @param maxBytes of an extent; no chunk is longer */
export function extentsOf(chunks: readonly FilePlace[], maxBytes: number): readonly Extent[] {
  const extents: Extent[] = []
  let first = 0
  for (let n = 1; n <= chunks.length; n++) {
    const begin = chunks[first] as FilePlace
    const last = chunks[n - 1] as FilePlace
    const next = chunks[n]
    if (
      next !== undefined &&
      next.at - last.at - last.lengthBytes <= MAX_GAP_BYTES &&
      next.at + next.lengthBytes - begin.at <= maxBytes
    ) {
      continue
    }
    extents.push({ from: begin.at, to: last.at + last.lengthBytes, chunks: chunks.slice(first, n) })
    first = n
  }
  return extents
}
