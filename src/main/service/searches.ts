import { Worker } from 'node:worker_threads'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type Match, type SearchQuery, type SearchStatus } from '../../shared/model/search'
import { parsePattern } from '../../shared/wire/pattern'
import { diskFault } from '../capture/diskFault'
import { RECORD_FLOATS } from '../capture/indexLog'
import {
  MATCH,
  MATCH_FLOATS,
  type FromSearcher,
  type SearchTask,
  type ToSearcher,
} from '../capture/search/messages'
import { type Capture } from '../capture/types'

/** Each search is a thread: more at once would only get in each other's way. */
const MAX_SEARCHES = 8
const ROWS_A_BATCH = 4096
/** How often a search that has seen everything looks whether there is more. */
const LOOK_AGAIN_MS = 250
/** Threads that have nothing to do and wait for the next search: a new one takes as long as it takes to search a quarter of a gigabyte. */
const MAX_SPARES = 2
/** An expression that takes so long over a few megabytes will never come to an end. */
const STUCK_MS = 20_000

export interface SearchesOptions {
  /** The built searcher: out/main/searcher.js. Without it nothing can be searched. */
  readonly entry: URL | string | undefined
  readonly capture: Pick<Capture, 'file' | 'ids' | 'size' | 'records'>
  readonly onProgress: (status: SearchStatus) => void
}

/** The searches that are under way, each in a thread of its own. */
export class Searches {
  readonly #options: SearchesOptions
  readonly #open = new Map<number, Search>()
  readonly #spares: Worker[] = []
  #last = 0
  #isClosed = false

  constructor(options: SearchesOptions) {
    this.#options = options
  }

  /** Begins to look through one socket's record, or through all. The number answered names the search from now on. */
  begin(id: SocketId | null, query: SearchQuery): Reply<{ readonly search: number }> {
    const pattern = parsePattern(query)
    if (!pattern.ok) return pattern
    const { entry } = this.#options
    if (entry === undefined) return { ok: false, fault: fault('SB_STATE', 'Searching needs the window.') }
    if (this.#open.size >= MAX_SEARCHES) {
      return {
        ok: false,
        fault: fault('SB_STATE', `${MAX_SEARCHES} searches are under way already.`, {
          hint: 'Close a find bar first.',
        }),
      }
    }
    const search = ++this.#last
    const task = { file: this.#options.capture.file, pattern: pattern.value, stream: query.stream }
    const worker = this.#spares.pop() ?? this.#newWorker(entry)
    this.#open.set(search, new Search(search, id, task, worker, this.#options))
    return { ok: true, value: { search } }
  }

  /** Matches `from` to `to` of those kept, in the order of sockets, rows and offsets. */
  matches(search: number, from: number, to: number): Reply<readonly Match[]> {
    return this.#with(search, (found) => found.matches.slice(from, to))
  }

  /** The index of the first kept match at or after a row. */
  firstFrom(search: number, id: SocketId, row: number): Reply<number> {
    return this.#with(search, (found) => {
      const at = found.matches.findIndex((match) => match.id === id && match.row >= row)
      return at < 0 ? found.matches.length : at
    })
  }

  /** How many of the kept matches lie in each of so many equal parts of a record. */
  marks(search: number, id: SocketId, parts: number): Reply<readonly number[]> {
    return this.#with(search, (found) => {
      const rows = Math.max(1, this.#options.capture.size(id).rows)
      const counts = new Array<number>(parts).fill(0)
      for (const match of found.matches) {
        if (match.id !== id) continue
        const part = Math.min(parts - 1, Math.floor((match.row / rows) * parts))
        counts[part] = (counts[part] ?? 0) + 1
      }
      return counts
    })
  }

  /** Ends a search, wherever it is. One that has ended already is fine. */
  async end(search: number): Promise<void> {
    const found = this.#open.get(search)
    this.#open.delete(search)
    const spare = await found?.end()
    if (spare && this.#spares.length < MAX_SPARES && !this.#isClosed) this.#spares.push(spare)
    else await spare?.terminate()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#open.keys()].map((search) => this.end(search)))
    await Promise.all(this.#spares.splice(0).map((spare) => spare.terminate()))
  }

  #newWorker(entry: URL | string): Worker {
    const worker = new Worker(entry)
    // Of one that dies with nothing to do nobody needs to hear.
    return worker.on('error', () => {
      const at = this.#spares.indexOf(worker)
      if (at >= 0) this.#spares.splice(at, 1)
    })
  }

  #with<T>(search: number, ask: (found: Search) => T): Reply<T> {
    const found = this.#open.get(search)
    if (found === undefined) return { ok: false, fault: fault('SB_UNKNOWN', `There is no search ${search}.`) }
    return { ok: true, value: ask(found) }
  }
}

/** One search: feeds its thread with rows, and keeps what it finds. */
class Search {
  readonly #number: number
  readonly #id: SocketId | null
  readonly #stream: SearchTask['stream']
  readonly #options: SearchesOptions
  readonly #worker: Worker
  /** The next row of each socket; its place here is the socket's number for the thread. */
  readonly #next = new Map<SocketId, number>()
  readonly #ids: SocketId[] = []
  readonly #matches: Match[] = []
  #isSorted = true
  #found = 0
  #searchedBytes = 0
  #isDone = false
  #isOver = false
  /** The thread has not answered yet what it was told last. */
  #isBusy = false
  #fault: Fault | null = null
  #timer: NodeJS.Timeout | null = null
  #watchdog: NodeJS.Timeout | null = null

