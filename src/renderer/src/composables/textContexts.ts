import { unpackRows } from '@shared/contract/packedRows'
import type { SocketId } from '@shared/model/ids'
import type { ByteRange, Direction, StreamName } from '@shared/model/record'
import { call } from '../bridge/bridge'
import type { Context, Contexts } from './textLines'

/** As much of what comes before as tells where characters begin. */
const LOOK_BACK_BYTES = 4096

/** What comes before a piece of a stream in each of its directions. */
export async function contextsOf(id: SocketId, stream: StreamName, range: ByteRange): Promise<Contexts> {
  const found: Partial<Record<Direction, Context>> = {}
  for (const direction of ['in', 'out'] as const) {
    const span = range.spans.find((each) => each.direction === direction)
    if (span === undefined) continue
    let offset = range.from + span.start
    if (stream === 'both') {
      const read = await call('capture.read', { id, from: span.row, to: span.row + 1 })
      const row = read.ok ? unpackRows(read.value.rows)[0] : undefined
      if (row?.kind !== 'data') continue
      offset += row.offset - row.combinedOffset
    }
    const from = Math.max(0, offset - LOOK_BACK_BYTES)
    const before = await call('capture.bytes', { id, stream: direction, from, to: offset })
    if (before.ok) found[direction] = { offset, before: before.value.bytes }
  }
  return found
}
