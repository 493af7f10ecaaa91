import { PLACE, PLACE_FLOATS, type Walk } from './walk'

const FRAMES_APART = 64
const EFFORT_APART = 256 * 1024
/** What a row without bytes costs, counted in bytes. */
const ROW_EFFORT = 64
/** Two megabytes for any record, however long: when they are full, every second one goes and the others lie twice as far apart. */
const MAX_PLACES = 16_384

/** Where a walk stood now and then, so that any frame is found without walking from the beginning. */
export class KeptPlaces {
  #places = new Float64Array(64 * PLACE_FLOATS)
  #count = 0
  #framesApart = FRAMES_APART
  #effortApart = EFFORT_APART
  #nextFrame = 0
  #nextEffort = 0

  /** Keeps where the walk stands now, if it has come far enough since the last time. */
  pass(walk: Walk): void {
    if (walk.frames >= this.#nextFrame || effortOf(walk) >= this.#nextEffort) this.#keep(walk)
  }

  /** The last place from which this frame is still to come. */
  before(frame: number): Float64Array<ArrayBuffer> {
    let low = 0
    let high = this.#count - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#places[middle * PLACE_FLOATS + PLACE.frames] as number) <= frame) low = middle
      else high = middle - 1
    }
    return this.#places.slice(low * PLACE_FLOATS, (low + 1) * PLACE_FLOATS)
  }

  #keep(walk: Walk): void {
    if (this.#count === MAX_PLACES) this.#thin()
    const at = this.#count * PLACE_FLOATS
    if (at === this.#places.length) {
      const larger = new Float64Array(at * 2)
      larger.set(this.#places)
      this.#places = larger
    }
    walk.saveTo(this.#places, at)
    this.#count++
    this.#nextFrame = walk.frames + this.#framesApart
    this.#nextEffort = effortOf(walk) + this.#effortApart
  }

  #thin(): void {
    for (let kept = 1; kept * 2 < this.#count; kept++) {
      const from = kept * 2 * PLACE_FLOATS
      this.#places.copyWithin(kept * PLACE_FLOATS, from, from + PLACE_FLOATS)
    }
    this.#count = Math.ceil(this.#count / 2)
    this.#framesApart *= 2
    this.#effortApart *= 2
  }
}

function effortOf({ bytes, rowsPassed }: Walk): number {
  return bytes + rowsPassed * ROW_EFFORT
}
