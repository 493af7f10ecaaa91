import { shallowRef } from 'vue'

/**
 * What somebody writes in a field, of a value that is told from elsewhere. News of the value shows in the field as long as nobody has
 * written something else there: news may come late, when the next thing is being typed.
 */
export function useDraft(first: string) {
  const draft = shallowRef(first)
  /** The value as it was told last, to us or by us. */
  let told = first
  return {
    draft,
    /** Told to us. */
    news: (value: string): void => {
      if (draft.value === told) draft.value = value
      told = value
    },
    /** Told by us: what was in the field when it was asked for. */
    gave: (value: string): void => {
      told = value
    },
    /** True where there is nothing to tell. */
    isTold: (value = draft.value): boolean => value === told,
    undo: (): void => {
      draft.value = told
    },
  }
}
