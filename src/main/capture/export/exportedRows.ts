import { open, type FileHandle } from 'node:fs/promises'
import { fault, FaultError } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { diskFault } from '../diskFault'
import { type Entry } from '../entries'
import { eventOf, peerOf } from '../peer'
import { PACKET_HEAD_BYTES, padded } from '../pcapng'
import { type CaptureReader } from '../types'
import { Merged, type Placed } from './merged'
import { type Stretch } from './stretches'

/** A row with all that it holds. Its bytes are good until the next batch is asked for. */
export type ExportedRow = ExportedData | ExportedEvent

export interface ExportedData {
  readonly kind: 'data'
  readonly id: SocketId
  readonly row: number
  readonly atNanos: number
  readonly direction: Direction
  /** Of its first byte, in its direction's stream. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly isDatagram: boolean
  /** The other address of a datagram; null for a stream's chunk. */
  readonly peer: string | null
  /** What comes before the payload in the recorded packet. */
  readonly headers: Uint8Array
}

export interface ExportedEvent {
  readonly kind: 'event'
  readonly id: SocketId
  readonly row: number
  readonly atNanos: number
  readonly event: SocketEvent
}

/** So much payload is formatted in one go: sockets that share the thread wait no longer than that takes. */
const BATCH_BYTES = 256 * 1024
const BATCH_ROWS = 512
/** A batch, or one block, which is no longer than Wireshark's limit and its own head. */
const PIECE_BYTES = BATCH_BYTES + 4096
/** What lies between two rows is read along if it is no longer than this. */
const MAX_GAP_BYTES = 64 * 1024

/**
 * The rows of stretches in the order of time, in batches. Reads the capture's file itself, so that memory stays the same however much there is.
 * Throws a FaultError.
 * @param hasEvents whether events come too, where only one direction's bytes are wanted
 */
export async function* exportedRows(
  reader: CaptureReader,
  stretches: readonly Stretch[],
  hasEvents: boolean,
  signal: AbortSignal,
): AsyncGenerator<readonly ExportedRow[]> {
  const files = new Map<string, FileHandle>()
  try {
    const merged = new Merged(reader, stretches)
    const wanted = async (): Promise<Placed | null> => {
      let next = await merged.next()
      while (next !== null && !isWanted(next, hasEvents)) next = await merged.next()
      return next
    }
    const memory = Buffer.allocUnsafe(PIECE_BYTES)
    let held = await wanted()
    while (held !== null) {
      if (signal.aborted) throw new FaultError(fault('SB_CANCELLED', 'The export was cancelled.'))
      const first: Placed = held
      const from = first.entry.block
      const placed: Placed[] = []
      let to = from
      while (held !== null && placed.length < BATCH_ROWS) {
        const end = endOf(held.entry)
        const isApart = !isNear(held, first, to) || end - from > BATCH_BYTES
        if (placed.length > 0 && isApart) break
        placed.push(held)
        to = end
        held = await wanted()
      }
      const piece = await readPiece(files, first.stretch.file, from, to, memory)
      yield placed.map((each) => rowOf(each, piece, from))
    }
  } catch (error) {
    if (error instanceof FaultError) throw error
    throw new FaultError(diskFault(error, 'read', reader.file, 'The recording cannot be read'))
  } finally {
    for (const file of files.values()) await file.close()
  }
}

/** @param to where the rows before it end */
function isNear({ stretch, entry }: Placed, first: Placed, to: number): boolean {
  return stretch.file === first.stretch.file && entry.block >= to && entry.block - to <= MAX_GAP_BYTES
}

function isWanted({ stretch, entry }: Placed, hasEvents: boolean): boolean {
  return entry.isData ? stretch.stream === 'both' || stretch.stream === entry.direction : hasEvents
}

/** Where all that belongs to a row ends: its payload, and the comment behind it. */
function endOf({ payload, lengthBytes, commentBytes }: Entry): number {
  return payload + padded(lengthBytes) + (commentBytes > 0 ? 4 + commentBytes : 0)
}

async function readPiece(
  files: Map<string, FileHandle>,
  path: string,
  from: number,
  to: number,
  memory: Buffer,
): Promise<Uint8Array> {
  if (to - from > memory.length) {
    throw new FaultError(fault('SB_CAPTURE', `The recording is damaged at byte ${from}.`, { endpoint: path }))
  }
  let file = files.get(path)
  if (file === undefined) {
    file = await open(path, 'r')
    files.set(path, file)
  }
  const piece = memory.subarray(0, to - from)
  for (let done = 0; done < piece.length;) {
    const { bytesRead } = await file.read(piece, done, piece.length - done, from + done)
    if (bytesRead === 0) {
      throw new FaultError(
        fault('SB_CAPTURE', 'The recording is shorter than it was.', { syscall: 'read', endpoint: path }),
      )
    }
    done += bytesRead
  }
  return piece
}

/** @param pieceFrom where the piece begins in the file */
function rowOf({ stretch, entry }: Placed, piece: Uint8Array, pieceFrom: number): ExportedRow {
  const { id } = stretch
  const { row, atNanos, payload, lengthBytes } = entry
  const at = (from: number, to: number): Uint8Array => piece.subarray(from - pieceFrom, to - pieceFrom)
  if (!entry.isData)
    return { kind: 'event', id, row, atNanos, event: eventOf(at(payload, payload + lengthBytes)) }
  const { direction, offset, isDatagram } = entry
  const start = stretch.stream === 'both' ? entry.combinedOffset : offset
  const skipped = Math.max(0, stretch.fromByte - start)
  const upTo = Math.min(lengthBytes, stretch.toByte - start)
  return {
    kind: 'data',
    id,
    row,
    atNanos,
    direction,
    offset: offset + skipped,
    bytes: at(payload + skipped, payload + upTo),
    isDatagram,
    peer: isDatagram ? peerOf(entry, at) : null,
    headers: at(entry.block + PACKET_HEAD_BYTES, payload),
  }
}
