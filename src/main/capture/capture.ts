import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Endpoint } from '../../shared/model/endpoint'
import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type RecordingStatus } from '../../shared/model/summary'
import { type Clock } from '../engine/clock'
import { type Track } from '../engine/recorder'
import { DataFile } from './dataFile'
import { diskFault } from './diskFault'
import { FileLock } from './fileLock'
import { type IndexContents, type IndexedRows } from './index/indexFile'
import { indexFileOf } from './indexPath'
import { IndexLog, MARK, OTHER, type IndexListener } from './indexLog'
import { Listeners } from './listeners'
import { PacketWriter } from './packetWriter'
import { pageMemory } from './pageMemory'
import { arrangementJson, type MarkPayload, type SessionPayload } from './payloads'
import { CUSTOM_HEAD_BYTES, interfaceDescription, LINK, sectionHeader } from './pcapng'
import { ReadingCapture } from './reading'
import { RowReader } from './rowReader'
import { packMeta, Rows, type StoredRows } from './rows'
import { lastMomentOf, type SamplesPayload } from './samples'
import { SLAB_BYTES, SLAB_COUNT, Tape, type TapeListener } from './tape'
import { CaptureTrack, type Recording } from './track'
import { Saver, type Savable } from './saving/saver'
import { type Capture, type SaveOptions } from './types'
import { NEEDS, SESSION_VERSION } from './versions'

export interface CaptureOptions {
  /** Made with its folder. A file that is there already is taken only if it is empty: recordings are never overwritten. */
  readonly file: string
  /** Written into the file's header: "Switchboard 0.1.0". */
  readonly application: string
  readonly clock: Clock
}

const STATUS_EVERY_MS = 100

/** Begins a recording. The fault tells why the file cannot be had. */
export async function openCapture(options: CaptureOptions): Promise<Reply<Capture>> {
  const { file, application, clock } = options
  let lock: FileLock | null = null
  let data: DataFile | null = null
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    lock = FileLock.take(file, application)
    const memory = pageMemory(SLAB_BYTES * SLAB_COUNT)
    data = DataFile.create(file, memory)
    const index = fs.openSync(indexFileOf(file), 'w+', 0o600)
    return { ok: true, value: new FileCapture({ file, application, clock, data, memory, index, lock }, null) }
  } catch (error) {
    await data?.close()
    lock?.release()
    if (error instanceof FaultError) return { ok: false, fault: error.fault }
    return { ok: false, fault: diskFault(error, 'open', file, 'The recording cannot be opened') }
  }
}

/** What a recording is written to. All of it is closed with it. */
interface Medium extends CaptureOptions {
  readonly data: DataFile
  /** Where the file writes from. */
  readonly memory: Buffer
  /** Descriptor of the index's file. */
  readonly index: number
  readonly lock: FileLock
}

/** What a file that is gone on with holds already. */
export interface Past {
  readonly session: SessionPayload
  readonly contents: IndexContents
  readonly fileBytes: number
  /** What is told of it. */
  readonly warnings: readonly string[]
  about(rows: IndexedRows): string
}

export class FileCapture extends ReadingCapture<StoredRows> implements Capture {
  readonly clock: Clock
  #data: DataFile
  #indexFile: number
  readonly #tape: Tape
  readonly #index: IndexLog
  #lock: FileLock
  readonly #saver: Saver
  protected reader: RowReader
  readonly #recording: Recording
  readonly #generations = new Map<number, number>()
  /** Where counting begins for each pair of addresses: beyond all that an earlier part of the file may have counted to. */
  readonly #firstGeneration: number
  readonly #warnings: readonly string[]
  readonly #growing: Rows[] = []
  #interfaces: number
  #closing: Promise<void> | null = null
  #isIndexBehind = false
  #hasRoom = true
  #wasBehind = false
  #toldBytes = 0
  #toldAtMs = 0
  readonly #movedListeners = new Listeners<void>()
  readonly #roomListeners = new Listeners<boolean>()
  readonly #failedListeners = new Listeners<Fault>()
  readonly #statusListeners = new Listeners<RecordingStatus>()

