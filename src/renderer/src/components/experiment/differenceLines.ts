const BYTES_A_LINE = 8

export interface DifferenceLine {
  readonly offset: string
  readonly bytes: readonly { readonly hex: string; readonly ascii: string; readonly isOther: boolean }[]
}

/**
 * Lines of a hex dump in which each byte says whether the other side has another one there.
 * @param hex digits of this side's bytes, without anything between them; `other` those of the other side
 * @param from the offset of the first
 */
export function differenceLines(hex: string, other: string, from: number): DifferenceLine[] {
  const lines: DifferenceLine[] = []
  for (let at = 0; at < hex.length; at += 2 * BYTES_A_LINE) {
    const bytes: DifferenceLine['bytes'][number][] = []
    for (let digit = at; digit < Math.min(at + 2 * BYTES_A_LINE, hex.length); digit += 2) {
      const each = hex.slice(digit, digit + 2)
      const code = parseInt(each, 16)
      const ascii = code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
      bytes.push({ hex: each, ascii, isOther: other.slice(digit, digit + 2) !== each })
    }
    lines.push({ offset: String(from + at / 2).padStart(4, ' '), bytes })
  }
  return lines
}
