import { EXTENT_BYTES, FileReading } from '../scan/fileReading'
import { chunksOf } from '../scan/extents'
import { type RowBatch } from '../scan/rowBatch'
import { type Scanner, type Telling } from '../scan/scanner'
import { ExactFinder, SearchMemory, SLACK_BYTES } from './exactFinder'
import { MATCH, MAX_MATCHES, type SearchTask, type SearchTold } from './messages'
import { type Finder, type Found } from './places'
import { RegexFinder } from './regexFinder'

/** How often it tells how far it is. */
const TELL_MS = 100

/** One for the thread: a module of WebAssembly and its memory are dear, and a thread searches for one thing after the other. */
let memoryOfThread: SearchMemory | null = null

/** Looks for one pattern. */
export class Searching implements Scanner<'search'> {
  readonly #progress: () => void
  readonly #memory: SearchMemory
  readonly #task: SearchTask
  readonly #reading: FileReading
  readonly #finders = new Map<number, Finder>()
  #matches: number[] = []
  #found = 0
  #toldAtMs = 0
  #searchedBytes = 0
  #chunks = 0

  constructor(task: SearchTask, progress: () => void) {
    this.#progress = progress
    this.#task = task
    this.#memory = memoryOfThread ??= new SearchMemory(EXTENT_BYTES + SLACK_BYTES)
    this.#reading = new FileReading(this.#memory.bytes)
  }

  rows({ socket, file, firstRow, records }: RowBatch): void {
    const finder = this.#finderOf(socket)
    const chunks = chunksOf(records, firstRow, this.#task.stream)
    this.#reading.eachChunk(file, chunks, (chunk, bytes, at) => {
      finder.chunk(chunk, chunk.isDatagram, bytes, at)
      this.#searchedBytes += chunk.lengthBytes
      // Asking for the time takes as long as searching a short chunk.
      if (++this.#chunks % 256 === 0 && performance.now() - this.#toldAtMs > TELL_MS) this.#progress()
    })
  }

  rest(): void {
    for (const finder of this.#finders.values()) finder.rest()
  }

  tell(): Telling<SearchTold> {
    this.#toldAtMs = performance.now()
    const matches = Float64Array.from(this.#matches)
    this.#matches = []
    return {
      told: { matches, found: this.#found, searchedBytes: this.#searchedBytes },
      transfer: [matches.buffer],
    }
  }

  close(): void {
    this.#reading.close()
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
    if (pattern.is === 'bytes')
      return new ExactFinder(this.#memory, { bytes: pattern.bytes, masks: null }, found)
    if (pattern.is === 'masked') return new ExactFinder(this.#memory, pattern, found)
    return new RegexFinder(new RegExp(pattern.source, pattern.flags), found)
  }
}
