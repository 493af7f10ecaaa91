import { FileWindow } from './fileWindow'

/**
 * Follows the lengths of blocks from the start of one, and answers where the last one ends that is whole before `to`.
 * Throws Node's error when the file cannot be read.
 */
export function lastWholeBlock(descriptor: number, from: number, to: number): number {
  const window = new FileWindow(descriptor, 8)
  let at = from
  while (at + 12 <= to) {
    const head = window.show(at, 8)
    if (head < 0) return at
    const length = window.bytes.readUInt32LE(head + 4)
    if (length < 12 || length % 4 !== 0 || at + length > to) return at
    at += length
  }
  return at
}
