import { isAscii, isUtf8 } from 'node:buffer'

/**
 * Upper case for a stream of bytes, whatever way it is cut. UTF-8 characters are turned as Unicode has it ("ß" becomes "SS");
 * bytes that are no UTF-8 pass as they are. A character cut by a chunk's edge is held until its rest comes, or the end.
 */
export class Upper {
  #held: Uint8Array = new Uint8Array(0)

  push(bytes: Uint8Array): Uint8Array {
    if (this.#held.length === 0 && isAscii(bytes)) return upperAscii(bytes)
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    const whole = all.length - cutLength(all)
    // A copy: of a Buffer, which reads bring, all.slice would be a view.
    this.#held = Uint8Array.prototype.slice.call(all, whole)
    return upperMixed(all.subarray(0, whole))
  }

  /** What was held: the beginning of a character that never came whole. */
  end(): Uint8Array {
    const rest = this.#held
    this.#held = new Uint8Array(0)
    return rest
  }
}

function upperAscii(bytes: Uint8Array): Uint8Array {
  const answer = Uint8Array.prototype.slice.call(bytes)
  for (let i = 0; i < answer.length; i++) {
    const byte = answer[i] ?? 0
    if (byte >= 0x61 && byte <= 0x7a) answer[i] = byte - 0x20
  }
  return answer
}

/** How long the sequence is that a first byte announces (RFC 3629); 1 for a byte that begins none. */
function announced(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  if (first >= 0xf0 && first <= 0xf4) return 4
  return 1
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

/** How many bytes at the end begin a character whose rest is not here. */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (!isContinuation(byte)) return announced(byte) > back ? back : 0
  }
  return 0
}

function upperMixed(bytes: Uint8Array): Uint8Array {
  if (isUtf8(bytes)) return upperText(bytes)
  const pieces: Uint8Array[] = []
  let from = 0
  while (from < bytes.length) {
    const to = endOfText(bytes, from)
    if (to > from) pieces.push(upperText(bytes.subarray(from, to)))
    if (to < bytes.length) pieces.push(bytes.subarray(to, to + 1)) // no UTF-8: as it is
    from = to + 1
  }
  return Buffer.concat(pieces)
}

/** Where valid UTF-8 that begins at `from` ends. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length) {
    const length = announced(bytes[at] ?? 0)
    if (!isUtf8(bytes.subarray(at, Math.min(at + length, bytes.length)))) break
    at += length
  }
  return Math.min(at, bytes.length)
}

function upperText(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').toUpperCase())
}
