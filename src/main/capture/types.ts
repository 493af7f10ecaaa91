import { type SocketId } from '../../shared/model/ids'
import { type KernelSample } from '../../shared/model/kernel'
import { type Reply } from '../../shared/model/fault'
import { type ByteRange, type CaptureSize, type Row, type StreamName } from '../../shared/model/record'
import { type RecordingStatus } from '../../shared/model/summary'
import { type Recorder } from '../engine/recorder'
import { type MarkPayload } from './payloads'
import { type SamplesPayload } from './samples'

/** Reads what is recorded of sockets, whether it still grows or not. Positions beyond the end are answered by what there is. */
export interface CaptureReader {
  /** The capture's file. */
  readonly file: string
  /** Nanoseconds since 1970 (UTC) at which its clock stood at 0. */
  readonly epochNanos: bigint
  /** Every socket that has a record, in the order they appeared. */
  ids(): readonly SocketId[]
  /** What the file says of a socket: `dialled tcp://127.0.0.1:8060`. Empty for one that is not there. */
  about(id: SocketId): string
  /** The file that holds a socket's record. */
  fileOf(id: SocketId): string
  size(id: SocketId): CaptureSize
  /** Rows `from` to `to` (exclusive), as far as they exist; at most MAX_ROWS_A_READ. What is not on disk yet is read from memory. */
  read(id: SocketId, from: number, to: number): Promise<Reply<readonly Row[]>>
  /** Bytes of one direction, or of both counted together in the order recorded; at most MAX_BYTES_A_READ. */
  bytes(id: SocketId, stream: StreamName, from: number, to: number): Promise<Reply<ByteRange>>
  /** The row that holds the byte at an offset, or the last row if there is none. Logarithmic time. */
  rowAtOffset(id: SocketId, stream: StreamName, offset: number): Promise<Reply<number>>
  /** How many rows were recorded before a moment: the number of the first one at or after it. Logarithmic time. */
  rowAtTime(id: SocketId, atNanos: number): Promise<Reply<number>>
  /** Rows and bytes recorded before each of some moments in ascending order: TOTAL_FLOATS each (see rows.ts). One read a moment at most. */
  totalsBefore(id: SocketId, moments: readonly number[]): Promise<Reply<Float64Array>>
  /**
   * The index records (see rows.ts) of rows from `from` on, at most `most`, as far as they are in the file. For whoever reads the file itself.
   * Rejects with Node's error.
   */
  records(id: SocketId, from: number, most: number): Promise<Float64Array>
  /** Blocks of a socket's samples, each of some seconds. */
  sampleBlocks(id: SocketId): number
  /** How many of them end before a moment. Logarithmic time. */
  sampleBlocksBefore(id: SocketId, atNanos: number): Promise<Reply<number>>
  /** Blocks `from` to `to` (exclusive), as far as they exist; at most MAX_SAMPLE_BLOCKS_A_READ. */
  readSamples(id: SocketId, from: number, to: number): Promise<Reply<readonly SamplesPayload[]>>
}

export interface SaveOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (copiedBytes: number, totalBytes: number) => void
  /** Of saveAs: the file it was in is of no use to anybody: where both are on one file system, it gets the other name, and nothing is copied. */
  readonly isMoved?: boolean | undefined
}

/** An open capture: written by the engine through `Recorder`, read by range while it grows. */
export interface Capture extends Recorder, CaptureReader {
  /** Writes a mark down; a row that has one gets another. */
  mark(mark: MarkPayload): void
  /** Writes samples of a socket of this run down: no rows of its record. */
  sampled(samples: SamplesPayload): void
  status(): RecordingStatus
  onStatus(listener: (status: RecordingStatus) => void): () => void
  /** Resolves when everything appended so far is in the file. */
  flush(): Promise<void>
  /** Resolves when everything appended so far is on the disk itself, or with the fault for which it is not. */
  sync(): Promise<Reply<null>>
  /**
   * Moves it to another file while it goes on. What is there is replaced, only whole; the file it was in stays as it is at that moment,
   * unless it `isMoved`.
   * Where this fails, or is cancelled, it goes on where it was, and nothing is left of the other.
   */
  saveAs(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>>
  /** A copy of what is recorded by now, likewise. Its index is made when it is opened. */
  saveCopy(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>>
  /** Writes down how the window is arranged. @param arrangement JSON */
  arrange(arrangement: string): void
  /** Flushes, cuts the file to its true end, writes the index out and closes both. */
  close(): Promise<void>
}

/** What `switchboard info` tells of a capture file: read by one scan, without its index. */
export interface CaptureOverview {
  readonly file: string
  readonly fileBytes: number
  /** Where the last whole block ends. */
  readonly goodBytes: number
  /** Bytes after it that are no whole block: a torn tail. 0 for a clean file. */
  readonly tornBytes: number
  readonly beganAtUtc: string
  readonly durationNanos: number
  readonly sockets: readonly SocketOverview[]
  readonly warnings: readonly string[]
}

export interface SocketOverview {
  readonly id: string
  readonly about: string
  /** The addresses that the kernel gave it, and its peer's: with port 0 asked for, the port that was bound. */
  readonly local?: string | undefined
  readonly remote?: string | undefined
  readonly firstNanos: number
  readonly lastNanos: number
  readonly inBytes: number
  readonly inChunks: number
  readonly outBytes: number
  readonly outChunks: number
  /** The state its record ends with: `closed (fin)`, `open` … */
  readonly state: string
  /** How often the kernel was asked about it, and what it said last while there was a descriptor. */
  readonly samples?: number
  readonly kernel?: KernelSample | undefined
}
