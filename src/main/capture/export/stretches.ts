import { fault, FaultError, type Reply } from '../../../shared/model/fault'
import { type ExportScope } from '../../../shared/model/export'
import { type SocketId } from '../../../shared/model/ids'
import { type StreamName } from '../../../shared/model/record'
import { entriesOf, type Entry } from '../entries'
import { type CaptureReader } from '../types'

/** Consecutive rows of one socket, as far as there are any when an export begins. */
export interface Stretch {
  readonly id: SocketId
  readonly file: string
  readonly stream: StreamName
  readonly firstRow: number
  readonly endRow: number
  /** Offsets in the stream between which bytes are wanted; what lies before or after is cut off its chunk. */
  readonly fromByte: number
  readonly toByte: number
  /** Payload bytes in it. */
  readonly bytes: number
}

/** The rows that a scope names. Throws a FaultError where it names none, Node's error where they cannot be read. */
export async function stretchesOf(reader: CaptureReader, scope: ExportScope): Promise<readonly Stretch[]> {
  const { id, stream, rows, bytes } = scope
  const ids = reader.ids()
  const missing = scope.ids?.find((each) => !ids.includes(each))
  if (missing !== undefined) throw new FaultError(unknown(missing, ids))
  if (id === null)
    return (scope.ids ?? ids).map((each) => wholeOf(reader, each, stream)).filter(({ endRow }) => endRow > 0)
  if (!ids.includes(id)) throw new FaultError(unknown(id, ids))
  if (bytes !== undefined) return [await bytesOf(reader, id, stream, bytes.from, bytes.to)]
  if (rows !== undefined) return [await rowsOf(reader, id, stream, rows.from, rows.to)]
  return [wholeOf(reader, id, stream)]
}

const MOST_NAMED = 20

function unknown(id: string, ids: readonly string[]): FaultError['fault'] {
  const named = ids.slice(0, MOST_NAMED).join(', ')
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : ''
  return fault('SB_UNKNOWN', `Nothing is recorded of ${id}.`, {
    hint: ids.length === 0 ? 'Nothing at all is recorded.' : `There are ${named}${more}.`,
  })
}

function wholeOf(reader: CaptureReader, id: SocketId, stream: StreamName): Stretch {
  const { rows, inBytes, outBytes } = reader.size(id)
  const bytes = stream === 'in' ? inBytes : stream === 'out' ? outBytes : inBytes + outBytes
  return {
    id,
    file: reader.fileOf(id),
    stream,
    firstRow: 0,
    endRow: rows,
    fromByte: 0,
    toByte: Infinity,
    bytes,
  }
}

async function rowsOf(
  reader: CaptureReader,
  id: SocketId,
  stream: StreamName,
  from: number,
  to: number,
): Promise<Stretch> {
  const whole = wholeOf(reader, id, stream)
  const endRow = Math.min(to, whole.endRow)
  const firstRow = Math.min(from, endRow)
  const first = await entryAt(reader, id, firstRow)
  const after = await entryAt(reader, id, endRow)
  const total = whole.bytes
  const bytes =
    (after === null ? total : beforeOf(after, stream)) - (first === null ? total : beforeOf(first, stream))
  return { ...whole, firstRow, endRow, bytes }
}

async function bytesOf(
  reader: CaptureReader,
  id: SocketId,
  stream: StreamName,
  from: number,
  to: number,
): Promise<Stretch> {
  const whole = wholeOf(reader, id, stream)
  const toByte = Math.min(to, whole.bytes)
  const fromByte = Math.min(from, toByte)
  if (fromByte === toByte) return { ...whole, endRow: 0, fromByte, toByte, bytes: 0 }
  const firstRow = must(await reader.rowAtOffset(id, stream, fromByte))
  const endRow = must(await reader.rowAtOffset(id, stream, toByte - 1)) + 1
  return { ...whole, firstRow, endRow, fromByte, toByte, bytes: toByte - fromByte }
}

async function entryAt(reader: CaptureReader, id: SocketId, row: number): Promise<Entry | null> {
  return entriesOf(await reader.records(id, row, 1), row)[0] ?? null
}

/** Bytes of a stream that come before a row. */
function beforeOf(entry: Entry, stream: StreamName): number {
  const outBefore = entry.direction === 'out' ? entry.offset : entry.combinedOffset - entry.offset
  return stream === 'both'
    ? entry.combinedOffset
    : stream === 'out'
      ? outBefore
      : entry.combinedOffset - outBefore
}

function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value
}
