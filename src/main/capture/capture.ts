import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type RecordingStatus } from '../../shared/model/summary'
import { type Clock } from '../engine/clock'
import { type Track } from '../engine/recorder'
import { DataFile } from './dataFile'
import { diskFault } from './diskFault'
import { IndexLog, MARK } from './indexLog'
import { Listeners } from './listeners'
import { PacketWriter } from './packetWriter'
import { pageMemory } from './pageMemory'
import { type MarkPayload, type SessionPayload } from './payloads'
import { CUSTOM_HEAD_BYTES, interfaceDescription, LINK, sectionHeader } from './pcapng'
import { ReadingCapture } from './reading'
import { RowReader } from './rowReader'
import { Rows } from './rows'
import { SLAB_BYTES, SLAB_COUNT, Tape } from './tape'
import { CaptureTrack, type Recording } from './track'
import { type Capture } from './types'

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
  const { file } = options
  let data: DataFile | null = null
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    const memory = pageMemory(SLAB_BYTES * SLAB_COUNT)
    data = DataFile.create(file, memory)
    const index = fs.openSync(indexFileOf(file), 'w+', 0o600)
    return { ok: true, value: new FileCapture(options, data, memory, index) }
  } catch (error) {
    await data?.close()
    return { ok: false, fault: diskFault(error, 'open', file, 'The recording cannot be opened') }
  }
}

/** Where the index of a capture lies. It can always be made anew. */
export function indexFileOf(file: string): string {
  return `${file}.idx`
}

class FileCapture extends ReadingCapture<Rows> implements Capture {
  readonly clock: Clock
  readonly #data: DataFile
  readonly #tape: Tape
  readonly #index: IndexLog
  protected readonly reader: RowReader
  readonly #recording: Recording
  readonly #generations = new Map<number, number>()
  #interfaces = 0
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

  constructor({ file, application, clock }: CaptureOptions, data: DataFile, memory: Buffer, index: number) {
    super(file)
    this.clock = clock
    this.#data = data
    const id = randomUUID()
    this.#index = new IndexLog(index, id, {
      behind: (isBehind) => {
        this.#isIndexBehind = isBehind
        this.#tellRoom()
      },
      failed: (error) => {
        this.#tape.fail(diskFault(error, 'write', indexFileOf(file), 'The recording stopped'))
      },
    })
    this.#tape = new Tape(data, memory, {
      moved: () => this.#movedListeners.tell(),
      room: () => this.#tellRoom(),
      wrote: (offset) => this.#index.dataReached(offset),
      ticked: () => this.#ticked(),
      failed: (failure) => this.#failed(failure),
    })
    this.reader = new RowReader(this.#tape, data.descriptor)
    const writer = new PacketWriter(this.#tape, clock.epochNanos)
    this.#recording = { tape: this.#tape, writer, clock, generation: (pair) => this.#generation(pair) }
    const session: SessionPayload = {
      v: 1,
      kind: 'session',
      id,
      application: application.slice(0, 1000),
      epochNanos: String(clock.epochNanos),
    }
    writer.block(sectionHeader(session.application, `${os.type()} ${os.release()}`, JSON.stringify(session)))
  }

  track(id: SocketId, kind: 'tcp' | 'udp' | 'unix', about: string): Track {
    const number = this.#interfaces++
    const block = interfaceDescription(kind === 'unix' ? LINK.exportedPdu : LINK.raw, id, about)
    this.#recording.writer.block(block)
    this.#index.appendSocket(number, id, this.#tape.end - block.length, this.#tape.end)
    const rows = new Rows(this.#index, number)
    this.sockets.set(id, { rows, about })
    return new CaptureTrack(this.#recording, id, kind, rows)
  }

  mark(mark: MarkPayload): void {
    const jsonBytes = this.#recording.writer.other(JSON.stringify(mark))
    const length = CUSTOM_HEAD_BYTES + jsonBytes + 4
    const { end } = this.#tape
    if (jsonBytes > 0) this.#index.appendOther(end - length, length, end)
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
      ...(failure !== null && { fault: failure }),
    }
  }

  flush(): Promise<void> {
    return this.#tape.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    let rows = 0
    for (const { rows: each } of this.sockets.values()) {
      each.end(this.#tape.end)
      rows += each.count
    }
    await this.#tape.finish()
    if (this.#tape.fault === null) {
      const { end } = this.#tape
      this.#index.append([MARK.end, end, rows, 0, 0], end)
      this.#index.dataReached(end)
    }
    await this.#index.close()
    await this.#data.close()
  }

  #generation(pair: number): number {
    const count = this.#generations.get(pair) ?? 0
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
