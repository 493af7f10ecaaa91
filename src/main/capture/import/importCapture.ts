import { open, rm, stat, type FileHandle } from 'node:fs/promises'
import { fault, FaultError, type Fault, type Reply } from '../../../shared/model/fault'
import { type ImportProgress, type ImportReport } from '../../../shared/model/imported'
import { formatCount } from '../../../shared/model/units'
import { whenRoom } from '../../engine/whenRoom'
import { openCapture } from '../capture'
import { indexFileOf } from '../indexPath'
import { diskFault } from '../diskFault'
import { type Capture } from '../types'
import { sourceOf, type ByteSource } from './byteSource'
import { ByteWindow } from './byteWindow'
import { PacketClock } from './packetClock'
import { type PacketReader } from './packetFile'
import { PacketSorter } from './packetSorter'
import { PcapReader } from './pcapReader'
import { PcapngReader } from './pcapngReader'
import { Tally } from './tally'

export interface ImportOptions {
  /** Written into the recording's header: "Switchboard 0.1.0". */
  readonly application: string
  readonly onProgress?: (progress: ImportProgress) => void
  /** Ends it with SB_CANCELLED, and removes what was written. */
  readonly signal?: AbortSignal
}

const PROGRESS_EVERY_MS = 100
const HEAD_BYTES = 24

/**
 * Makes a recording of a pcap or pcapng file, packed with gzip or not: a record for each TCP connection, its streams put
 * together, and for each pair of addresses that exchanged UDP datagrams. What is missing or makes no sense is told in the
 * report; whatever the file holds, memory stays bounded. The fault tells why nothing could be made of it; then nothing is left.
 * @param output a file that is not there, or empty
 */
export async function importCapture(
  file: string,
  output: string,
  options: ImportOptions,
): Promise<Reply<ImportReport>> {
  let handle: FileHandle | null = null
  let source: ByteSource | null = null
  try {
    const found = await stat(file)
    // Opening a FIFO that nobody writes to would never end (fifo(7)).
    if (!found.isFile()) return { ok: false, fault: noRegularFile(file) }
    handle = await open(file, 'r')
    source = await sourceOf(handle)
    return {
      ok: true,
      value: await new Import({ file, output, options, fileBytes: found.size }, source).run(),
    }
  } catch (error) {
    if (error instanceof FaultError) return { ok: false, fault: error.fault }
    return { ok: false, fault: diskFault(error, 'read', file, 'The capture cannot be read') }
  } finally {
    source?.close()
    await handle?.close()
  }
}

interface Job {
  readonly file: string
  readonly output: string
  readonly options: ImportOptions
  readonly fileBytes: number
}

/** One import under way. What goes wrong is thrown: a FaultError, or Node's error when the file cannot be read. */
class Import {
  readonly #job: Job
  readonly #source: ByteSource
  readonly #window = new ByteWindow()
  readonly #tally = new Tally()
  #clock: PacketClock | null = null
  #toldAtMs = 0

  constructor(job: Job, source: ByteSource) {
    this.#job = job
    this.#source = source
  }

