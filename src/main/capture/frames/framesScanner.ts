import { type Framing } from '../../../shared/model/framing'
import { FileReading } from '../scan/fileReading'
import { type RowBatch } from '../scan/rowBatch'
import { type Scanner, type Telling } from '../scan/scanner'
import {
  packFrames,
  type FramesAnswer,
  type FramesQuestion,
  type FramesTask,
  type FramesTold,
} from './messages'
import { KeptPlaces } from './places'
import { Walk, type FoundFrame } from './walk'

/** Cuts one socket's record into frames, and finds them again by their numbers. */
export class FramesScanner implements Scanner<'frames'> {
  readonly #framing: Framing
  readonly #reading = new FileReading()
  readonly #walk: Walk
  readonly #places = new KeptPlaces()
  #problems = 0

  constructor({ framing }: FramesTask) {
    this.#framing = framing
    this.#walk = new Walk(framing, {
      found: ({ problem }) => {
        if (problem !== null) this.#problems++
        this.#places.pass(this.#walk)
      },
      begins: () => this.#places.pass(this.#walk),
    })
    this.#places.pass(this.#walk)
  }

  rows(batch: RowBatch): void {
    this.#walk.rows(this.#reading, batch)
  }

  rest(): void {
    // A frame is complete or it is not, whether more comes or not.
  }

  tell(): Telling<FramesTold> {
    const { frames: count, bytes: scannedBytes } = this.#walk
    const unfinished = this.#walk.unfinished().length
    return { told: { count, problems: this.#problems, unfinished, scannedBytes } }
  }

  answer(question: FramesQuestion): Telling<FramesAnswer> {
    return question.ask === 'place' ? this.#place(question.frame) : this.#walkAgain(question)
  }

  close(): void {
    this.#reading.close()
  }

  #place(frame: number): Telling<FramesAnswer> {
    const place = this.#places.before(frame)
    const unfinished = packFrames(this.#walk.unfinished())
    return {
      told: { ask: 'place', place, count: this.#walk.frames, unfinished },
      transfer: [place.buffer, unfinished.buffer],
    }
  }

  #walkAgain({ place, batch, from, to }: Extract<FramesQuestion, { ask: 'walk' }>): Telling<FramesAnswer> {
    const found: FoundFrame[] = []
    const walk = new Walk(this.#framing, {
      found: (frame) => {
        if (frame.number >= from && frame.number < to) found.push(frame)
      },
    })
    walk.resume(place)
    walk.rows(this.#reading, batch)
    const frames = packFrames(found)
    const after = walk.save()
    return { told: { ask: 'walk', frames, place: after }, transfer: [frames.buffer, after.buffer] }
  }
}
