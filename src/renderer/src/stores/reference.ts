import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

/** More than anybody goes back. */
const MOST_BEFORE = 100

/** Whether the reference is shown, at which page, and by which pages one came there. */
export const useReferenceStore = defineStore('reference', () => {
  const isOpen = shallowRef(false)
  /** Words of pages; null for the contents. */
  const visited = shallowRef<readonly (string | null)[]>([null])
  const at = shallowRef(0)
  const sought = shallowRef('')
  /** Anew each time that something is asked for, also where it is the page that is shown: the panel takes the focus. */
  const asked = shallowRef<{ readonly isSearch: boolean }>({ isSearch: true })
  /** A dialog that lets nothing else be used: the panel is shown in it. */
  const within = shallowRef<HTMLDialogElement | null>(null)
  let cameFrom: HTMLElement | null = null

  const word = computed(() => visited.value[at.value] ?? null)
  const canGoBack = computed(() => at.value > 0)
  const canGoForward = computed(() => at.value < visited.value.length - 1)

  /** @param to the word of a page; null for the search */
  function open(to: string | null): void {
    const { activeElement } = document
    if (activeElement instanceof HTMLElement && activeElement.closest('[data-reference]') === null)
      cameFrom = activeElement
    if (!isOpen.value) enter(document.querySelector<HTMLDialogElement>('dialog:modal'))
    isOpen.value = true
    sought.value = ''
    asked.value = { isSearch: to === null }
    if (to !== null) visit(to)
  }
  function visit(to: string | null): void {
    if (to === word.value) return
    visited.value = [...visited.value.slice(0, at.value + 1), to].slice(-MOST_BEFORE)
    at.value = visited.value.length - 1
  }
  function enter(dialog: HTMLDialogElement | null): void {
    within.value = dialog
    dialog?.addEventListener('close', () => (within.value = null), { once: true })
  }
  function contents(): void {
    sought.value = ''
    asked.value = { isSearch: true }
    visit(null)
  }
  function move(by: 1 | -1): void {
    at.value = Math.max(0, Math.min(visited.value.length - 1, at.value + by))
    sought.value = ''
    asked.value = { isSearch: false }
  }
  /** The focus goes back to where the reference was asked from. */
  function close(): void {
    isOpen.value = false
    sought.value = ''
    within.value = null
    if (cameFrom?.isConnected === true) cameFrom.focus()
    cameFrom = null
  }

  return {
    isOpen,
    word,
    sought,
    asked,
    within,
    canGoBack,
    canGoForward,
    open,
    contents,
    back: () => move(-1),
    forward: () => move(1),
    close,
  }
})
