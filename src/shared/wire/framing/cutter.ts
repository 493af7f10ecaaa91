import { type FrameProblem } from '../../model/framing'

/** The frame under way: plain numbers, so that it can be kept and taken up again. At a frame's start all but the time are 0. */
export interface FrameState {
  lengthBytes: number
  /** What its cutter has to remember from one piece to the next. */
  note: number
  /** When its last piece was recorded. */
  lastNanos: number
}

/** What a frame carries. */
export interface Payload {
  readonly bytes: Uint8Array
  readonly problem: FrameProblem | null
}

/** A frame's end: the index after its last byte, and what is wrong with it. */
export interface Cut {
  end: number
  problem: FrameProblem | null
}

/** One kind of framing. It keeps nothing itself. */
export interface Cutter {
  /**
   * Looks for the end of the frame under way in bytes `from` to `to` (exclusive), which come right after what it has.
   * Answers the index after its last byte, or -1 if none of these bytes is it, and sets the state's note then.
   * @param told receives the frame's problem, if it has one
   */
  cut(frame: FrameState, bytes: Uint8Array, from: number, to: number, told: Cut): number
  /** Whether the frame under way has ended before something that comes at this time. */
  isOverAt?(frame: FrameState, atNanos: number): boolean
  /** What is wrong with the frame under way if a datagram ends here. */
  atDatagramEnd?(frame: FrameState): FrameProblem | null
  /**
   * The payload of a frame's bytes.
   * @param isWhole false for a frame's beginning only
   */
  payload(raw: Uint8Array, isWhole: boolean): Payload
}

/** The bytes as they are. */
export const asItIs = (raw: Uint8Array): Payload => ({ bytes: raw, problem: null })
