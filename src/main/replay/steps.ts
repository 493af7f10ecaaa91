import { type Direction, type SocketEvent } from '../../shared/model/record'
import { type PeerEnding, type PlayedSide } from '../../shared/model/replay'
import { FaultError, type Fault } from '../../shared/model/fault'
import { entriesOf, type Entry } from '../capture/entries'
import { type CaptureReader } from '../capture/types'
import { otherDirection, streamOf, type RecordedEnd } from './plan'
import { type RecordedBytes } from './recordedBytes'

interface Timed {
  readonly atNanos: number
  /** Bytes that the peer had sent before, in the record. */
  readonly neededBytes: number
  /** Datagrams that the peer had sent before: empty ones bring no bytes. */
  readonly neededDatagrams: number
  /** The peer had finished before. */
  readonly isAfterFin: boolean
}

/** One thing that a played side does, or looks out for. */
export type Step =
  /** `bytes` is good until the step after the next `load`. */
  | (Timed & { readonly kind: 'send'; readonly bytes: Uint8Array })
  | (Timed & { readonly kind: 'finish' | 'reset' | 'close' })
  /** The peer answered what was sent last: its byte at `offset` came so long after. */
  | (Timed & { readonly kind: 'answer'; readonly offset: number; readonly delayNanos: number })

/** What the record says of how the peer ended its stream. */
export interface RecordedEnding {
  /** Null: it did not, or was cut off by our side. */
  readonly peer: PeerEnding | null
  /** False: the recording ended while the connection was open. */
  readonly isKnown: boolean
}

const ROWS_AT_ONCE = 512
/** What lies between two chunks in the file is read along if it is no longer. */
const MAX_GAP_BYTES = 4096

interface Range {
  readonly from: number
  to: number
  /** Where it lies in memory. */
  readonly at: number
}

export interface StepReaderOptions {
  readonly reader: CaptureReader
  readonly end: RecordedEnd
  readonly side: PlayedSide
  readonly bytes: RecordedBytes
  /** Memory for payload that is read ahead, twice; a single chunk may be longer. */
  readonly budgetBytes: number
}

/**
 * Goes through the record of one end, and tells what one side did. Reads ahead in two pieces of memory that are used
 * in turns, so that it does not grow with the record.
 */
export class StepReader {
  readonly #options: StepReaderOptions
  readonly #own: Direction
  readonly #file: string
  #row = 0
  /** Rows from `#row` on that have been looked up already. */
  #looked: readonly Entry[] = []
  #steps: readonly Step[] = []
  #at = 0
  readonly #memory = [Buffer.alloc(0), Buffer.alloc(0)]
  #turn = 0
  #next: Promise<readonly Step[] | null> | null = null
  #isOver = false
  #lastOwnAtNanos: number | null = null
  #hasOwnFinished = false
  #hasPeerFinished = false
  #peersDatagrams = 0
  #peerEnding: PeerEnding | null = null
  #isEndKnown = false
  #isEndTold = false

  constructor(options: StepReaderOptions) {
    this.#options = options
    this.#own = streamOf(options.end, options.side)
    this.#file = options.reader.fileOf(options.end.id)
  }

  /** The next step; undefined when none is at hand. */
  peek(): Step | undefined {
    return this.#steps[this.#at]
  }
  shift(): void {
    this.#at++
  }
  /** Nothing comes any more. */
  get isOver(): boolean {
    return this.#isOver && this.#at >= this.#steps.length
  }

