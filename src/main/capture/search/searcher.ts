import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, type MessagePort } from 'node:worker_threads'
import { ExactFinder, SearchMemory, SLACK_BYTES } from './exactFinder'
import { MATCH, MAX_MATCHES, type FromSearcher, type SearchTask, type ToSearcher } from './messages'
import { type Finder, type Found } from './places'
import { RegexFinder } from './regexFinder'
import { chunksOf, extentsOf, type Extent } from './extents'

/** Read at once. No chunk is longer. */
const EXTENT_BYTES = 1024 * 1024
/** How often it tells how far it is. */
const TELL_MS = 100

type Rows = Extract<ToSearcher, { type: 'rows' }>

/** Looks for one pattern in the file of a capture, which somebody else may still write. Throws Node's error. */
class Searching {
  readonly #tell: (message: FromSearcher) => void
  readonly #memory: SearchMemory
  readonly #task: SearchTask
  readonly #file: number
  readonly #finders = new Map<number, Finder>()
  #matches: number[] = []
  #found = 0
  #toldAtMs = 0
  #searchedBytes = 0

  constructor(tell: (message: FromSearcher) => void, memory: SearchMemory, task: SearchTask) {
    this.#tell = tell
    this.#memory = memory
    this.#task = task
    this.#file = openSync(task.file, 'r')
  }

  search({ socket, firstRow, records }: Rows): void {
    for (const extent of extentsOf(chunksOf(records, firstRow, this.#task.stream), EXTENT_BYTES)) {
      this.#read(extent)
      this.#searchExtent(socket, extent)
      if (performance.now() - this.#toldAtMs > TELL_MS) this.tellFound()
    }
  }

  rest(): void {
    for (const finder of this.#finders.values()) finder.rest()
  }

  tellFound(): void {
    this.#toldAtMs = performance.now()
    const matches = Float64Array.from(this.#matches)
    this.#matches = []
    this.#tell({ type: 'found', matches, found: this.#found, searchedBytes: this.#searchedBytes })
  }

  close(): void {
    closeSync(this.#file)
  }

  /** At once: nobody else needs this thread, and what has just been read is still in the processor's cache. */
  #read({ from, to }: Extent): void {
    for (let done = 0; done < to - from;) {
      const bytesRead = readSync(this.#file, this.#memory.bytes, done, to - from - done, from + done)
      if (bytesRead === 0) throw new Error('The recording is shorter than it was.')
      done += bytesRead
    }
  }

  #searchExtent(socket: number, extent: Extent): void {
    const finder = this.#finderOf(socket)
    for (const chunk of extent.chunks) {
      finder.chunk(chunk, chunk.isDatagram, this.#memory.bytes, chunk.payload - extent.from)
      this.#searchedBytes += chunk.lengthBytes
    }
  }

  #finderOf(socket: number): Finder {
    const known = this.#finders.get(socket)
    if (known !== undefined) return known
    const finder = this.#newFinder((place, skipped, lengthBytes) => {
      if (++this.#found > MAX_MATCHES) return
      const at = this.#matches.length
      const matches = this.#matches
      matches[at + MATCH.socket] = socket
      matches[at + MATCH.row] = place.row
      matches[at + MATCH.atNanos] = place.atNanos
      matches[at + MATCH.direction] = place.direction === 'in' ? 0 : 1
      matches[at + MATCH.offset] = place.offset + skipped
      matches[at + MATCH.combinedOffset] = place.combinedOffset + skipped
      matches[at + MATCH.lengthBytes] = lengthBytes
    })
    this.#finders.set(socket, finder)
    return finder
  }

  #newFinder(found: Found): Finder {
    const { pattern } = this.#task
    if (pattern.is === 'bytes') return new ExactFinder(this.#memory, pattern.bytes, found)
    return new RegexFinder(new RegExp(pattern.source, pattern.flags), found)
  }
}

/** The thread's entry. It is told which rows there are; to cancel it is to end it. An error ends it too. */
function serve(port: MessagePort): void {
  const tell = (message: FromSearcher): void => port.postMessage(message)
  const memory = new SearchMemory(EXTENT_BYTES + SLACK_BYTES)
  let searching: Searching | null = null
  port.on('message', (message: ToSearcher) => {
    switch (message.type) {
      case 'begin':
        searching?.close()
        searching = new Searching(tell, memory, message.task)
        return tell({ type: 'more' })
      case 'rows':
        searching?.search(message)
        searching?.tellFound()
        return tell({ type: 'more' })
      case 'rest':
        searching?.rest()
        searching?.tellFound()
        return tell({ type: 'rested' })
    }
  })
}

if (parentPort === null) throw new Error('searcher.ts runs as a worker thread')
serve(parentPort)
