import { Worker } from 'node:worker_threads'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { diskFault } from '../capture/diskFault'
import { RECORD_FLOATS } from '../capture/indexLog'
import { recordsWithin } from '../capture/scan/extents'
import {
  type FromScanner,
  type ScanKind,
  type ScanKinds,
  type ScanTask,
  type ToScanner,
} from '../capture/scan/messages'
import { type CaptureReader } from '../capture/types'

/** Each scan is a thread: more at once would only get in each other's way. */
const MAX_SCANS = 24
const ROWS_A_BATCH = 4096
/** A batch ends at so many bytes of payload, unless the order says otherwise. */
const BYTES_A_BATCH = 256 * 1024 * 1024
/** How often a scan that has seen everything looks whether there is more. */
const LOOK_AGAIN_MS = 250
/** Threads that have nothing to do and wait for the next scan: a new one takes as long as it takes to search a quarter of a gigabyte. */
const MAX_SPARES = 2
/** Whatever takes so long over a few megabytes will never come to an end. */
const STUCK_MS = 20_000

export interface ScansOptions {
  /** The built thread: out/main/scanner.js. Without it nothing can be scanned. */
  readonly entry: URL | string | undefined
  readonly capture: Pick<CaptureReader, 'fileOf' | 'ids' | 'size' | 'records'>
}

export interface ScanOrder<Kind extends ScanKind> {
  /** Whose rows; null for those of all sockets, also of such as appear later. */
  readonly ids: readonly SocketId[] | null
  readonly task: { readonly kind: Kind } & ScanKinds[Kind]['task']
  /** Which rows of a socket, end exclusive; asked once. All if not given. */
  readonly rangeOf?: (id: SocketId) => Promise<readonly [from: number, to: number]>
  /** So many bytes of payload at once: a question is answered between two batches. */
  readonly batchBytes?: number
  /** Something new, or the word that everything recorded so far has been seen (`isDone` of the scan). */
  readonly onTold: (told: ScanKinds[Kind]['told']) => void
  /** It ended before its time. Nothing is told after this. */
  readonly onFailed: (fault: Fault) => void
  /** What to say of one that does not come to an end. */
  readonly stuck?: string
}

/** A scan that is under way. */
export interface Scan<Kind extends ScanKind> {
  /** Everything that was recorded when it last looked has been seen. */
  readonly isDone: boolean
  /** The socket that the thread knows by this number. */
  idOf(number: number): SocketId
  numberOf(id: SocketId): number
  /** Rows of a socket that the thread has been given. */
  rowsOf(id: SocketId): number
  /** Rejects never. A scan that has ended answers SB_CANCELLED. */
  ask(question: ScanKinds[Kind]['question']): Promise<Reply<ScanKinds[Kind]['answer']>>
  /** Ends it, wherever it is. */
  end(): Promise<void>
}

/** Everything that reads through records, each in a thread of its own: searches, filters, frames, statistics. */
export class Scans {
  readonly #options: ScansOptions
  readonly #running = new Set<RunningScan>()
  readonly #spares: Worker[] = []
  #isClosed = false

  constructor(options: ScansOptions) {
    this.#options = options
  }

  begin<Kind extends ScanKind>(order: ScanOrder<Kind>): Reply<Scan<Kind>> {
    const { entry, capture } = this.#options
    if (entry === undefined || this.#isClosed)
      return { ok: false, fault: fault('SB_STATE', 'Reading through recordings needs the window.') }
    if (this.#running.size >= MAX_SCANS) {
      return {
        ok: false,
        fault: fault('SB_STATE', `${MAX_SCANS} searches, filters and the like are under way already.`, {
          hint: 'Close a find bar, a filter or a picture first.',
        }),
      }
    }
    const worker = this.#spares.pop() ?? this.#newWorker(entry)
    // Kinds are tied to their tasks and tellings here, and in the thread; between the two all are alike.
    const scan = new RunningScan(order as unknown as ScanOrder<ScanKind>, worker, capture, (ended, spare) =>
      this.#ended(ended, spare),
    )
    this.#running.add(scan)
    return { ok: true, value: scan as unknown as Scan<Kind> }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running].map((scan) => scan.end()))
    await Promise.all(this.#spares.splice(0).map((spare) => spare.terminate()))
  }

  async #ended(scan: RunningScan, spare: Worker | null): Promise<void> {
    this.#running.delete(scan)
    if (spare === null) return
    if (this.#spares.length < MAX_SPARES && !this.#isClosed) this.#spares.push(spare)
    else await spare.terminate()
  }

  #newWorker(entry: URL | string): Worker {
    const worker = new Worker(entry)
    // Of one that dies with nothing to do nobody needs to hear.
    return worker.on('error', () => {
      const at = this.#spares.indexOf(worker)
      if (at >= 0) this.#spares.splice(at, 1)
    })
  }
}

/** Feeds its thread with rows and passes on what it tells. */
class RunningScan implements Scan<ScanKind> {
  isDone = false
  readonly #order: ScanOrder<ScanKind>
  readonly #capture: ScansOptions['capture']
  readonly #worker: Worker
  readonly #ended: (scan: RunningScan, spare: Worker | null) => Promise<void>
  /** The next row of each socket; its place here is the socket's number for the thread. */
  readonly #next = new Map<SocketId, number>()
  readonly #ends = new Map<SocketId, number>()
  readonly #ids: SocketId[] = []
  readonly #numbers = new Map<SocketId, number>()
  readonly #questions = new Map<number, (reply: Reply<never>) => void>()
  #lastQuestion = 0
  /** Where among the sockets it looks next. */
  #turn = 0
  #isOver = false
  /** The thread has not answered yet what it was told last. */
  #isBusy = false
  #timer: NodeJS.Timeout | null = null
  #watchdog: NodeJS.Timeout | null = null

