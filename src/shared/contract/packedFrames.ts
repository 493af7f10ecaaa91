import { type Frame } from '../model/frame'

/** Frames as they travel, like `PackedRows`: one text and one buffer. */
export interface PackedFrames {
  /** JSON of the frames, with lengths in place of their heads. */
  readonly json: string
  /** The heads, one after the other. */
  readonly bytes: Uint8Array
}

type Packed = Omit<Frame, 'head'> & { readonly head: number }

export function packFrames(frames: readonly Frame[]): PackedFrames {
  const bytes = new Uint8Array(frames.reduce((sum, { head }) => sum + head.length, 0))
  let at = 0
  const packed = frames.map((frame): Packed => {
    bytes.set(frame.head, at)
    at += frame.head.length
    return { ...frame, head: frame.head.length }
  })
  return { json: JSON.stringify(packed), bytes }
}

/** The frames again; their heads are views on the one buffer. */
export function unpackFrames({ json, bytes }: PackedFrames): Frame[] {
  let at = 0
  return (JSON.parse(json) as Packed[]).map((frame): Frame => {
    const head = bytes.subarray(at, at + frame.head)
    at += frame.head
    return { ...frame, head }
  })
}
