import { MAX_ROWS_A_READ } from '@shared/contract/limits'
import { unpackRows } from '@shared/contract/packedRows'
import type { Reply } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import { MAX_NANOS, type DataRow, type StreamName } from '@shared/model/record'
import { sinceBeginning, type Jump } from '@shared/wire/jump'
import { call } from '../bridge/bridge'
import type { SelectedBytes } from './useByteSelection'

/** A row of a record, and where it was asked for by its offset, the byte. */
export interface Place {
  readonly row: number
  readonly byte: { readonly stream: StreamName; readonly offset: number; readonly lengthBytes: number } | null
}

/** A jump that needs no list of marks. */
export type FixedJump = Exclude<Jump, { to: 'mark' }>

export interface Places {
  /**
   * Where a jump leads; a row past the end is the service's last.
   * @param stream the one that is meant where the jump names none
   */
  find(jump: FixedJump, stream: StreamName, beganAtMs: number): Promise<Reply<Place>>
  /** Where a place begins in a stream: its byte, or its row's first one, or that of the next row that has any. Null at the end. */
  offsetOf(place: Place, stream: StreamName): Promise<number | null>
  /** The byte of a place within its chunk; null if it has none there. */
  byteOf(place: Place, row: DataRow): SelectedBytes | null
}

/** Finds places of one socket's record by row, offset or time. */
export function usePlaces(id: SocketId): Places {
  return {
    async find(jump, stream, beganAtMs) {
      switch (jump.to) {
        case 'row':
          return { ok: true, value: { row: jump.row, byte: null } }
        case 'offset': {
          const { offset, lengthBytes } = jump
          const place = { stream: jump.stream ?? stream, offset }
          const reply = await call('capture.rowAtOffset', { id, ...place })
          return reply.ok ? { ok: true, value: { row: reply.value, byte: { ...place, lengthBytes } } } : reply
        }
        case 'elapsed':
          return atTime(jump.atNanos)
        case 'clock':
          return atTime(sinceBeginning(jump.dayNanos, dayNanosOf(beganAtMs)))
        case 'date':
          return atTime(Math.min(MAX_NANOS, Math.max(0, (jump.secondMs - beganAtMs) * 1e6 + jump.nanos)))
      }
    },
    async offsetOf({ row, byte }, stream) {
      if (byte !== null) return byte.offset
      const reply = await call('capture.read', { id, from: row, to: row + MAX_ROWS_A_READ })
      if (!reply.ok) return null
      const first = unpackRows(reply.value.rows).find(
        (each) => each.kind === 'data' && (stream === 'both' || stream === each.direction),
      )
      if (first?.kind !== 'data') return null
      return stream === 'both' ? first.combinedOffset : first.offset
    },
    byteOf({ byte }, row) {
      if (byte === null) return null
      const from = byte.offset - (byte.stream === 'both' ? row.combinedOffset : row.offset)
      const isOurs = byte.stream === 'both' || byte.stream === row.direction
      const to = Math.min(row.lengthBytes, from + byte.lengthBytes)
      return isOurs && from >= 0 && from < row.lengthBytes ? { from, to } : null
    },
  }

  async function atTime(atNanos: number): Promise<Reply<Place>> {
    const reply = await call('capture.rowAtTime', { id, atNanos })
    return reply.ok ? { ok: true, value: { row: reply.value, byte: null } } : reply
  }
}

/** Since the local midnight before. */
function dayNanosOf(ms: number): number {
  const at = new Date(ms)
  const seconds = at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds()
  return (seconds * 1000 + at.getMilliseconds()) * 1e6
}
