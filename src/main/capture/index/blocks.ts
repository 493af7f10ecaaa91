import { setImmediate } from 'node:timers/promises'
import { FileWindow } from '../fileWindow'
import { OTHER } from '../indexLog'
import { parsePayload, type Payload } from '../payloads'
import { CUSTOM_HEAD_BYTES, OPTION, padded } from '../pcapng'
import { type OtherBlock } from './indexFile'

/** Other blocks than rows that are kept in mind: marks and notes. */
const MAX_OTHERS = 100_000
const MAX_OTHER_BYTES = 1024 * 1024
const MAX_DESCRIPTION_BYTES = 64 * 1024

/** What custom blocks say that are no rows, in their order; of arrangements only the last one. Throws Node's error. */
export async function readOthers(descriptor: number, blocks: readonly OtherBlock[]): Promise<Payload[]> {
  const found: Payload[] = []
  const window = new FileWindow(descriptor, MAX_OTHER_BYTES)
  const lastArrangement = blocks.findLastIndex(({ kind }) => kind === OTHER.arrangement)
  const wanted = blocks.filter(({ kind }, n) => kind !== OTHER.arrangement || n === lastArrangement)
  for (const [n, { at, lengthBytes }] of wanted.slice(-MAX_OTHERS).entries()) {
    if (lengthBytes < CUSTOM_HEAD_BYTES + 4 || lengthBytes > MAX_OTHER_BYTES) continue
    const index = window.show(at, lengthBytes)
    if (index < 0) continue
    const payload = parsePayload(window.bytes.subarray(index + CUSTOM_HEAD_BYTES, index + lengthBytes - 4))
    if (payload !== null) found.push(payload)
    if (n % 256 === 255) await setImmediate()
  }
  return found
}

/** The description in an interface's block; empty if there is none. */
export function describedAt(window: FileWindow, at: number): string {
  const head = window.show(at, 8)
  if (head < 0) return ''
  const length = window.bytes.readUInt32LE(head + 4)
  const index = length < 24 || length > MAX_DESCRIPTION_BYTES ? -1 : window.show(at, length)
  return index < 0 ? '' : interfaceText(window.bytes.subarray(index, index + length), OPTION.description)
}

/** A text of an interface's block, by its option's code; empty if there is none. @param block all of it */
export function interfaceText(block: Buffer, wanted: number): string {
  const end = block.length - 4
  for (let option = 16; option + 4 <= end;) {
    const code = block.readUInt16LE(option)
    const size = block.readUInt16LE(option + 2)
    if (code === OPTION.end || option + 4 + size > end) return ''
    if (code === wanted) return block.toString('utf8', option + 4, option + 4 + size)
    option += 4 + padded(size)
  }
  return ''
}