  async run(): Promise<ImportReport> {
    const reader = await this.#begin()
    // The recording begins when its first packet does.
    const isPacket = await this.#next(reader)
    if (reader instanceof PcapngReader && reader.isOurs) throw new FaultError(alreadyOurs(this.#job.file))
    const clock = new PacketClock(reader.packet)
    this.#clock = clock
    const { output, options } = this.#job
    const opened = await openCapture({ file: output, application: options.application, clock })
    if (!opened.ok) throw new FaultError(opened.fault)
    let isDone = false
    try {
      await this.#record(opened.value, reader, clock, isPacket)
      isDone = true
    } finally {
      await opened.value.close()
      if (!isDone) await removeAll(output)
    }
    const { fault: failure } = opened.value.status()
    if (failure !== undefined) {
      await removeAll(output)
      throw new FaultError(failure)
    }
    return this.#report(reader)
  }

  async #record(
    capture: Capture,
    reader: PacketReader,
    clock: PacketClock,
    isPacket: boolean,
  ): Promise<void> {
    const sorter = new PacketSorter(capture, this.#tally)
    let failure: Fault | null = null
    capture.onFailed((told) => (failure = told))
    for (let isThere = isPacket; isThere; isThere = this.#isNext(reader) || (await this.#next(reader))) {
      if (!capture.hasRoom) await whenRoom(capture)
      if (failure !== null) throw new FaultError(failure)
      this.#tally.packets++
      if (!clock.set(reader.packet)) this.#tally.timeTurns++
      sorter.take(this.#window.bytes, reader.packet)
    }
    sorter.end()
  }

  async #begin(): Promise<PacketReader> {
    while (this.#window.length < HEAD_BYTES && (await this.#more()));
    const reader = PcapReader.begin(this.#window) ?? PcapngReader.begin(this.#window)
    if (reader === null) throw new FaultError(noCapture(this.#job.file, this.#source.trouble))
    return reader
  }

  #isNext(reader: PacketReader): boolean {
    return reader.next(this.#window) === 'packet'
  }

  /** Reads on as far as it takes. */
  async #next(reader: PacketReader): Promise<boolean> {
    for (;;) {
      const step = reader.next(this.#window)
      if (step !== 'more') return step === 'packet'
      if (!(await this.#more())) return false
    }
  }

  async #more(): Promise<boolean> {
    const { signal, onProgress } = this.#job.options
    if (signal?.aborted === true) {
      throw new FaultError(fault('SB_CANCELLED', 'The import was cancelled.', { endpoint: this.#job.file }))
    }
    const isMore = await this.#source.more(this.#window)
    const now = performance.now()
    if (onProgress !== undefined && now - this.#toldAtMs >= PROGRESS_EVERY_MS) {
      this.#toldAtMs = now
      onProgress({ readBytes: this.#source.readBytes, fileBytes: this.#job.fileBytes })
    }
    return isMore
  }

  #report(reader: PacketReader): ImportReport {
    const { file, output, fileBytes } = this.#job
    const tally = this.#tally
    return {
      file,
      output,
      format: reader.format,
      isGzip: this.#source.isGzip,
      fileBytes,
      packets: tally.packets,
      connections: tally.connections,
      udpConversations: tally.udpConversations,
      streamBytes: tally.streamBytes,
      datagrams: tally.datagrams,
      datagramBytes: tally.datagramBytes,
      gaps: tally.gaps,
      gapBytes: tally.gapBytes,
      repeatedSegments: tally.repeatedSegments,
      durationNanos: this.#clock?.nanos() ?? 0,
      warnings: [...this.#fileWarnings(reader), ...tally.warnings()],
    }
  }

  #fileWarnings({ damage, badPackets }: PacketReader): string[] {
    const told: string[] = []
    const { taken, length } = this.#window
    const where = this.#source.isGzip ? 'what the file unpacks to' : 'the file'
    if (this.#source.trouble !== null) told.push(this.#source.trouble)
    if (damage !== null) {
      const rest = this.#source.isGzip ? '' : ` (${formatCount(this.#job.fileBytes - taken)} bytes)`
      told.push(
        `Damaged at byte ${formatCount(taken)} of ${where}: ${damage}. All from there on${rest} is left out.`,
      )
    } else if (length > 0) {
      told.push(
        `The last ${formatCount(length)} bytes of ${where} are left out: they are no whole packet, the capture was cut short.`,
      )
    }
    if (badPackets > 0) {
      told.push(`${formatCount(badPackets)} packet blocks make no sense and are left out.`)
    }
    return told
  }
}

async function removeAll(output: string): Promise<void> {
  await rm(output, { force: true })
  await rm(indexFileOf(output), { force: true })
}

function noRegularFile(file: string): Fault {
  return fault('SB_CAPTURE', `${file} is no regular file.`, {
    endpoint: file,
    hint: 'Choose a file on a disk.',
  })
}

function noCapture(file: string, trouble: string | null): Fault {
  return fault('SB_CAPTURE', `${file} is no capture: it begins neither as pcap nor as pcapng does.`, {
    endpoint: file,
    hint: trouble ?? 'Choose a .pcap, .pcapng or .cap file, packed with gzip or not.',
  })
}

function alreadyOurs(file: string): Fault {
  return fault('SB_INPUT', `${file} is a recording of Switchboard already.`, {
    endpoint: file,
    hint: 'Open it as it is; nothing needs to be imported.',
  })
}
