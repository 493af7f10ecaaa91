import { asItIs, type Cutter } from './cutter'

/** Ends where nothing came for so long; so it is known to have ended when something comes after that. */
export function idleGap(gapNanos: number): Cutter {
  return {
    cut: () => -1,
    isOverAt: (frame, atNanos) => atNanos - frame.lastNanos >= gapNanos,
    payload: asItIs,
  }
}
