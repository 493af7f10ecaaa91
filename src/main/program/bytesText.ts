/** One byte again and again, if that is all there is and there are many of it. */
export function repeated(bytes: Uint8Array): number | null {
  const first = bytes[0]
  return first !== undefined && bytes.length > 48 && bytes.every((each) => each === first) ? first : null
}

const named: Readonly<Record<number, string>> = { 10: '\\n', 13: '\\r', 9: '\\t', 34: '\\"', 92: '\\\\' }

/** Bytes between double quotes, as Python's `b""` and C have them. @param other how a byte that is no ASCII text is written */
export function escaped(bytes: Uint8Array, other: (byte: number) => string): string {
  let text = ''
  for (const byte of bytes)
    text += named[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : other(byte))
  return `"${text}"`
}

export const hexEscape = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`
/** Three digits: what follows cannot be taken for one more. */
export const octalEscape = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`

/** Pieces of so many bytes. */
export function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const list: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size))
  return list
}
