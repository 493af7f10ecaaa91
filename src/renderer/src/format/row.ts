import type { DataRow } from '@shared/model/record'
import { formatHex } from '@shared/wire/hex'
import { decodeWith } from '@shared/wire/decode'
import { schemes, type Encoding } from '@shared/wire/encodings'
import type { Preview } from '../stores/settings'

/** More than the widest window shows of one line. */
const MAX_TEXT = 600
const MAX_HEX_BYTES = 200
/** So short a message is in its row as a whole however narrow the pane, for those who search the page or have it read to them. */
const SHORT_BYTES = 80

interface Made {
  readonly text: string
  /** The room and the encoding that it was made for. */
  readonly most: number
  readonly encoding: Encoding
}
const cached: Record<Preview, WeakMap<DataRow, Made>> = { text: new WeakMap(), hex: new WeakMap() }

/**
 * The payload column's line: the chunk's beginning as text or as hex.
 * @param room characters that fit: what the column's edge cuts off need not be laid out
 */
export function previewOf(
  row: DataRow,
  preview: Preview,
  room: number,
  encoding: Encoding = 'utf-8',
): string {
  const most = row.lengthBytes <= SHORT_BYTES ? MAX_TEXT : room
  let made = cached[preview].get(row)
  if (made?.most !== most || made.encoding !== encoding) {
    const text =
      preview === 'hex' ? hexPreview(row, most) : textPreview(row, Math.min(most, MAX_TEXT), encoding)
    made = { text, most, encoding }
    cached[preview].set(row, made)
  }
  return made.text
}

function textPreview(row: DataRow, most: number, encoding: Encoding): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  // No character is longer than 4 bytes: so many bytes fill the room. Most bytes that are no text take four columns each.
  const bytes = row.head.subarray(0, most * 4)
  let text = ''
  let isCut = bytes.length < row.lengthBytes
  for (let length = Math.min(bytes.length, most); ; length = Math.min(bytes.length, length * 2)) {
    const isWhole = length === row.lengthBytes
    text = decodeWith(schemes[encoding], bytes.subarray(0, length), { ...contextOf(row), isWhole })
    isCut = !isWhole
    if (text.length >= most || length === bytes.length) break
  }
  return text.length > most || isCut ? `${text.slice(0, most)}…` : text
}

/** What comes before a row's bytes in their stream. A datagram is a stream of its own. */
export function contextOf(row: DataRow): { readonly before: Uint8Array; readonly offset: number } {
  return { before: row.before, offset: row.peer === null ? row.offset : 0 }
}

function hexPreview(row: DataRow, most: number): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  const bytes = Math.min(MAX_HEX_BYTES, Math.ceil(most / 3) + 1)
  const hex = formatHex(row.head.subarray(0, bytes))
  if (hex.length > most) return `${hex.slice(0, most)}…`
  return row.lengthBytes > bytes ? `${hex} …` : hex
}
