import { formatHex } from './hex'

/** One line of a hex dump, in three columns that line up when set in a fixed-width face. */
export interface HexdumpLine {
  /** At least 8 hex digits. */
  readonly offset: string
  /** Two digits a byte, a wider gap after the eighth, filled with blanks to the full width. */
  readonly hex: string
  /** Printable ASCII as it is, a dot for every other byte. */
  readonly ascii: string
}

/** @param offset of the first byte; @param bytes at most `width` of them are shown */
export function hexdumpLine(offset: number, bytes: Uint8Array, width = 16): HexdumpLine {
  const shown = bytes.subarray(0, width)
  const half = width >> 1
  const gap = shown.length > half && half > 0 ? '  ' : ''
  const hex =
    half > 0 ? formatHex(shown.subarray(0, half)) + gap + formatHex(shown.subarray(half)) : formatHex(shown)
  let ascii = ''
  for (const byte of shown) ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  return { offset: offset.toString(16).padStart(8, '0'), hex: hex.padEnd(hexWidth(width)), ascii }
}

/** Characters in the hex column. */
function hexWidth(width: number): number {
  return width * 3 - 1 + (width > 1 ? 1 : 0)
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
