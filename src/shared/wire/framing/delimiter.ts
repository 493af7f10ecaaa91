import { asItIs, type Cutter } from './cutter'

const LF = 0x0a
const CR = 0x0d

/** Ends after each occurrence of some bytes, found as Knuth, Morris and Pratt do. Occurrences do not overlap. */
export function delimited(delimiter: Uint8Array): Cutter {
  const first = delimiter[0] as number
  const borders = bordersOf(delimiter)
  return {
    cut(frame, bytes, from, to) {
      let matched = frame.note
      for (let at = from; at < to;) {
        if (matched === 0) {
          at = bytes.indexOf(first, at)
          if (at < 0 || at >= to) break
        }
        const byte = bytes[at++] as number
        while (matched > 0 && delimiter[matched] !== byte) matched = borders[matched - 1] as number
        if (delimiter[matched] === byte) matched++
        if (matched === delimiter.length) return at
      }
      frame.note = matched
      return -1
    },
    payload(raw) {
      return endsWith(raw, delimiter) ? asItIs(raw.subarray(0, raw.length - delimiter.length)) : asItIs(raw)
    },
  }
}

/** Ends after each LF; a CR before it is no part of the line. */
export function lines(): Cutter {
  return {
    ...delimited(Uint8Array.of(LF)),
    payload(raw) {
      if (raw.at(-1) !== LF) return asItIs(raw)
      return asItIs(raw.subarray(0, raw.length - (raw.at(-2) === CR ? 2 : 1)))
    },
  }
}

/** For each beginning of the delimiter, how long the longest one of its proper beginnings is that is its end too. */
function bordersOf(delimiter: Uint8Array): readonly number[] {
  const borders = [0]
  for (let at = 1, border = 0; at < delimiter.length; at++) {
    while (border > 0 && delimiter[border] !== delimiter[at]) border = borders[border - 1] as number
    if (delimiter[border] === delimiter[at]) border++
    borders.push(border)
  }
  return borders
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  const from = bytes.length - end.length
  return from >= 0 && end.every((byte, at) => bytes[from + at] === byte)
}
