import { shallowRef, type Ref } from 'vue'

export interface WordColumn {
  /** Which of these words can be tabbed to: the one that was last, or the first. */
  readonly stopOf: (words: readonly string[]) => string | undefined
  readonly onFocus: (event: FocusEvent) => void
  readonly onKey: (event: KeyboardEvent) => void
}

/** Words of the reference beneath each other: one is a stop for Tab, arrows go from one to the next. */
export function useWordColumn(root: Readonly<Ref<HTMLElement | null>>): WordColumn {
  const last = shallowRef<string>()

  function stopOf(words: readonly string[]): string | undefined {
    return words.find((word) => word === last.value) ?? words[0]
  }
  function onFocus({ target }: FocusEvent): void {
    if (target instanceof HTMLElement && target.dataset['word'] !== undefined) last.value = target.textContent
  }
  function onKey(event: KeyboardEvent): void {
    const { target } = event
    if (!(target instanceof HTMLElement) || target.dataset['word'] === undefined) return
    const words = [...(root.value?.querySelectorAll<HTMLElement>('[data-column-word] [data-word]') ?? [])]
    const at = words.indexOf(target)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: words.length - 1 }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    words[to]?.focus()
  }
  return { stopOf, onFocus, onKey }
}
