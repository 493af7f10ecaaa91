import fs from 'node:fs'

/**
 * Follows the lengths of blocks from the start of one, and answers where the last one ends that is whole before `to`.
 * Throws Node's error when the file cannot be read.
 */
export function lastWholeBlock(descriptor: number, from: number, to: number): number {
  const head = Buffer.alloc(8)
  let at = from
  while (at + 12 <= to) {
    if (fs.readSync(descriptor, head, 0, 8, at) < 8) return at
    const length = head.readUInt32LE(4)
    if (length < 12 || length % 4 !== 0 || at + length > to) return at
    at += length
  }
  return at
}
