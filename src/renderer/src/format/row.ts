import type { DataRow } from '@shared/model/record'
import { formatHex } from '@shared/wire/hex'
import { decodeUtf8 } from '@shared/wire/utf8'
import type { Preview } from '../stores/settings'

/** More than the widest window shows of one line. */
const MAX_TEXT = 600
const MAX_HEX_BYTES = 200
/** So short a message is in its row as a whole however narrow the pane, for those who search the page or have it read to them. */
const SHORT_BYTES = 80

interface Made {
  readonly text: string
  /** The room that it was made for. */
  readonly most: number
}
const cached: Record<Preview, WeakMap<DataRow, Made>> = { text: new WeakMap(), hex: new WeakMap() }

/**
 * The payload column's line: the chunk's beginning as text or as hex.
 * @param room characters that fit: what the column's edge cuts off need not be laid out
 */
export function previewOf(row: DataRow, preview: Preview, room: number): string {
  const most = row.lengthBytes <= SHORT_BYTES ? MAX_TEXT : room
  let made = cached[preview].get(row)
  if (made?.most !== most) {
    const text = preview === 'hex' ? hexPreview(row, most) : textPreview(row, Math.min(most, MAX_TEXT))
    made = { text, most }
    cached[preview].set(row, made)
  }
  return made.text
}

function textPreview(row: DataRow, most: number): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  // No character of UTF-8 is longer than 4 bytes: so many bytes fill the room. Most bytes that are no text take four columns each.
  const bytes = row.head.subarray(0, most * 4)
  let text = ''
  let isCut = bytes.length < row.lengthBytes
  for (let length = Math.min(bytes.length, most); ; length = Math.min(bytes.length, length * 2)) {
    const isWhole = length === row.lengthBytes
    text = decodeUtf8(bytes.subarray(0, length), { before: row.before, isWhole })
    isCut = !isWhole
    if (text.length >= most || length === bytes.length) break
  }
  return text.length > most || isCut ? `${text.slice(0, most)}…` : text
}

function hexPreview(row: DataRow, most: number): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  const bytes = Math.min(MAX_HEX_BYTES, Math.ceil(most / 3) + 1)
  const hex = formatHex(row.head.subarray(0, bytes))
  if (hex.length > most) return `${hex.slice(0, most)}…`
  return row.lengthBytes > bytes ? `${hex} …` : hex
}
