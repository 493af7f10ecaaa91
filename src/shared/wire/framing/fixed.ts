import { asItIs, type Cutter } from './cutter'

/** Every frame is as long as the others. */
export function fixed(lengthBytes: number): Cutter {
  return {
    cut(frame, _bytes, from, to) {
      const end = from + lengthBytes - frame.lengthBytes
      return end <= to ? end : -1
    },
    atDatagramEnd: () => 'cutShort',
    payload: asItIs,
  }
}
