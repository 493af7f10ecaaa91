import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type StreamName } from '../../shared/model/record'
import { type Match, type SearchQuery, type SearchStatus } from '../../shared/model/search'
import { parsePattern } from '../../shared/wire/pattern'
import { MATCH, MATCH_FLOATS, type SearchTold } from '../capture/search/messages'
import { type CaptureReader } from '../capture/types'
import { type Scan, type Scans } from './scans'

export interface SearchesOptions {
  readonly scans: Scans
  readonly capture: Pick<CaptureReader, 'ids' | 'size'>
  readonly onProgress: (status: SearchStatus) => void
}

/** The searches that are under way. */
export class Searches {
  readonly #options: SearchesOptions
  readonly #open = new Map<number, Search>()
  #last = 0

  constructor(options: SearchesOptions) {
    this.#options = options
  }

  /** Begins to look through one socket's record, or through all. The number answered names the search from now on. */
  begin(id: SocketId | null, query: SearchQuery): Reply<{ readonly search: number }> {
    const pattern = parsePattern(query)
    if (!pattern.ok) return pattern
    const number = this.#last + 1
    const search = new Search(number, id, query.stream, this.#options)
    const began = this.#options.scans.begin({
      ids: id === null ? null : [id],
      task: { kind: 'search', pattern: pattern.value, stream: query.stream },
      onTold: (told) => search.take(told),
      onFailed: (of) => search.fail(of),
      stuck: 'The expression has been at the same place',
    })
    if (!began.ok) return began
    search.scan = began.value
    this.#last = number
    this.#open.set(number, search)
    return { ok: true, value: { search: number } }
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

  /**
   * How many of the kept matches lie in each of so many equal parts of a record.
   * @param stream whose bytes are parted; without it, rows are
   */
  marks(search: number, id: SocketId, parts: number, stream?: StreamName): Reply<readonly number[]> {
    return this.#with(search, (found) => {
      const { rows, inBytes, outBytes } = this.#options.capture.size(id)
      const lengths = { in: inBytes, out: outBytes, both: inBytes + outBytes }
      const length = Math.max(1, stream === undefined ? rows : lengths[stream])
      const counts = new Array<number>(parts).fill(0)
      for (const match of found.matches) {
        const at = match.id === id ? placeIn(match, stream) : null
        if (at === null) continue
        const part = Math.min(parts - 1, Math.floor((at / length) * parts))
        counts[part] = (counts[part] ?? 0) + 1
      }
      return counts
    })
  }

  /** Ends a search, wherever it is. One that has ended already is fine. */
  async end(search: number): Promise<void> {
    const found = this.#open.get(search)
    this.#open.delete(search)
    await found?.scan?.end()
  }

  #with<T>(search: number, ask: (found: Search) => T): Reply<T> {
    const found = this.#open.get(search)
    if (found === undefined) return { ok: false, fault: fault('SB_UNKNOWN', `There is no search ${search}.`) }
    return { ok: true, value: ask(found) }
  }
}

/** Where a match is, in rows or in bytes of a stream; null if it is not in that stream. */
function placeIn(match: Match, stream: StreamName | undefined): number | null {
  if (stream === undefined) return match.row
  if (stream === 'both') return match.combinedOffset
  return match.direction === stream ? match.offset : null
}

/** One search: keeps what its thread finds. */
class Search {
  scan: Scan<'search'> | null = null
  readonly #number: number
  readonly #id: SocketId | null
  readonly #stream: SearchQuery['stream']
  readonly #options: SearchesOptions
  readonly #matches: Match[] = []
  #isSorted = true
  #found = 0
  #searchedBytes = 0
  #fault: Fault | null = null

  constructor(number: number, id: SocketId | null, stream: SearchQuery['stream'], options: SearchesOptions) {
    this.#number = number
    this.#id = id
    this.#stream = stream
    this.#options = options
  }

  /** What was kept, in order. */
  get matches(): readonly Match[] {
    if (!this.#isSorted) {
      const place = ({ id }: Match): number => this.scan?.numberOf(id) ?? 0
      this.#matches.sort((a, b) => place(a) - place(b) || a.row - b.row || a.offset - b.offset)
      this.#isSorted = true
    }
    return this.#matches
  }

  take({ matches, found, searchedBytes }: SearchTold): void {
    this.#found = found
    this.#searchedBytes = searchedBytes
    for (let at = 0; at < matches.length; at += MATCH_FLOATS) this.#keep(matches, at)
    this.#tell()
  }

  fail(of: Fault): void {
    this.#fault = of
    this.#tell()
  }

  #keep(floats: Float64Array, at: number): void {
    const read = (field: keyof typeof MATCH): number => floats[at + MATCH[field]] as number
    const match: Match = {
      id: (this.scan as Scan<'search'>).idOf(read('socket')),
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
      isDone: this.#fault !== null || this.scan?.isDone === true,
      ...(this.#fault !== null && { fault: this.#fault }),
    })
  }
}
