import type { Frame } from '@shared/model/frame'
import type { DataRow } from '@shared/model/record'
import { formatHex } from '@shared/wire/hex'
import { decodeText } from '@shared/wire/decodeText'
import { schemes, type Encoding } from '@shared/wire/encodings'
import type { Preview } from '../stores/settings'

/** More than the widest window shows of one line. */
const MAX_TEXT = 600
const MAX_HEX_BYTES = 200
/** So short a message is in its row as a whole however narrow the pane, for those who search the page or have it read to them. */
const SHORT_BYTES = 80

/** What a preview needs to know of its bytes. */
type Previewed = Pick<DataRow, 'lengthBytes' | 'head' | 'before' | 'offset' | 'peer'>

interface Made {
  readonly text: string
  /** The room and the encoding that it was made for. */
  readonly most: number
  readonly encoding: Encoding
}
const cached: Record<Preview, WeakMap<Previewed, Made>> = { text: new WeakMap(), hex: new WeakMap() }

/**
 * The payload column's line: the chunk's beginning as text or as hex.
 * @param room characters that fit: what the column's edge cuts off need not be laid out
 */
export function previewOf(
  row: Previewed,
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

const frames = new WeakMap<Frame, Previewed>()

/** The same for a frame's payload. */
export function framePreview(frame: Frame, preview: Preview, room: number, encoding: Encoding): string {
  const { head, isHeadWhole } = frame
  if (isHeadWhole && head.length === 0) return '(empty)'
  let shown = frames.get(frame)
  if (shown === undefined) {
    shown = {
      head,
      lengthBytes: isHeadWhole ? head.length : head.length + 1,
      before: new Uint8Array(0),
      offset: 0,
      peer: null,
    }
    frames.set(frame, shown)
  }
  return previewOf(shown, preview, room, encoding)
}

function textPreview(row: Previewed, most: number, encoding: Encoding): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  // No character is longer than 4 bytes: so many bytes fill the room. Most bytes that are no text take four columns each.
  const bytes = row.head.subarray(0, most * 4)
  let text = ''
  let isCut = bytes.length < row.lengthBytes
  for (let length = Math.min(bytes.length, most); ; length = Math.min(bytes.length, length * 2)) {
    const isWhole = length === row.lengthBytes
    text = decodeText(schemes[encoding], bytes.subarray(0, length), { ...contextOf(row), isWhole })
    isCut = !isWhole
    if (text.length >= most || length === bytes.length) break
  }
  return text.length > most || isCut ? `${text.slice(0, most)}…` : text
}

/** What comes before a row's bytes in their stream. A datagram is a stream of its own. */
export function contextOf(row: Previewed): { readonly before: Uint8Array; readonly offset: number } {
  return { before: row.before, offset: row.peer === null ? row.offset : 0 }
}

function hexPreview(row: Previewed, most: number): string {
  if (row.lengthBytes === 0) return '(empty datagram)'
  const bytes = Math.min(MAX_HEX_BYTES, Math.ceil(most / 3) + 1)
  const hex = formatHex(row.head.subarray(0, bytes))
  if (hex.length > most) return `${hex.slice(0, most)}…`
  return row.lengthBytes > bytes ? `${hex} …` : hex
}
