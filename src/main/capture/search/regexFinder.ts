import { type Direction } from '../../../shared/model/record'
import { Places, type Finder, type Found, type Place } from './places'

/** So much of a stream is looked at together. */
const WINDOW_BYTES = 1024 * 1024
/** A match may be so long wherever it begins; a longer one may be told as two, or cut. */
const CARRIED_BYTES = 64 * 1024

/** A piece of a stream, gathered from its chunks. */
interface Window {
  readonly bytes: Buffer
  used: number
  /** Offset in the stream of its first byte. */
  from: number
  /** Offset from which is to be searched. */
  next: number
  readonly places: Places
}

/** Looks for a regular expression, that sees bytes as Latin-1 characters. Matches of no length are none. */
export class RegexFinder implements Finder {
  readonly #expression: RegExp
  readonly #found: Found
  readonly #windows: Record<Direction, Window> = { in: emptyWindow(), out: emptyWindow() }

  constructor(expression: RegExp, found: Found) {
    this.#expression = expression
    this.#found = found
  }

  chunk(place: Place, isDatagram: boolean, memory: Buffer, from: number): void {
    if (isDatagram) {
      const text = memory.toString('latin1', from, from + place.lengthBytes)
      this.#matches(text, 0, (at, length) => {
        this.#found(place, at, length)
        return true
      })
      return
    }
    const window = this.#windows[place.direction]
    window.places.add(place)
    const end = from + place.lengthBytes
    for (let at = from; at < end;) {
      const part = Math.min(end - at, window.bytes.length - window.used)
      memory.copy(window.bytes, window.used, at, at + part)
      window.used += part
      at += part
      if (window.used === window.bytes.length) this.#search(window, false)
    }
  }

  rest(): void {
    this.#search(this.#windows.in, true)
    this.#search(this.#windows.out, true)
  }

  /** @param isEnd nothing comes behind it for now */
  #search(window: Window, isEnd: boolean): void {
    const end = window.from + window.used
    if (window.next < end) {
      const text = window.bytes.toString('latin1', 0, window.used)
      // Where the search goes on: what begins close to the end may reach, or reach further, into what comes.
      const safe = isEnd ? end : Math.max(window.from, end - CARRIED_BYTES)
      let next = Math.max(window.next, end - CARRIED_BYTES)
      this.#matches(text, window.next - window.from, (at, length) => {
        const begins = window.from + at
        if (begins >= safe) return false
        const place = window.places.at(begins)
        this.#found(place, begins - place.offset, length)
        next = Math.max(next, begins + length)
        return true
      })
      window.next = next
    }
    if (window.used < window.bytes.length) return
    // One byte more than is searched again, for what looks back: \b, ^, (?<=…).
    const keep = Math.min(window.used - 1, end - window.next + 64)
    window.bytes.copyWithin(0, window.used - keep, window.used)
    window.from = end - keep
    window.used = keep
    window.places.dropBefore(window.from)
  }

  /** Calls with every match from an index on, until `take` answers false. */
  #matches(text: string, from: number, take: (at: number, length: number) => boolean): void {
    const expression = this.#expression
    expression.lastIndex = from
    for (;;) {
      const match = expression.exec(text)
      if (match === null) return
      if (match[0].length === 0) expression.lastIndex++
      else if (!take(match.index, match[0].length)) return
    }
  }
}

function emptyWindow(): Window {
  return {
    bytes: Buffer.alloc(WINDOW_BYTES + CARRIED_BYTES),
    used: 0,
    from: 0,
    next: 0,
    places: new Places(),
  }
}