  constructor(
    order: ScanOrder<ScanKind>,
    worker: Worker,
    capture: ScansOptions['capture'],
    ended: (scan: RunningScan, spare: Worker | null) => Promise<void>,
  ) {
    this.#order = order
    this.#worker = worker
    this.#capture = capture
    this.#ended = ended
    for (const id of order.ids ?? []) this.#numberFor(id)
    this.#worker.on('message', this.#take).on('error', this.#died)
    this.#post({ type: 'begin', task: order.task as ScanTask })
  }

  idOf(number: number): SocketId {
    return this.#ids[number] as SocketId
  }
  numberOf(id: SocketId): number {
    return this.#numbers.get(id) ?? -1
  }
  rowsOf(id: SocketId): number {
    return this.#next.get(id) ?? 0
  }

  ask(question: never): Promise<Reply<never>> {
    if (this.#isOver) return Promise.resolve(ENDED)
    const number = ++this.#lastQuestion
    return new Promise((resolve) => {
      this.#questions.set(number, resolve)
      this.#worker.postMessage({ type: 'ask', number, question } satisfies ToScanner)
    })
  }

  async end(): Promise<void> {
    if (this.#isOver) return
    await this.#end(this.#isBusy || this.#questions.size > 0)
  }

  /** @param isLost whether the thread is good for nothing any more */
  async #end(isLost: boolean): Promise<void> {
    this.#isOver = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    for (const resolve of this.#questions.values()) resolve(ENDED)
    this.#questions.clear()
    // Not all listeners: without its own a Worker does not work.
    this.#worker.off('message', this.#take).off('error', this.#died)
    if (isLost) await this.#worker.terminate()
    await this.#ended(this, isLost ? null : this.#worker)
  }

  readonly #died = (error: Error): void => {
    this.#fail(
      diskFault(error, 'read', this.#capture.fileOf(this.#ids[0] ?? 'C1'), 'Reading the recording stopped'),
    )
  }

  readonly #take = (message: FromScanner): void => {
    if (this.#isOver) return
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    if (message.type === 'more' || message.type === 'rested') this.#isBusy = false
    // Whatever it says, it goes on.
    this.#watchdog = this.#isBusy ? this.#watch() : null
    switch (message.type) {
      case 'more':
        return void this.#feed()
      case 'rested':
        return
      case 'told':
        return this.#order.onTold(message.told as never)
      case 'answer': {
        const resolve = this.#questions.get(message.number)
        this.#questions.delete(message.number)
        return resolve?.({ ok: true, value: message.answer as never })
      }
    }
  }

  /** Gives the thread the next rows, or the word that there are none for now. */
  async #feed(): Promise<void> {
    try {
      if (await this.#feedRows()) return
    } catch (error) {
      this.#died(error as Error)
    }
    if (this.#isOver) return
    if (!this.isDone) {
      this.isDone = true
      this.#post({ type: 'rest' })
    }
    this.#timer = setTimeout(() => void this.#feed(), LOOK_AGAIN_MS)
  }

  /** Sockets take turns: each is read to its end, as far as it is known, before the next. */
  async #feedRows(): Promise<boolean> {
    const ids = this.#order.ids ?? this.#capture.ids()
    for (let looked = 0; looked < ids.length; looked++) {
      const id = ids[(this.#turn + looked) % ids.length] as SocketId
      const end = await this.#endOf(id)
      const firstRow = this.#next.get(id) ?? 0
      const rows = Math.min(end, this.#capture.size(id).rows) - firstRow
      if (rows <= 0) continue
      const read = await this.#capture.records(id, firstRow, Math.min(rows, ROWS_A_BATCH))
      const records = recordsWithin(read, this.#order.batchBytes ?? BYTES_A_BATCH)
      if (this.#isOver) return true
      if (records.length === 0) continue
      this.#turn = (this.#turn + looked) % ids.length
      this.#next.set(id, firstRow + records.length / RECORD_FLOATS)
      this.isDone = false
      const batch = { socket: this.#numberFor(id), file: this.#capture.fileOf(id), firstRow, records }
      this.#post({ type: 'rows', batch }, [records.buffer])
      return true
    }
    return false
  }

  /** The row before which the scan of a socket ends. Where it does not begin with the first row, that is set here. */
  async #endOf(id: SocketId): Promise<number> {
    const { rangeOf } = this.#order
    if (rangeOf === undefined) return Infinity
    let end = this.#ends.get(id)
    if (end === undefined) {
      const [from, to] = await rangeOf(id)
      this.#next.set(id, from)
      this.#ends.set(id, to)
      end = to
    }
    return end
  }

  #numberFor(id: SocketId): number {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    this.#numbers.set(id, this.#ids.length)
    return this.#ids.push(id) - 1
  }

  #post(message: ToScanner, transfer: ArrayBuffer[] = []): void {
    this.#isBusy = true
    this.#watchdog ??= this.#watch()
    this.#worker.postMessage(message, transfer)
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(() => {
      const what = this.#order.stuck ?? 'Reading the recording has been at the same place'
      this.#fail(
        fault('SB_CANCELLED', `${what} for ${STUCK_MS / 1000} seconds.`, {
          hint: 'Repetitions within repetitions in an expression, such as (a+)+, take for ever on some bytes: write it without.',
        }),
      )
    }, STUCK_MS)
  }

  #fail(of: Fault): void {
    if (this.#isOver) return
    this.isDone = true
    void this.#end(true)
    this.#order.onFailed(of)
  }
}

const ENDED: Reply<never> = { ok: false, fault: fault('SB_CANCELLED', 'It has ended.') }
