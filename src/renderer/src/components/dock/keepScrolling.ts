/**
 * What the dock moves in the document, the browser scrolls to its top. This remembers where all within the dock is scrolled to.
 * @returns puts it back there; to be called once things have been moved, and before anything is drawn
 */
export function keepScrolling(root: HTMLElement): () => void {
  const tops = new WeakMap<Element, number>()
  root.addEventListener(
    'scroll',
    ({ target }) => {
      if (target instanceof Element) tops.set(target, target.scrollTop)
    },
    { capture: true, passive: true },
  )
  return () => {
    for (const each of root.querySelectorAll('*')) {
      const top = tops.get(each) ?? 0
      if (top > 0 && each.scrollTop === 0) each.scrollTop = top
    }
  }
}
