import type { Ref } from 'vue'

export interface History<T> {
  /** The entry before; null at the oldest. `draft` is kept for the way back. */
  older(draft: T): T | null
  /** The entry after, or the draft past the newest; null when already there. */
  newer(): T | null
  /** The next `older` begins at the newest again. */
  rewind(): void
}

/** Walks through what was entered before, as a shell does. @param entries oldest first */
export function useHistory<T>(entries: Readonly<Ref<readonly T[]>>): History<T> {
  let back = 0
  let kept: T | null = null
  return {
    older(draft) {
      if (back >= entries.value.length) return null
      if (back === 0) kept = draft
      back++
      return entries.value.at(-back) ?? null
    },
    newer() {
      if (back === 0) return null
      back--
      return back === 0 ? kept : (entries.value.at(-back) ?? null)
    },
    rewind() {
      back = 0
      kept = null
    },
  }
}
