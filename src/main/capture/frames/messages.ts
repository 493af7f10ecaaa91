import { frameProblems, type Framing } from '../../../shared/model/framing'
import { type RowBatch } from '../scan/rowBatch'
import { type FoundFrame } from './walk'

/** How a socket's bytes are to be cut. */
export interface FramesTask {
  readonly framing: Framing
}

export interface FramesTold {
  readonly count: number
  readonly problems: number
  /** Directions with a frame that is not complete. */
  readonly unfinished: number
  readonly scannedBytes: number
}

export type FramesQuestion =
  /** From which place on must be walked to come to this frame? */
  | { readonly ask: 'place'; readonly frame: number }
  /** Frames `from` to `to` (exclusive), on a walk from this place through these rows. */
  | {
      readonly ask: 'walk'
      readonly place: Float64Array
      readonly batch: Omit<RowBatch, 'socket'>
      readonly from: number
      readonly to: number
    }

export type FramesAnswer =
  | {
      readonly ask: 'place'
      readonly place: Float64Array
      /** Complete frames, as of now, and what is not complete; as floats of FRAME. */
      readonly count: number
      readonly unfinished: Float64Array
    }
  | {
      readonly ask: 'walk'
      /** Those that came to their end within the batch, as floats of FRAME. */
      readonly frames: Float64Array
      /** Where the walk stands after the batch. */
      readonly place: Float64Array
    }

/** Floats of one frame. `direction` is 0 for in and 1 for out, `problem` 0 for none and else its place in `frameProblems`, from 1. */
const FRAME = {
  number: 0,
  direction: 1,
  offset: 2,
  lengthBytes: 3,
  row: 4,
  atNanos: 5,
  endNanos: 6,
  problem: 7,
} as const
const FRAME_FLOATS = 8

export function packFrames(frames: readonly FoundFrame[]): Float64Array<ArrayBuffer> {
  const packed = new Float64Array(frames.length * FRAME_FLOATS)
  frames.forEach((frame, index) => {
    const { number, direction, offset, lengthBytes, row, atNanos, endNanos, problem } = frame
    const code = problem === null ? 0 : frameProblems.indexOf(problem) + 1
    packed.set(
      [number, direction === 'in' ? 0 : 1, offset, lengthBytes, row, atNanos, endNanos, code],
      index * FRAME_FLOATS,
    )
  })
  return packed
}

export function unpackFrames(packed: Float64Array): FoundFrame[] {
  return Array.from({ length: packed.length / FRAME_FLOATS }, (_, index) => {
    const read = (field: keyof typeof FRAME): number => packed[index * FRAME_FLOATS + FRAME[field]] as number
    return {
      number: read('number'),
      direction: read('direction') === 0 ? 'in' : 'out',
      offset: read('offset'),
      lengthBytes: read('lengthBytes'),
      row: read('row'),
      atNanos: read('atNanos'),
      endNanos: read('endNanos'),
      problem: frameProblems[read('problem') - 1] ?? null,
    }
  })
}
