/** So many bytes alike in both windows are taken for the same place. */
export const ANCHOR_BYTES = 32

/** The block before would have been found, were it not like another that came earlier. */
const MAX_BACK_BYTES = 4096

const BASE = 0x01000193
/** BASE to the power of ANCHOR_BYTES - 1, modulo 2^32: what the byte that leaves has been multiplied with. */
const LEAVING = Array.from({ length: ANCHOR_BYTES - 1 }).reduce<number>((power) => Math.imul(power, BASE), 1)

/** Where two windows are alike again: the first bytes that both have, counted from the beginning of each. */
export interface Anchor {
  readonly a: number
  readonly b: number
}

/**
 * The nearest place at which both windows go on alike for ANCHOR_BYTES: the one with the least of both skipped. Null if there is none.
 * As rsync finds blocks: the hashes of A's blocks are kept, and a hash is rolled over B. Linear in both.
 */
export function findAnchor(a: Uint8Array, b: Uint8Array): Anchor | null {
  if (a.length < ANCHOR_BYTES || b.length < ANCHOR_BYTES) return null
  const blocks = new Map<number, number>()
  for (let at = 0; at + ANCHOR_BYTES <= a.length; at += ANCHOR_BYTES / 2) {
    const hash = hashAt(a, at)
    // Of blocks that are alike the first is the nearest.
    if (!blocks.has(hash)) blocks.set(hash, at)
  }
  let best: Anchor | null = null
  let hash = hashAt(b, 0)
  for (let at = 0; ; at++) {
    const found = blocks.get(hash)
    // The blocks after one that was found lie as that did.
    const isKnown = best !== null && found !== undefined && found - at === best.a - best.b
    if (found !== undefined && !isKnown && isAlike(a, found, b, at)) {
      const anchor = backwards(a, found, b, at)
      if (best === null || anchor.a + anchor.b < best.a + best.b) best = anchor
    }
    if (at + ANCHOR_BYTES >= b.length || (best !== null && at - ANCHOR_BYTES > best.a + best.b)) return best
    const without = hash - Math.imul(b[at] ?? 0, LEAVING)
    hash = (Math.imul(without, BASE) + (b[at + ANCHOR_BYTES] ?? 0)) | 0
  }
}

function hashAt(bytes: Uint8Array, from: number): number {
  let hash = 0
  for (let at = from; at < from + ANCHOR_BYTES; at++) hash = (Math.imul(hash, BASE) + (bytes[at] ?? 0)) | 0
  return hash
}

function isAlike(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number): boolean {
  for (let at = 0; at < ANCHOR_BYTES; at++) if (a[aFrom + at] !== b[bFrom + at]) return false
  return true
}

/** Alike may begin before the block does. */
function backwards(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number): Anchor {
  let back = 0
  const most = Math.min(aFrom, bFrom, MAX_BACK_BYTES)
  while (back < most && a[aFrom - back - 1] === b[bFrom - back - 1]) back++
  return { a: aFrom - back, b: bFrom - back }
}
