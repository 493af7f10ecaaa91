import { TAP_CREDIT_BYTES } from '../../shared/contract/limits'
import { packRows } from '../../shared/contract/packedRows'
import { type TapMessage } from '../../shared/contract/tap'
import { type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type CaptureSize, type Row } from '../../shared/model/record'
import { type Tap as TapHandle } from './api'

/** What taps need of the capture. */
export interface TapSource {
  size(id: SocketId): CaptureSize
  read(id: SocketId, from: number, to: number): Promise<Reply<readonly Row[]>>
}

/** More new rows than any screen shows in one frame: the earlier ones are skipped, and pulled when somebody scrolls there. */
const MAX_ROWS_A_FRAME = 96
/** After more rows than this in one look it is a flood, and the next looks are left out: a page draws that much five times a second. */
const FLOOD_ROWS = 24
const LOOKS_LEFT_OUT = 11

/** What a row costs beside its bytes: names, numbers, addresses. An estimate, so that empty rows are not free. */
const ROW_OVERHEAD_BYTES = 160

interface TapOptions {
  readonly id: SocketId
  readonly from: number
  readonly source: TapSource
  readonly deliver: (message: TapMessage) => void
  readonly onFault: (id: SocketId, fault: Fault) => void
  readonly onClosed: () => void
}

/**
 * Follows one socket's record. A reader that does not settle what it got owes at most the credit and one frame more; then it
 * is told once what it misses, and hears nothing until it settles. So a hung window costs nothing here.
 */
export class Tap implements TapHandle {
  readonly #options: TapOptions
  #next: number
  #owedBytes = 0
  #isReading = false
  #isClosed = false
  /** The reader was told that its credit is spent, and has not settled since. */
  #isStalled = false
  #hasFailed = false
  #leftOut = 0

  constructor(options: TapOptions) {
    this.#options = options
    this.#next = options.from
  }

  settle(bytes: number): void {
    this.#owedBytes = Math.max(0, this.#owedBytes - Math.max(0, bytes))
    if (this.#owedBytes < TAP_CREDIT_BYTES) this.#isStalled = false
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.onClosed()
  }

  /** Called once a frame. Cheap when there is nothing new. */
  look(): void {
    if (this.#isClosed || this.#isReading || this.#isStalled) return
    if (this.#leftOut > 0) {
      this.#leftOut--
      return
    }
    const size = this.#options.source.size(this.#options.id)
    if (size.rows <= this.#next) return
    if (this.#owedBytes >= TAP_CREDIT_BYTES) {
      this.#isStalled = true
      this.#skip(size.rows, size)
      return
    }
    this.#next = Math.max(this.#next, size.rows - MAX_ROWS_A_FRAME)
    this.#isReading = true
    void this.#read(size.rows)
  }

  async #read(to: number): Promise<void> {
    const { id, source, deliver, onFault } = this.#options
    const read = await source.read(id, this.#next, to)
    this.#isReading = false
    if (this.#isClosed) return
    const size = source.size(id)
    if (!read.ok) {
      this.#skip(to, size)
      if (!this.#hasFailed) onFault(id, read.fault)
      this.#hasFailed = true
      return
    }
    this.#hasFailed = false
    const rows = read.value
    if (rows.length === 0) return
    this.#next = (rows.at(-1)?.row ?? this.#next) + 1
    if (rows.length > FLOOD_ROWS) this.#leftOut = LOOKS_LEFT_OUT
    const cost = costBytes(rows)
    this.#owedBytes += cost
    deliver({ type: 'rows', rows: packRows(rows), size, costBytes: cost })
  }

  #skip(to: number, size: CaptureSize): void {
    const from = this.#next
    this.#next = to
    this.#options.deliver({ type: 'skipped', from, to, size })
  }
}

function costBytes(rows: readonly Row[]): number {
  let bytes = 0
  for (const row of rows) {
    bytes += ROW_OVERHEAD_BYTES
    if (row.kind === 'data') bytes += row.head.byteLength + row.before.byteLength
  }
  return bytes
}
