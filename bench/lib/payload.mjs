// The payload that all senders send: the same block as in c/common.h, by xorshift32 (Marsaglia 2003). Its length is a prime,
// so that bytes lost, doubled or moved by any round number no longer fit.
export const PERIOD = 1_048_583

let block = Buffer.alloc(0)

function payloadBlock() {
  if (block.length === 0) {
    block = Buffer.alloc(PERIOD)
    let x = 2_463_534_242
    for (let i = 0; i < PERIOD; i++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      block[i] = x >>> 24
    }
  }
  return block
}

/**
 * @param {number} offset in bytes
 * @param {number} length in bytes
 */
export function payloadOf(offset, length) {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = payloadBlock()[(offset + i) % PERIOD] ?? 0
  return bytes
}

/**
 * Whether `bytes` are those that the payload has from `offset` on.
 * @param {Uint8Array} bytes
 * @param {number} offset in bytes
 */
export function isPayload(bytes, offset) {
  const payload = payloadBlock()
  for (let done = 0; done < bytes.length;) {
    const from = (offset + done) % PERIOD
    const length = Math.min(bytes.length - done, PERIOD - from)
    if (payload.compare(bytes, done, done + length, from, from + length) !== 0) return false
    done += length
  }
  return true
}