  constructor({ file, application, clock, data, memory, index, lock }: Medium, past: Past | null) {
    super(file)
    this.clock = clock
    this.#data = data
    this.#indexFile = index
    this.#lock = lock
    this.#warnings = past?.warnings ?? []
    this.#interfaces = past?.contents.interfaces ?? 0
    this.#firstGeneration = this.#interfaces
    this.#saver = new Saver({
      recording: () => ({
        file: this.file,
        application,
        tape: this.#tape,
        log: this.#index,
        data: this.#data,
        index: this.#indexFile,
        memory,
        lock: this.#lock,
      }),
      moved: (to) => this.#moved(to),
      idle: () => this.idle(),
    })
    const id = past?.session.id ?? randomUUID()
    const indexListener: IndexListener = {
      behind: (isBehind) => {
        this.#isIndexBehind = isBehind
        this.#tellRoom()
      },
      failed: (error) => {
        this.#tape.fail(diskFault(error, 'write', indexFileOf(this.file), 'The recording stopped'))
      },
    }
    const pastIndex = past && { ...past.contents, sockets: past.contents.sockets.size }
    this.#index = new IndexLog(index, id, indexListener, pastIndex)
    const tapeListener: TapeListener = {
      moved: () => this.#movedListeners.tell(),
      room: () => this.#tellRoom(),
      wrote: (offset) => this.#index.dataReached(offset),
      ticked: () => this.#ticked(),
      failed: (failure) => this.#failed(failure),
    }
    this.#tape = new Tape(data, memory, tapeListener, past?.fileBytes ?? 0)
    this.reader = new RowReader(this.#tape, data.descriptor)
    const writer = new PacketWriter(this.#tape, clock.epochNanos)
    this.#recording = { tape: this.#tape, writer, clock, generation: (pair) => this.#generation(pair) }
    if (past !== null) {
      for (const [socket, rows] of past.contents.sockets) {
        rows.readFrom(this.#index)
        rows.samples?.readFrom(this.#index)
        this.sockets.set(socket, { rows, about: past.about(rows), samples: rows.samples })
      }
      return
    }
    const session: SessionPayload = {
      v: SESSION_VERSION,
      kind: 'session',
      id,
      application: application.slice(0, 1000),
      epochNanos: String(clock.epochNanos),
      needs: NEEDS,
    }
    writer.block(sectionHeader(session.application, `${os.type()} ${os.release()}`, JSON.stringify(session)))
  }

  track(id: SocketId, kind: Endpoint['kind'], about: string): Track {
    const number = this.#interfaces++
    const block = interfaceDescription(
      kind === 'unix' || kind === 'unixgram' ? LINK.exportedPdu : LINK.raw,
      id,
      about,
    )
    this.#recording.writer.block(block)
    this.#index.appendSocket(number, id, this.#tape.end - block.length, this.#tape.end)
    const rows = new Rows(this.#index, number)
    this.sockets.set(id, { rows, about, samples: null })
    this.#growing.push(rows)
    return new CaptureTrack(this.#recording, id, kind, rows)
  }

  mark(mark: MarkPayload): void {
    this.#other(JSON.stringify(mark), OTHER.any)
  }

  sampled(samples: SamplesPayload): void {
    const kept = this.#samplesOf(samples.socket)
    if (kept === null) return
    const jsonBytes = this.#recording.writer.other(JSON.stringify(samples))
    if (jsonBytes === 0) return
    const { end } = this.#tape
    const meta = packMeta(0, CUSTOM_HEAD_BYTES, jsonBytes)
    kept.append(end - CUSTOM_HEAD_BYTES - jsonBytes - 4, lastMomentOf(samples), meta, end)
  }

  /** Null for a socket of an earlier part: what has ended is not asked any more. */
  #samplesOf(id: SocketId): Rows | null {
    const found = this.sockets.get(id)
    if (found === undefined) return null
    if (found.samples instanceof Rows) return found.samples
    if (!(found.rows instanceof Rows)) return null
    const samples = new Rows(this.#index, found.rows.interfaceNumber, MARK.samples)
    found.samples = samples
    this.#growing.push(samples)
    return samples
  }

  arrange(arrangement: string): void {
    this.#other(arrangementJson(arrangement), OTHER.arrangement)
  }

  /** A custom block that is no row. */
  #other(json: string, kind: number): void {
    const jsonBytes = this.#recording.writer.other(json)
    const length = CUSTOM_HEAD_BYTES + jsonBytes + 4
    const { end } = this.#tape
    if (jsonBytes > 0) this.#index.appendOther(end - length, length, kind, end)
  }

  get epochNanos(): bigint {
    return this.clock.epochNanos
  }

  protected get isOver(): boolean {
    return this.#closing !== null
  }

  get hasRoom(): boolean {
    return this.#hasRoom
  }
  onRoom(listener: (hasRoom: boolean) => void): () => void {
    return this.#roomListeners.add(listener)
  }
  onMoved(listener: () => void): () => void {
    return this.#movedListeners.add(listener)
  }
  onFailed(listener: (failure: Fault) => void): () => void {
    return this.#failedListeners.add(listener)
  }
  onStatus(listener: (status: RecordingStatus) => void): () => void {
    return this.#statusListeners.add(listener)
  }

  override async records(id: SocketId, from: number, most: number): Promise<Float64Array> {
    const records = await super.records(id, from, most)
    if (records.length > 0) await this.#tape.flush()
    return records
  }

  status(): RecordingStatus {
    const { fault: failure } = this.#tape
    return {
      file: this.file,
      bytes: failure === null ? this.#tape.end : this.#tape.written,
      beganAtMs: Number(this.clock.epochNanos / 1_000_000n),
      isDiskBehind: !this.#hasRoom || this.#wasBehind,
      ...(this.#warnings.length > 0 && { warnings: this.#warnings }),
      ...(failure !== null && { fault: failure }),
    }
  }

  flush(): Promise<void> {
    return this.#tape.flush()
  }

  async sync(): Promise<Reply<null>> {
    await this.#tape.flush()
    if (this.#tape.fault !== null) return { ok: false, fault: this.#tape.fault }
    try {
      await this.busy(this.#data.sync())
      return { ok: true, value: null }
    } catch (error) {
      return { ok: false, fault: diskFault(error, 'fdatasync', this.file, 'The recording is not saved') }
    }
  }

  async saveAs(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>> {
    return this.isOver ? this.#over() : this.#saver.saveAs(file, options)
  }

  async saveCopy(file: string, options: SaveOptions): Promise<Reply<{ readonly file: string }>> {
    return this.isOver ? this.#over() : this.#saver.saveCopy(file, options)
  }

  #over(): Reply<never> {
    return { ok: false, fault: fault('SB_STATE', 'The recording is closed.', { endpoint: this.file }) }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #moved({ file, data, index, lock }: Pick<Savable, 'file' | 'data' | 'index' | 'lock'>): void {
    this.file = file
    this.#data = data
    this.#indexFile = index
    this.#lock = lock
    this.reader = new RowReader(this.#tape, data.descriptor)
    this.#statusListeners.tell(this.status())
  }

  async #close(): Promise<void> {
    await this.#saver.settled()
    for (const each of this.#growing) each.end(this.#tape.end)
    let rows = 0
    for (const { rows: each } of this.sockets.values()) rows += each.count
    await this.#tape.finish()
    if (this.#tape.fault === null) {
      const { end } = this.#tape
      this.#index.appendEnd(end, rows, this.#interfaces, end)
      this.#index.dataReached(end)
    }
    await this.#index.close()
    await this.#data.close()
    this.#lock.release()
  }

  #generation(pair: number): number {
    const count = this.#generations.get(pair) ?? this.#firstGeneration
    this.#generations.set(pair, count + 1)
    return count
  }

  #tellRoom(): void {
    // A recording that has failed takes no memory any more, and holds up nobody.
    const hasRoom = this.#tape.fault !== null || (this.#tape.hasRoom && !this.#isIndexBehind)
    if (hasRoom === this.#hasRoom) return
    this.#hasRoom = hasRoom
    if (!hasRoom) this.#wasBehind = true
    this.#roomListeners.tell(hasRoom)
  }

  #failed(failure: Fault): void {
    this.#tellRoom()
    this.#failedListeners.tell(failure)
    this.#statusListeners.tell(this.status())
  }

  /** At full speed room comes and goes hundreds of times a second: told at a pace that people can read. */
  #ticked(): void {
    const now = performance.now()
    if (now - this.#toldAtMs < STATUS_EVERY_MS || this.#tape.end === this.#toldBytes) return
    this.#toldAtMs = now
    this.#toldBytes = this.#tape.end
    const status = this.status()
    this.#wasBehind = !this.#hasRoom
    this.#statusListeners.tell(status)
  }
}
