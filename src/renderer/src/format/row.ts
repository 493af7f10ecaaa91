import type { DataRow } from '@shared/model/record'
import { formatHex } from '@shared/wire/hex'
import { decodeUtf8 } from '@shared/wire/utf8'
import type { Preview } from '../stores/settings'

/** More than the widest window shows of one line. */
const MAX_TEXT = 600
const MAX_HEX_BYTES = 200

const cached: Record<Preview, WeakMap<DataRow, string>> = { text: new WeakMap(), hex: new WeakMap() }

/**
 * The payload column's line: the chunk's beginning as text or as hex.
 * @param most characters that there is room for: text that is cut off by the column's edge is laid out all the same, at a cost
 */
export function previewOf(row: DataRow, preview: Preview, most: number): string {
  let made = cached[preview].get(row)
  if (made === undefined) {
    made = preview === 'hex' ? hexPreview(row) : textPreview(row)
    cached[preview].set(row, made)
  }
  return made.length > most ? `${made.slice(0, most)}…` : made
}

function textPreview(row: DataRow): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  const isWhole = row.head.length === row.lengthBytes
  const text = decodeUtf8(row.head, { before: row.before, isWhole })
  return text.length > MAX_TEXT || !isWhole ? `${text.slice(0, MAX_TEXT)}…` : text
}

function hexPreview(row: DataRow): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  const hex = formatHex(row.head.subarray(0, MAX_HEX_BYTES))
  return row.lengthBytes > MAX_HEX_BYTES ? `${hex} …` : hex
}
