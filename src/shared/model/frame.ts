import { type Fault } from './fault'
import { type FrameProblem } from './framing'
import { type SocketId } from './ids'
import { type Direction } from './record'

/** What is wrong with a frame, as a sentence. */
export const frameProblemTexts: Readonly<Record<FrameProblem, string>> = {
  tooLong: 'Ended at 16 MiB: no end came before that.',
  lengthTooLarge: 'Its length field tells of more than 16 MiB.',
  lengthTooSmall: 'Its length field tells of less than its own header.',
  cutShort: 'The datagram ends before the frame does.',
  badEscape: 'An escape (DB) is not followed by DC or DD.',
  badCode: 'A zero comes before the end of a block that its code tells of.',
}

/** A piece of one direction's stream, as it is in the record: with its delimiter, prefix and escapes. */
export interface Frame {
  /** From 0, both directions together, in the order in which frames became complete. */
  readonly number: number
  readonly direction: Direction
  /** Where it begins in its direction's stream, and its length there; bytes. */
  readonly offset: number
  readonly lengthBytes: number
  /** The row in which it begins. */
  readonly row: number
  /** When its first and its last byte were recorded. */
  readonly atNanos: number
  readonly endNanos: number
  readonly problem: FrameProblem | null
  /** False for what has come of a frame that is not complete yet. */
  readonly isComplete: boolean
  /** The first bytes of its payload, at most `FRAME_HEAD_BYTES`. */
  readonly head: Uint8Array
  /** Whether that is all of its payload. */
  readonly isHeadWhole: boolean
}

/** How much of each frame's payload travels with it. */
export const FRAME_HEAD_BYTES = 512

/** How far a socket's record has been cut into frames. It goes on as long as the record grows and nobody ends it. */
export interface FramesStatus {
  /** Names this cutting of this record. */
  readonly frames: number
  readonly id: SocketId
  /** Complete frames. */
  readonly count: number
  /** Those of them with a problem. */
  readonly problems: number
  /** Directions with bytes after their last complete frame: shown after all frames. */
  readonly unfinished: number
  /** Grows whenever what is unfinished does. */
  readonly scannedBytes: number
  readonly totalBytes: number
  readonly isDone: boolean
  readonly fault?: Fault
}
