import { MAX_BYTES_A_READ, MAX_ROWS_A_READ } from '../../shared/contract/limits'
import { fault, FaultError, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type ByteRange, type CaptureSize, type Row, type StreamName } from '../../shared/model/record'
import { diskFault } from './diskFault'
import { type RowReader } from './rowReader'
import { type StoredRows } from './rows'
import { parsePayload } from './payloads'
import { MAX_SAMPLE_BLOCKS_A_READ, type SamplesPayload } from './samples'
import { type CaptureReader } from './types'

/** What is known of one socket's record. */
export interface Recorded<Kept extends StoredRows> {
  readonly rows: Kept
  readonly about: string
  /** Of its blocks of samples; null while there are none. */
  samples: StoredRows | null
}

/** The reading half of a capture, whether it still grows or not. */
export abstract class ReadingCapture<Kept extends StoredRows> implements CaptureReader {
  file: string
  abstract readonly epochNanos: bigint
  protected readonly sockets = new Map<SocketId, Recorded<Kept>>()
  protected abstract readonly reader: RowReader
  /** What is being read from the files now. */
  readonly #reading = new Set<Promise<unknown>>()

  constructor(file: string) {
    this.file = file
  }

  /** True once the file is being closed. */
  protected abstract get isOver(): boolean

  ids(): readonly SocketId[] {
    return [...this.sockets.keys()]
  }

  about(id: SocketId): string {
    return this.sockets.get(id)?.about ?? ''
  }

  fileOf(_id: SocketId): string {
    return this.file
  }

  size(id: SocketId): CaptureSize {
    const rows = this.sockets.get(id)?.rows
    return { rows: rows?.count ?? 0, inBytes: rows?.inBytes ?? 0, outBytes: rows?.outBytes ?? 0 }
  }

  read(id: SocketId, from: number, to: number): Promise<Reply<readonly Row[]>> {
    return this.#answer(id, [from, to], (rows) =>
      this.reader.read(rows, from, Math.min(to, from + MAX_ROWS_A_READ)),
    )
  }

  bytes(id: SocketId, stream: StreamName, from: number, to: number): Promise<Reply<ByteRange>> {
    return this.#answer(id, [from, to], (rows) =>
      this.reader.bytes(rows, stream, from, Math.min(to, from + MAX_BYTES_A_READ)),
    )
  }

  rowAtOffset(id: SocketId, stream: StreamName, offset: number): Promise<Reply<number>> {
    return this.#answer(id, [offset], (rows) => rows.find(stream, offset))
  }

  rowAtTime(id: SocketId, atNanos: number): Promise<Reply<number>> {
    return this.#answer(id, [atNanos], (rows) => rows.countBefore(atNanos))
  }

  totalsBefore(id: SocketId, moments: readonly number[]): Promise<Reply<Float64Array>> {
    return this.#answer(id, moments, (rows) => rows.totalsBefore(moments))
  }

  async records(id: SocketId, from: number, most: number): Promise<Float64Array> {
    const rows = this.sockets.get(id)?.rows
    if (rows === undefined || from >= rows.count || this.isOver) return new Float64Array(0)
    return this.busy(rows.records(from, Math.min(rows.count, from + most)))
  }

  sampleBlocks(id: SocketId): number {
    return this.sockets.get(id)?.samples?.count ?? 0
  }

  sampleBlocksBefore(id: SocketId, atNanos: number): Promise<Reply<number>> {
    return this.#answer(id, [atNanos], async (_rows, samples) => (await samples?.countBefore(atNanos)) ?? 0)
  }

  readSamples(id: SocketId, from: number, to: number): Promise<Reply<readonly SamplesPayload[]>> {
    return this.#answer(id, [from, to], async (_rows, samples) => {
      if (samples === null) return []
      const blocks = await this.reader.custom(samples, from, Math.min(to, from + MAX_SAMPLE_BLOCKS_A_READ))
      return blocks.flatMap((bytes) => {
        const payload = parsePayload(bytes)
        return payload?.kind === 'samples' ? [payload] : []
      })
    })
  }

  /** For as long as this goes on, the descriptors that it began with stay open. */
  protected async busy<T>(reading: Promise<T>): Promise<T> {
    this.#reading.add(reading)
    try {
      return await reading
    } finally {
      this.#reading.delete(reading)
    }
  }

  /** Resolves when all that is being read now has been read. */
  protected async idle(): Promise<void> {
    await Promise.allSettled([...this.#reading])
  }

  async #answer<T>(
    id: SocketId,
    positions: readonly number[],
    ask: (rows: Kept, samples: StoredRows | null) => Promise<T>,
  ): Promise<Reply<T>> {
    const found = this.sockets.get(id)
    if (found === undefined) return { ok: false, fault: fault('SB_UNKNOWN', `Nothing is recorded of ${id}.`) }
    if (!positions.every(isPosition)) {
      return {
        ok: false,
        fault: fault('SB_INPUT', `${positions.join(' to ')} is no position: whole numbers from 0 are.`),
      }
    }
    if (this.isOver) {
      return { ok: false, fault: fault('SB_STATE', 'The recording is closed.', { endpoint: this.file }) }
    }
    try {
      return { ok: true, value: await this.busy(ask(found.rows, found.samples)) }
    } catch (error) {
      if (error instanceof FaultError) return { ok: false, fault: error.fault }
      return { ok: false, fault: diskFault(error, 'read', this.file, 'The recording cannot be read') }
    }
  }
}

function isPosition(value: number): boolean {
  return Number.isInteger(value) && value >= 0
}
