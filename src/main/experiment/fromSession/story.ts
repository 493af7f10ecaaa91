import { fault, FaultError } from '../../../shared/model/fault'
import { isConnectionId, isListenerId, isOfBench, type SocketId } from '../../../shared/model/ids'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { exportedRows } from '../../capture/export/exportedRows'
import { stretchesOf } from '../../capture/export/stretches'
import { type CaptureReader } from '../../capture/types'

/** What happened, as far as an experiment can tell of it. */
export type Told = ToldData | ToldEvent

interface ToldOf {
  readonly id: SocketId
  readonly atNanos: number
}
export interface ToldData extends ToldOf {
  readonly kind: 'data'
  readonly direction: Direction
  readonly bytes: Uint8Array
  /** The other address of a datagram. */
  readonly peer: string | null
}
export interface ToldEvent extends ToldOf {
  readonly kind: 'event'
  readonly event: SocketEvent
}

/** A recording in memory. */
export interface Story {
  readonly ids: readonly SocketId[]
  readonly about: (id: SocketId) => string
  /** In the order of time. */
  readonly all: readonly Told[]
  readonly of: ReadonlyMap<SocketId, readonly Told[]>
}

/** More does not fit the file that comes out, even where half of it goes without saying. */
const MAX_BYTES = 2_000_000
const MAX_ROWS = 50_000

/**
 * Reads what happened into memory. Throws a FaultError where that is more than an experiment can hold.
 * @param id one connection, with its listener if it was accepted; a listener with all its callers; null for everything
 */
export async function readStory(
  reader: CaptureReader,
  id: SocketId | null,
  signal: AbortSignal,
  onProgress?: (doneBytes: number, totalBytes: number) => void,
): Promise<Story> {
  if (id !== null) await stretchesOf(reader, { id, stream: 'both' }) // tells what is not there
  const wanted = id === null ? null : belongingTo(reader, id)
  const stretches = (await stretchesOf(reader, { id: null, stream: 'both' })).filter(
    // What was done by hand, one call at a time, is no step of an experiment.
    (each) => !isOfBench(each.id) && (wanted === null || wanted.has(each.id)),
  )
  const totalBytes = stretches.reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = stretches.reduce((sum, { firstRow, endRow }) => sum + endRow - firstRow, 0)
  if (totalBytes > MAX_BYTES || rows > MAX_ROWS) throw new FaultError(tooMuch(totalBytes, rows))
  const all: Told[] = []
  const of = new Map<SocketId, Told[]>(stretches.map((each) => [each.id, []]))
  let doneBytes = 0
  for await (const batch of exportedRows(reader, stretches, true, signal)) {
    for (const row of batch) {
      // A batch's bytes are good until the next is asked for.
      const told: Told = row.kind === 'data' ? { ...row, bytes: new Uint8Array(row.bytes) } : row
      if (row.kind === 'data') doneBytes += row.bytes.length
      all.push(told)
      of.get(row.id)?.push(told)
    }
    onProgress?.(doneBytes, totalBytes)
  }
  return { ids: stretches.map((each) => each.id), about: (each) => reader.about(each), all, of }
}

export function tooMuch(bytes: number, rows: number): FaultError['fault'] {
  return fault(
    'SB_INPUT',
    `The session is too much for an experiment: ${bytes} bytes in ${rows} chunks and events.`,
    { hint: 'Choose one connection with --connection, or play the session itself: switchboard replay.' },
  )
}

/** The listener that a connection's description names: `accepted by L1`. */
export function listenerNamedIn(about: string): SocketId | null {
  const id = /^accepted by (\S+)$/.exec(about)?.[1] ?? ''
  return isListenerId(id) ? id : null
}

function belongingTo(reader: CaptureReader, id: SocketId): ReadonlySet<SocketId> {
  const listenerOf = (each: SocketId): SocketId | null => listenerNamedIn(reader.about(each))
  if (isListenerId(id)) return new Set([id, ...reader.ids().filter((each) => listenerOf(each) === id)])
  const listener = isConnectionId(id) ? listenerOf(id) : null
  return new Set(listener === null ? [id] : [listener, id])
}
