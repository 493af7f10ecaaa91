/** The one that was probably meant by a word that is none of them; null where none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  // Of a single letter nothing would be left.
  const most = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)))
  let found: string | null = null
  let least = most + 1
  for (const each of known) {
    const away = distance(word.slice(0, 64).toLowerCase(), each.toLowerCase())
    if (away < least) [found, least] = [each, away]
  }
  return found
}

/** How many letters must be put in, left out, changed, or swapped with their neighbour (Damerau, optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? Infinity) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
