/** Those whose title holds every word, the best first: at its beginning, at a word's beginning, anywhere. */
export function rank<T extends { readonly title: string; readonly group: string }>(
  items: readonly T[],
  text: string,
): readonly T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return items
  const scored: { item: T; score: number; index: number }[] = []
  items.forEach((item, index) => {
    const title = item.title.toLowerCase()
    let score = 0
    for (const word of words) {
      const at = title.indexOf(word)
      if (at === -1 && !item.group.toLowerCase().includes(word)) return
      score += at === 0 ? 3 : at > 0 && /\W/.test(title.charAt(at - 1)) ? 2 : at > 0 ? 1 : 0
    }
    scored.push({ item, score, index })
  })
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map((each) => each.item)
}
