import { textOf, type Scribe } from './scribe'

/** One line of text with its line ending, as UTF-8. */
export function readTextLine(s: Scribe): void {
  const feed = s.bytes.indexOf(0x0a, s.at)
  const end = feed === -1 ? s.end : feed
  const hasReturn = end > s.at && s.bytes[end - 1] === 0x0d && feed !== -1
  const line = s.bytes.subarray(s.at, hasReturn ? end - 1 : end)
  const from = s.at
  s.at = feed === -1 ? s.end : feed + 1
  s.note(`line ${s.top.length + 1}`, textOf(line), from)
}
