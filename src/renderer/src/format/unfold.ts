import { hexdumpLine } from '@shared/wire/hexdump'

/** More lines of one chunk nobody reads in a list. */
export const MAX_UNFOLDED_LINES = 2000
const TAB_COLUMNS = 8

/**
 * Text in lines that fit: at its line breaks, and where a line is longer than the room, there. A last line break begins no line.
 * @param room in columns of a fixed-width face; ideographs and their like take two
 */
export function breakLines(text: string, room: number, most = MAX_UNFOLDED_LINES): string[] {
  const lines: string[] = []
  const width = Math.max(2, room)
  let line = ''
  let columns = 0
  const end = (): void => {
    lines.push(line)
    line = ''
    columns = 0
  }
  for (const each of text) {
    if (each === '\n') {
      end()
    } else {
      const taken = each === '\t' ? TAB_COLUMNS - (columns % TAB_COLUMNS) : columnsOf(each)
      if (columns + taken > width && columns > 0) end()
      line += each
      columns += taken
    }
    if (lines.length >= most) return lines
  }
  if (line !== '') end()
  return lines
}

/** The chunk as a hex dump, as many bytes a line as fit. */
export function hexLines(bytes: Uint8Array, room: number, most = MAX_UNFOLDED_LINES): string[] {
  const width = [32, 16, 8].find(
    (each) => hexdumpLine(0, new Uint8Array(each), each).hex.length + each + 12 <= room,
  )
  const lines: string[] = []
  for (let at = 0; at < bytes.length && lines.length < most; at += width ?? 4) {
    const { offset, hex, ascii } = hexdumpLine(at, bytes.subarray(at, at + (width ?? 4)), width ?? 4)
    lines.push(`${offset.slice(-6)}  ${hex}  ${ascii}`)
  }
  return lines
}

/** Wide and fullwidth characters (Unicode, UAX 11), in the coarse: those that a terminal gives two columns. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x1100) return 1
  return code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    isWider(code)
    ? 2
    : 1
}
function isWider(code: number): boolean {
  return (
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x3fffd)
  )
}