  constructor(
    number: number,
    id: SocketId | null,
    task: SearchTask,
    worker: Worker,
    options: SearchesOptions,
  ) {
    this.#number = number
    this.#id = id
    this.#stream = task.stream
    this.#options = options
    this.#worker = worker
    this.#worker.on('message', this.#take).on('error', this.#died)
    this.#post({ type: 'begin', task })
  }

  /** What was kept, in order. */
  get matches(): readonly Match[] {
    if (!this.#isSorted) {
      const order = new Map(this.#ids.map((id, at) => [id, at]))
      const place = ({ id }: Match): number => order.get(id) ?? 0
      this.#matches.sort((a, b) => place(a) - place(b) || a.row - b.row || a.offset - b.offset)
      this.#isSorted = true
    }
    return this.#matches
  }

  /** Answers its thread, if that has nothing to do and can search for something else. */
  async end(): Promise<Worker | null> {
    this.#isOver = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    this.#worker.off('message', this.#take).off('error', this.#died)
    if (!this.#isBusy && this.#fault === null) return this.#worker
    await this.#worker.terminate()
    return null
  }

  readonly #died = (error: Error): void => {
    this.#fail(diskFault(error, 'read', this.#options.capture.file, 'The search stopped'))
  }

  readonly #take = (message: FromSearcher): void => {
    if (this.#isOver) return
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    // Whatever it says, it goes on.
    this.#watchdog = message.type === 'found' && this.#isBusy ? this.#watch() : null
    if (message.type !== 'found') this.#isBusy = false
    if (message.type === 'more') return void this.#feed()
    if (message.type === 'rested') return
    this.#found = message.found
    this.#searchedBytes = message.searchedBytes
    for (let at = 0; at < message.matches.length; at += MATCH_FLOATS) this.#keep(message.matches, at)
    this.#tell()
  }

  #keep(floats: Float64Array, at: number): void {
    const read = (field: keyof typeof MATCH): number => floats[at + MATCH[field]] as number
    const match: Match = {
      id: this.#ids[read('socket')] as SocketId,
      row: read('row'),
      atNanos: read('atNanos'),
      direction: read('direction') === 0 ? 'in' : 'out',
      offset: read('offset'),
      combinedOffset: read('combinedOffset'),
      lengthBytes: read('lengthBytes'),
    }
    const last = this.#matches.at(-1)
    if (last !== undefined && (last.id !== match.id || last.row > match.row)) this.#isSorted = false
    this.#matches.push(match)
  }

  /** Gives the thread the next rows, or the word that there are none for now. */
  async #feed(): Promise<void> {
    const { capture } = this.#options
    try {
      for (const id of this.#id === null ? capture.ids() : [this.#id]) {
        const firstRow = this.#next.get(id) ?? 0
        if (firstRow >= capture.size(id).rows) continue
        const records = await capture.records(id, firstRow, ROWS_A_BATCH)
        if (this.#isOver || records.length === 0) continue
        if (!this.#next.has(id)) this.#ids.push(id)
        this.#next.set(id, firstRow + records.length / RECORD_FLOATS)
        this.#isDone = false
        this.#post({ type: 'rows', socket: this.#ids.indexOf(id), firstRow, records }, [
          records.buffer as ArrayBuffer,
        ])
        return
      }
    } catch (error) {
      this.#fail(diskFault(error, 'read', capture.file, 'The search stopped'))
    }
    if (this.#isOver) return
    if (!this.#isDone) {
      this.#isDone = true
      this.#post({ type: 'rest' })
    }
    this.#timer = setTimeout(() => void this.#feed(), LOOK_AGAIN_MS)
  }

  #post(message: ToSearcher, transfer: ArrayBuffer[] = []): void {
    this.#isBusy = true
    this.#watchdog ??= this.#watch()
    this.#worker.postMessage(message, transfer)
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(() => this.#stuck(), STUCK_MS)
  }

  #stuck(): void {
    this.#fail(
      fault('SB_CANCELLED', `The expression has been at the same place for ${STUCK_MS / 1000} seconds.`, {
        hint: 'Repetitions within repetitions, such as (a+)+, take for ever on some bytes: write it without.',
      }),
    )
  }

  #fail(of: Fault): void {
    if (this.#isOver) return
    this.#fault = of
    this.#isDone = true
    this.#tell()
    void this.end()
  }

  #tell(): void {
    const ids = this.#id === null ? this.#options.capture.ids() : [this.#id]
    let totalBytes = 0
    for (const id of ids) {
      const { inBytes, outBytes } = this.#options.capture.size(id)
      totalBytes += (this.#stream === 'out' ? 0 : inBytes) + (this.#stream === 'in' ? 0 : outBytes)
    }
    this.#options.onProgress({
      search: this.#number,
      found: this.#found,
      kept: this.#matches.length,
      searchedBytes: this.#searchedBytes,
      totalBytes,
      isDone: this.#isDone,
      ...(this.#fault !== null && { fault: this.#fault }),
    })
  }
}
