import type { DataRow } from '@shared/model/record'
import { formatHex } from '@shared/wire/hex'
import { decodeUtf8 } from '@shared/wire/utf8'
import type { Preview } from '../stores/settings'

/** More than a wide window shows of one line; drawing longer text only costs time. */
const MAX_TEXT = 400
const MAX_HEX_BYTES = 128

const cached: Record<Preview, WeakMap<DataRow, string>> = { text: new WeakMap(), hex: new WeakMap() }

/** The payload column's line: the chunk's beginning as text or as hex. */
export function previewOf(row: DataRow, preview: Preview): string {
  const known = cached[preview].get(row)
  if (known !== undefined) return known
  const made = preview === 'hex' ? hexPreview(row) : textPreview(row)
  cached[preview].set(row, made)
  return made
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
