import { MAX_FRAME_BYTES, type FrameProblem, type Framing } from '../../model/framing'
import { parseHex } from '../hex'
import { cobs } from './cobs'
import { type Cut, type Cutter, type FrameState, type Payload } from './cutter'
import { delimited, lines } from './delimiter'
import { fixed } from './fixed'
import { idleGap } from './idleGap'
import { lengthPrefixed } from './lengthPrefix'
import { slip } from './slip'

/**
 * Told of each frame's end.
 * @param end the index after its last byte in the bytes at hand, 0 for one that ended before them
 * @param lengthBytes of the whole frame
 */
export type FrameEnd = (end: number, lengthBytes: number, problem: FrameProblem | null) => void

/** Cuts one direction's bytes into frames that lie end to end. Keeps a few numbers, no bytes. */
export class Framer {
  /** The frame under way. Who takes framing up again at a frame's start, or with this, gets the same frames. */
  readonly frame: FrameState = { lengthBytes: 0, note: 0, lastNanos: 0 }
  readonly #cutter: Cutter
  readonly #told: Cut = { end: 0, problem: null }

  constructor(cutter: Cutter) {
    this.#cutter = cutter
  }

  /** Takes the next bytes. @param atNanos when they were recorded, never earlier than those before */
  push(bytes: Uint8Array, atNanos: number, ended: FrameEnd): void {
    this.pass(atNanos, ended)
    this.frame.lastNanos = atNanos
    const told = this.#told
    for (let at = 0; at < bytes.length;) {
      const to = Math.min(bytes.length, at + MAX_FRAME_BYTES - this.frame.lengthBytes)
      told.problem = null
      let end = this.#cutter.cut(this.frame, bytes, at, to, told)
      if (end < 0) {
        if (this.frame.lengthBytes + to - at < MAX_FRAME_BYTES) {
          this.frame.lengthBytes += to - at
          return
        }
        end = to
        told.problem = 'tooLong'
      }
      const lengthBytes = this.#begin() + end - at
      ended(end, lengthBytes, told.problem)
      at = end
    }
  }

  /** Something else happened at this time: ends the frame under way if it was over before. */
  pass(atNanos: number, ended: FrameEnd): void {
    if (this.frame.lengthBytes === 0 || this.#cutter.isOverAt?.(this.frame, atNanos) !== true) return
    ended(0, this.#begin(), null)
  }

  /** The datagram that was pushed last ends here, and so does the frame under way. */
  endDatagram(end: number, ended: FrameEnd): void {
    if (this.frame.lengthBytes === 0) return
    const problem = this.#cutter.atDatagramEnd?.(this.frame) ?? null
    ended(end, this.#begin(), problem)
  }

  /** Answers how long the frame was that ends. */
  #begin(): number {
    const { lengthBytes } = this.frame
    this.frame.lengthBytes = 0
    this.frame.note = 0
    return lengthBytes
  }
}

export function framerFor(framing: Framing): Framer {
  return new Framer(cutterFor(framing))
}

/**
 * What a frame carries: without its delimiter or length prefix, without escapes.
 * @param raw its bytes as recorded
 * @param isWhole false for a frame's beginning only
 */
export function payloadOf(framing: Framing, raw: Uint8Array, isWhole: boolean): Payload {
  return cutterFor(framing).payload(raw, isWhole)
}

function cutterFor(framing: Framing): Cutter {
  switch (framing.kind) {
    case 'line':
      return lines()
    case 'delimiter': {
      const bytes = parseHex(framing.hex)
      if (!bytes.ok || bytes.value.length === 0)
        throw new RangeError('a delimiter is checked before it is used')
      return delimited(bytes.value)
    }
    case 'fixed':
      return fixed(framing.lengthBytes)
    case 'lengthPrefix':
      return lengthPrefixed(framing)
    case 'idleGap':
      return idleGap(framing.gapNanos)
    case 'slip':
      return slip
    case 'cobs':
      return cobs
  }
}
