import { type Direction } from '../../shared/model/record'
import { RECORD_FLOATS } from './indexLog'
import { commentWordsOf, FLAG, flagsOf, headBytesOf, lengthOf, ROW } from './rows'

/** A row's record, unpacked. */
export interface Entry {
  readonly row: number
  readonly block: number
  readonly atNanos: number
  readonly isData: boolean
  readonly isDatagram: boolean
  /** Length of the comment that names the peer, with its padding; 0 without one. */
  readonly commentBytes: number
  readonly direction: Direction
  readonly offset: number
  readonly combinedOffset: number
  /** Where the payload, or the event's JSON, begins in the file. */
  readonly payload: number
  readonly lengthBytes: number
}

/** What some rows' records tell. @param firstRow the number of the first */
export function entriesOf(records: Float64Array, firstRow: number): Entry[] {
  const entries: Entry[] = []
  for (let at = 0, row = firstRow; at < records.length; at += RECORD_FLOATS, row++) {
    const meta = records[at + ROW.meta] as number
    const flags = flagsOf(meta)
    const direction = flags & FLAG.out ? 'out' : 'in'
    const block = records[at + ROW.block] as number
    const inBefore = records[at + ROW.inBefore] as number
    const outBefore = records[at + ROW.outBefore] as number
    entries.push({
      row,
      block,
      atNanos: records[at + ROW.atNanos] as number,
      isData: (flags & FLAG.data) !== 0,
      isDatagram: (flags & FLAG.datagram) !== 0,
      commentBytes: commentWordsOf(meta) * 4,
      direction,
      offset: direction === 'in' ? inBefore : outBefore,
      combinedOffset: inBefore + outBefore,
      payload: block + headBytesOf(meta),
      lengthBytes: lengthOf(meta),
    })
  }
  return entries
}
