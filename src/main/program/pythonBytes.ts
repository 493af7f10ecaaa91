const plain: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, '\\': 92, "'": 39, '"': 34 }

/** The bytes in what Python prints of them, alone or as the first of a tuple; null where there are none. */
export function bytesInPython(text: string): Uint8Array | null {
  const found = /^\(?b(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/s.exec(text)
  if (found === null) return null
  const bytes: number[] = []
  for (const [all, escape] of (found[1] ?? found[2] ?? '').matchAll(/\\(x[0-9a-f]{2}|.)|./gs)) {
    if (escape === undefined) bytes.push(all.charCodeAt(0))
    else
      bytes.push(
        escape.length === 3 ? parseInt(escape.slice(1), 16) : (plain[escape] ?? escape.charCodeAt(0)),
      )
  }
  return Uint8Array.from(bytes)
}
