import { FaultError, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type Direction } from '../../shared/model/record'
import { entriesOf } from '../capture/entries'
import { type CaptureReader } from '../capture/types'

/** So many chunks, and so many of their bytes, are tried in other orders. */
const MOST_PIECES = 64
const MOST_BYTES = 256 * 1024
const PAGE_ROWS = 1024

/** One direction of a socket's record. */
export interface RecordedStream {
  readonly reader: Pick<CaptureReader, 'records' | 'rowAtOffset' | 'bytes' | 'size'>
  readonly id: SocketId
  readonly direction: Direction
  /** Added to all offsets. */
  readonly shift?: number
}

/** A chunk or datagram of a stream. */
interface Piece {
  readonly offset: number
  readonly lengthBytes: number
}

/**
 * Whether the chunks that were recorded around an offset came in another order: the offsets of those that moved, in the order in which they
 * came; null if that does not explain the difference. Rejects with a FaultError.
 */
export async function otherOrder(
  expected: RecordedStream,
  actual: RecordedStream,
  offset: number,
): Promise<readonly number[] | null> {
  const pieces = await piecesFrom(expected, offset)
  const [first] = pieces
  const last = pieces.at(-1)
  if (first === undefined || last === undefined || pieces.length < 2) return null
  const to = last.offset + last.lengthBytes
  const [wanted, came] = await Promise.all([
    bytesOf(expected, first.offset, to),
    bytesOf(actual, first.offset, to),
  ])
  const texts = pieces.map((piece) =>
    wanted.subarray(piece.offset - first.offset).subarray(0, piece.lengthBytes),
  )
  return permutation(texts, came)?.map((n) => pieces[n]?.offset ?? 0) ?? null
}

/**
 * Finds those at the front whose bytes came in another order, and in which.
 * @returns their numbers in the order in which they came: the fewest that make up the beginning of what came; null if none do
 */
export function permutation(pieces: readonly Uint8Array[], came: Uint8Array): number[] | null {
  const order: number[] = []
  const taken = new Set<number>()
  let at = 0
  let highest = -1
  for (;;) {
    const next = pieces.findIndex(
      (piece, n) => !taken.has(n) && piece.length > 0 && startsWith(came.subarray(at), piece),
    )
    if (next === -1) return null
    taken.add(next)
    order.push(next)
    at += (pieces[next] as Uint8Array).length
    highest = Math.max(highest, next)
    const isWhole = pieces.every((piece, n) => n > highest || taken.has(n) || piece.length === 0)
    if (isWhole && order.some((n, place) => place > 0 && n < (order[place - 1] as number))) return order
  }
}

/** Where two streams of the same bytes are first cut into datagrams at different places; null if they are not. Rejects with a FaultError. */
export async function otherBoundary(
  expected: RecordedStream,
  actual: RecordedStream,
): Promise<number | null> {
  const [one, other] = [piecesOf(expected, 0), piecesOf(actual, 0)]
  for (;;) {
    const [a, b] = [(await one.next()).value, (await other.next()).value]
    if (a === undefined && b === undefined) return null
    if (a?.lengthBytes !== b?.lengthBytes)
      return (a ?? b ?? { offset: 0 }).offset + Math.min(a?.lengthBytes ?? 0, b?.lengthBytes ?? 0)
  }
}

async function piecesFrom(stream: RecordedStream, offset: number): Promise<Piece[]> {
  const row = await stream.reader.rowAtOffset(stream.id, stream.direction, offset)
  const found: Piece[] = []
  let bytes = 0
  for await (const piece of piecesOf(stream, must(row))) {
    bytes += piece.lengthBytes
    if (found.length === MOST_PIECES || bytes > MOST_BYTES) break
    found.push(piece)
  }
  return found
}

async function* piecesOf(
  { reader, id, direction }: RecordedStream,
  fromRow: number,
): AsyncGenerator<Piece, undefined, undefined> {
  const { rows } = reader.size(id)
  for (let row = fromRow; row < rows; row += PAGE_ROWS) {
    const records = await reader.records(id, row, Math.min(PAGE_ROWS, rows - row))
    for (const entry of entriesOf(records, row))
      if (entry.isData && entry.direction === direction) yield entry
  }
  return undefined
}

export async function bytesOf(
  { reader, id, direction, shift = 0 }: RecordedStream,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let at = Math.max(0, from + shift); at < to + shift;) {
    const { bytes } = must(await reader.bytes(id, direction, at, to + shift))
    if (bytes.length === 0) break
    parts.push(bytes)
    at += bytes.length
  }
  return Buffer.concat(parts)
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && Buffer.compare(bytes.subarray(0, start.length), start) === 0
}

function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value
}
