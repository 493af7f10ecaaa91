const BYTES_A_LINE = 8

export interface DifferenceLine {
  readonly offset: string
  readonly bytes: readonly { readonly hex: string; readonly ascii: string; readonly isOther: boolean }[]
}

/** Bytes that one side has more than the other; below 0: fewer. */
export interface Surplus {
  /** Which of the bytes that are shown is the first of them. */
  readonly at: number
  readonly bytes: number
}

const NO_SURPLUS: Surplus = { at: 0, bytes: 0 }

/**
 * Lines of a hex dump in which each byte says whether the other side has another one there.
 * @param hex digits of this side's bytes, without anything between them; `other` those of the other side
 * @param from the offset of the first
 */
export function differenceLines(
  hex: string,
  other: string,
  from: number,
  { at: surplusAt, bytes: surplus } = NO_SURPLUS,
): DifferenceLine[] {
  const isOther = (digit: number, each: string): boolean => {
    const index = digit / 2
    if (surplus === 0 || index < surplusAt) return other.slice(digit, digit + 2) !== each
    if (index < surplusAt + surplus) return true
    const there = other.slice(digit - 2 * surplus, digit - 2 * surplus + 2)
    // Past what is shown of the other side, nothing is known.
    return there !== '' && there !== each
  }
  const lines: DifferenceLine[] = []
  for (let at = 0; at < hex.length; at += 2 * BYTES_A_LINE) {
    const bytes: DifferenceLine['bytes'][number][] = []
    for (let digit = at; digit < Math.min(at + 2 * BYTES_A_LINE, hex.length); digit += 2) {
      const each = hex.slice(digit, digit + 2)
      const code = parseInt(each, 16)
      const ascii = code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
      bytes.push({ hex: each, ascii, isOther: isOther(digit, each) })
    }
    lines.push({ offset: String(from + at / 2).padStart(4, ' '), bytes })
  }
  return lines
}