  /** Resolves when the next step is at hand, or it is over. Rejects with a FaultError or Node's error. */
  async load(): Promise<void> {
    if (this.#at < this.#steps.length || this.#isOver) return
    const loaded = await (this.#next ?? this.#readOn())
    this.#next = null
    this.#steps = loaded ?? []
    this.#at = 0
    if (loaded === null) {
      this.#isOver = true
      return
    }
    this.#turn = 1 - this.#turn
    this.#next = this.#readOn()
    // Whoever loads next hears of it.
    this.#next.catch(() => undefined)
  }

  /** How the recorded connection ended: passes over what is left of its record. */
  async ending(): Promise<RecordedEnding> {
    await this.#next
    const { end } = this.#options
    while (this.#row < end.rows) {
      const entries = await this.#entries()
      if (entries.length === 0) break
      for (const entry of entries) if (!entry.isData) await this.#event(entry, [])
      this.#pass(entries.length)
    }
    if (end.failure !== null) this.#peerEnding = failedBy(end.failure)
    return { peer: this.#peerEnding, isKnown: this.#isEndKnown || end.failure !== null }
  }

  async #entries(): Promise<readonly Entry[]> {
    if (this.#looked.length > 0) return this.#looked
    const { reader, end } = this.#options
    const most = Math.min(ROWS_AT_ONCE, end.rows - this.#row)
    this.#looked = entriesOf(await reader.records(end.id, this.#row, most), this.#row)
    return this.#looked
  }

  #pass(rows: number): void {
    this.#row += rows
    this.#looked = this.#looked.slice(rows)
  }

  /** The next steps, at least one; null after the last. */
  async #readOn(): Promise<readonly Step[] | null> {
    const { end } = this.#options
    const steps: Step[] = []
    while (this.#row < end.rows && steps.length === 0) {
      const entries = await this.#entries()
      // The index of a damaged recording may promise more than there is.
      if (entries.length === 0) break
      await this.#take(entries, steps)
    }
    if (steps.length > 0) return steps
    if (this.#isEndTold || this.#isEndKnown) return null
    // The record breaks off while it was open: we have nothing more to say.
    this.#isEndTold = true
    const neededBytes = end.bytes[otherDirection(this.#own)]
    const neededDatagrams = this.#peersDatagrams
    const isAfterFin = this.#hasPeerFinished
    return [{ kind: 'close', atNanos: end.endedAtNanos, neededBytes, neededDatagrams, isAfterFin }]
  }

  /** Makes steps of as many entries as the budget takes. */
  async #take(entries: readonly Entry[], steps: Step[]): Promise<void> {
    const chosen = this.#withinBudget(entries)
    const ranges = rangesOf(chosen.filter((entry) => this.#isOwn(entry)))
    const size = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
    const memory = this.#memoryOf(size)
    await Promise.all(
      ranges.map(({ from, to, at }) => this.#options.bytes.read(this.#file, from, memory, at, to - from)),
    )
    let range = 0
    for (const entry of chosen) {
      if (!entry.isData) await this.#event(entry, steps)
      else if (this.#isOwn(entry)) {
        while (entry.payload >= (ranges[range]?.to ?? Infinity)) range++
        const { from = 0, at = 0 } = ranges[range] ?? {}
        const start = at + entry.payload - from
        this.#lastOwnAtNanos = entry.atNanos
        if (entry.lengthBytes > 0 || entry.isDatagram)
          steps.push({
            kind: 'send',
            ...this.#timed(entry),
            bytes: memory.subarray(start, start + entry.lengthBytes),
          })
      } else this.#heard(entry, steps)
    }
    this.#pass(chosen.length)
  }

  #memoryOf(size: number): Buffer {
    const held = this.#memory[this.#turn]
    if (held !== undefined && held.length >= size) return held
    const memory = Buffer.allocUnsafeSlow(size)
    this.#memory[this.#turn] = memory
    return memory
  }

  #withinBudget(entries: readonly Entry[]): readonly Entry[] {
    let bytes = 0
    let end = 0
    for (const [n, entry] of entries.entries()) {
      if (!this.#isOwn(entry)) continue
      const from = bytes > 0 && entry.payload - end <= MAX_GAP_BYTES ? end : entry.payload
      bytes += entry.payload + entry.lengthBytes - from
      end = entry.payload + entry.lengthBytes
      if (bytes > this.#options.budgetBytes && n > 0) return entries.slice(0, n)
    }
    return entries
  }

  #isOwn(entry: Entry): boolean {
    return entry.isData && entry.direction === this.#own
  }

  #timed(entry: Entry): Timed {
    const { atNanos, direction, offset, combinedOffset } = entry
    const isPeers = direction === otherDirection(this.#own)
    return {
      atNanos,
      neededBytes: isPeers ? offset : combinedOffset - offset,
      neededDatagrams: this.#peersDatagrams,
      isAfterFin: this.#hasPeerFinished,
    }
  }

  /** A chunk of the peer's. The first one after one of ours is taken for its answer. */
  #heard(entry: Entry, steps: Step[]): void {
    if (entry.isDatagram) this.#peersDatagrams++
    if (this.#lastOwnAtNanos === null || entry.lengthBytes === 0) return
    const delayNanos = entry.atNanos - this.#lastOwnAtNanos
    this.#lastOwnAtNanos = null
    steps.push({ kind: 'answer', ...this.#timed(entry), offset: entry.offset, delayNanos })
  }

  async #event(entry: Entry, steps: Step[]): Promise<void> {
    const { reader, end, side } = this.#options
    const read = await reader.read(end.id, entry.row, entry.row + 1)
    if (!read.ok) throw new FaultError(read.fault)
    const [row] = read.value
    if (row?.kind !== 'event') return
    const ours = end.side === side ? 'local' : 'remote'
    this.#happened(row.event, ours, this.#timed(entry), steps)
  }

  #happened(event: SocketEvent, ours: 'local' | 'remote', timed: Timed, steps: Step[]): void {
    if (event.what === 'finished') {
      if (event.by !== ours) {
        this.#hasPeerFinished = true
        this.#peerEnding ??= { how: 'fin' }
      } else if (!this.#hasOwnFinished) {
        this.#hasOwnFinished = true
        steps.push({ kind: 'finish', ...timed })
      }
    }
    if (event.what !== 'closed') return
    this.#isEndKnown = true
    if (event.how === 'reset') {
      if (event.by === ours) steps.push({ kind: 'reset', ...timed })
      else this.#peerEnding ??= { how: 'reset' }
    } else if (event.how === 'fin') {
      if (!this.#hasOwnFinished || !this.#hasPeerFinished) steps.push({ kind: 'close', ...timed })
    } else if (ours === 'local') {
      this.#peerEnding ??= event.how === 'timeout' ? { how: 'timeout' } : failedBy(event.fault ?? null)
    }
  }
}

function rangesOf(chunks: readonly Entry[]): readonly Range[] {
  const ranges: Range[] = []
  for (const { payload, lengthBytes } of chunks) {
    const last = ranges.at(-1)
    if (last !== undefined && payload - last.to <= MAX_GAP_BYTES) last.to = payload + lengthBytes
    else {
      const at = last === undefined ? 0 : last.at + last.to - last.from
      ranges.push({ from: payload, to: payload + lengthBytes, at })
    }
  }
  return ranges
}

/** @param of why a dial came to nothing, or a connection broke */
export function failedBy(of: Fault | null): PeerEnding {
  const code = of?.code
  const how =
    code === 'ECONNREFUSED'
      ? 'refused'
      : code === 'ETIMEDOUT'
        ? 'timeout'
        : code === 'ECONNRESET'
          ? 'reset'
          : 'failed'
  return { how, ...(code === undefined ? {} : { code }) }
}
