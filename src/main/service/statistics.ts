import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { HISTOGRAM_COLUMNS, type SideStats, type StatsStatus } from '../../shared/model/stats'
import { type StatsTold } from '../capture/stats/messages'
import { type CaptureReader } from '../capture/types'
import { type Scan, type Scans } from './scans'

/** Between two words of progress, unless it is the last. */
const TELL_MS = 100

export interface StatisticsOptions {
  readonly scans: Scans
  readonly capture: Pick<CaptureReader, 'file' | 'fileOf' | 'ids' | 'size' | 'rowAtTime'>
  readonly onProgress: (status: StatsStatus) => void
}

/** The spans whose chunks are being counted. */
export class Statistics {
  readonly #options: StatisticsOptions
  readonly #open = new Map<number, SpanStats>()
  #last = 0

  constructor(options: StatisticsOptions) {
    this.#options = options
  }

  /**
   * Begins to count what one socket carried in a span, or with null what all did; goes on while records grow.
   * @param toNanos exclusive; null for no end
   * @param beside of what recording all are meant: that of this socket; the session's own without one
   */
  begin(
    id: SocketId | null,
    fromNanos: number,
    toNanos: number | null,
    beside?: SocketId,
  ): Reply<{ readonly stats: number }> {
    if (toNanos !== null && fromNanos >= toNanos) {
      return {
        ok: false,
        fault: fault('SB_INPUT', `The span runs backwards: from ${fromNanos} to ${toNanos}.`),
      }
    }
    const number = this.#last + 1
    const stats = new SpanStats(number, id, fromNanos, toNanos, this.#fileOf(beside), this.#options)
    const began = this.#options.scans.begin({
      ids: id === null ? null : [id],
      task: { kind: 'stats', fromNanos, toNanos },
      rangeOf: (each) => stats.rangeOf(each),
      onTold: (told) => stats.take(told),
      onFailed: (of) => stats.fail(of),
    })
    if (!began.ok) return began
    stats.scan = began.value
    this.#last = number
    this.#open.set(number, stats)
    return { ok: true, value: { stats: number } }
  }

  #fileOf(beside: SocketId | undefined): string {
    const { capture } = this.#options
    return beside === undefined ? capture.file : capture.fileOf(beside)
  }

  /** Ends one, wherever it is. One that has ended already is fine. */
  async end(stats: number): Promise<void> {
    const found = this.#open.get(stats)
    this.#open.delete(stats)
    await found?.scan?.end()
  }
}

class SpanStats {
  scan: Scan<'stats'> | null = null
  readonly #number: number
  readonly #id: SocketId | null
  readonly #fromNanos: number
  readonly #toNanos: number | null
  readonly #file: string
  readonly #options: StatisticsOptions
  readonly #ranges = new Map<SocketId, readonly [number, number]>()
  #told: StatsTold = NOTHING
  #toldAtMs = -Infinity
  #fault: Fault | null = null

  constructor(
    number: number,
    id: SocketId | null,
    fromNanos: number,
    toNanos: number | null,
    file: string,
    options: StatisticsOptions,
  ) {
    this.#number = number
    this.#id = id
    this.#fromNanos = fromNanos
    this.#toNanos = toNanos
    this.#file = file
    this.#options = options
  }

  /** The rows of a socket that can lie in the span. What comes later may, too, if the span ends after all that is there. */
  async rangeOf(id: SocketId): Promise<readonly [number, number]> {
    const { capture } = this.#options
    // What was opened beside this session has another clock.
    const isOther = this.#id === null && capture.fileOf(id) !== this.#file
    const range = isOther ? ([0, 0] as const) : await this.#rowsIn(id)
    this.#ranges.set(id, range)
    return range
  }

  async #rowsIn(id: SocketId): Promise<readonly [number, number]> {
    const from = await this.#rowAt(id, this.#fromNanos)
    const to = this.#toNanos === null ? Infinity : await this.#rowAt(id, this.#toNanos)
    return [from, to >= this.#options.capture.size(id).rows ? Infinity : to]
  }

  take(told: StatsTold): void {
    this.#told = told
    const now = performance.now()
    if (this.scan?.isDone !== true && now - this.#toldAtMs < TELL_MS) return
    this.#toldAtMs = now
    this.#tell()
  }

  fail(of: Fault): void {
    this.#fault = of
    this.#tell()
  }

  async #rowAt(id: SocketId, atNanos: number): Promise<number> {
    const row = await this.#options.capture.rowAtTime(id, atNanos)
    if (!row.ok) throw new FaultError(row.fault)
    return row.value
  }

  #tell(): void {
    const { capture, onProgress } = this.#options
    const ids = this.#id === null ? capture.ids() : [this.#id]
    let totalRows = 0
    for (const id of ids) {
      const { rows } = capture.size(id)
      const [from, to] = this.#ranges.get(id) ?? [0, rows]
      totalRows += Math.max(0, Math.min(to, rows) - from)
    }
    const { notable, ...counts } = this.#told
    onProgress({
      ...counts,
      stats: this.#number,
      notable: notable.map(({ socket, ...each }) => ({
        ...each,
        id: (this.scan as Scan<'stats'>).idOf(socket),
      })),
      totalRows: Math.max(totalRows, counts.seenRows),
      isDone: this.#fault !== null || this.scan?.isDone === true,
      ...(this.#fault !== null && { fault: this.#fault }),
    })
  }
}

const noColumns: readonly number[] = new Array<number>(HISTOGRAM_COLUMNS).fill(0)
const noSide: SideStats = { chunks: 0, bytes: 0, sizes: noColumns, gaps: noColumns }
const NOTHING: StatsTold = { in: noSide, out: noSide, events: 0, notable: [], seenRows: 0 }
