import { describeFault, type Reply } from '../../../shared/model/fault'
import { type ConnectionId, type DatagramId } from '../../../shared/model/ids'
import { type Row } from '../../../shared/model/record'
import { until, type Moment } from './moment'
import { type Done } from './outcome'
import { type RunGround } from './places'

/** One read of the record gives no more. */
const ROWS_A_READ = 256

/** Null while whatever comes is recorded. Once the recording has failed, nobody counts what comes, and it can be compared with nothing. */
export function ifUnrecorded({ capture }: RunGround): Done | null {
  const { fault } = capture.status()
  if (fault === undefined) return null
  return {
    ok: false,
    note: `What came since is not recorded, and cannot be looked at: ${describeFault(fault)}`,
    fault,
  }
}

/** As `until`, of what the record tells: what it does not hold, once it has failed, is not waited for. */
export function untilRecorded(
  moment: Moment,
  look: () => Done | null | Promise<Done | null>,
): Promise<Done | null> {
  return until(moment, async () => {
    // Before one looks: what is recorded meanwhile is looked at again.
    const unrecorded = ifUnrecorded(moment.places.ground)
    return (await look()) ?? unrecorded
  })
}

/** What came in, from offset `from` of the stream to `to`; less where not all is there, or it is more than one read gives. */
export async function bytesIn(
  { capture }: RunGround,
  id: ConnectionId | DatagramId,
  from: number,
  to: number,
): Promise<Reply<Uint8Array>> {
  if (to <= from) return { ok: true, value: new Uint8Array(0) }
  const reply = await capture.bytes(id, 'in', from, to)
  return reply.ok ? { ok: true, value: reply.value.bytes } : reply
}

/** The first row from `from` on that `find` makes something of, with the number of the row after it. */
export async function firstRow<T>(
  { capture }: RunGround,
  id: DatagramId,
  from: number,
  find: (row: Row) => T | null,
): Promise<Reply<{ readonly found: T | null; readonly next: number }>> {
  let next = from
  for (;;) {
    const reply = await capture.read(id, next, next + ROWS_A_READ)
    if (!reply.ok) return reply
    for (const row of reply.value) {
      next = row.row + 1
      const found = find(row)
      if (found !== null) return { ok: true, value: { found, next } }
    }
    if (reply.value.length === 0) return { ok: true, value: { found: null, next } }
  }
}
