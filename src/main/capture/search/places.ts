import { type Direction } from '../../../shared/model/record'

/** A chunk as far as a match needs to know it. Offsets are in bytes of its direction's stream, and of both counted together. */
export interface Place {
  readonly row: number
  readonly atNanos: number
  readonly direction: Direction
  readonly offset: number
  readonly combinedOffset: number
  readonly lengthBytes: number
}

/** Told of each match: the chunk in which it begins, and how far into it. */
export type Found = (place: Place, skipped: number, lengthBytes: number) => void

/** Looks for one pattern in the chunks of one socket, given in the order of their rows. */
export interface Finder {
  /** @param from index of the chunk's first byte in `memory` */
  chunk(place: Place, isDatagram: boolean, memory: Buffer, from: number): void
  /** Nothing more for now: tells what could still have grown longer. More chunks may follow. */
  rest(): void
}

/** The last chunks of a stream, to find the one that holds a byte. */
export class Places {
  #places: Place[] = []

  add(place: Place): void {
    this.#places.push(place)
  }

  /** The chunk that holds the byte at an offset of the stream. */
  at(offset: number): Place {
    let low = 0
    let high = this.#places.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#places[middle] as Place).offset <= offset) low = middle
      else high = middle - 1
    }
    const place = this.#places[low]
    if (place === undefined || offset < place.offset) throw new RangeError(`No chunk holds byte ${offset}`)
    return place
  }

  /** Lets go of the chunks that end before an offset. */
  dropBefore(offset: number): void {
    const first = this.#places.findIndex((place) => place.offset + place.lengthBytes > offset)
    if (first !== 0) this.#places = first < 0 ? [] : this.#places.slice(first)
  }
}
