import { formatHex } from './hex'

/** One line of a hex dump, in three columns that line up when set in a fixed-width face. */
export interface HexdumpLine {
  /** At least 8 hex digits. */
  readonly offset: string
  /** Two digits a byte, a wider gap after every eighth, filled with blanks to the full width. */
  readonly hex: string
  /** Printable ASCII as it is, a dot for every other byte. */
  readonly ascii: string
}

const GROUP_BYTES = 8

/** @param offset of the first byte; @param bytes at most `width` of them are shown */
export function hexdumpLine(offset: number, bytes: Uint8Array, width = 16): HexdumpLine {
  const shown = bytes.subarray(0, width)
  let hex = ''
  for (let at = 0; at < shown.length; at += GROUP_BYTES) {
    hex += `${at > 0 ? '  ' : ''}${formatHex(shown.subarray(at, at + GROUP_BYTES))}`
  }
  let ascii = ''
  for (const byte of shown) ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  return { offset: offset.toString(16).padStart(8, '0'), hex: hex.padEnd(hexWidth(width)), ascii }
}

/** Where the digits of a line's nth byte begin: three columns a byte, and one more after every eighth. */
export function hexColumn(byte: number): number {
  return byte * 3 + Math.floor(byte / GROUP_BYTES)
}

/** Characters in the hex column. */
function hexWidth(width: number): number {
  return width === 0 ? 0 : hexColumn(width - 1) + 2
}

/** The lines of `hexdump -C`, for the clipboard. @param from the offset of the first byte */
export function hexdump(bytes: Uint8Array, from = 0, width = 16): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += width) {
    const line = hexdumpLine(from + at, bytes.subarray(at, at + width), width)
    lines.push(`${line.offset}  ${line.hex}  |${line.ascii}|`)
  }
  return lines.join('\n')
}
