import { computed, shallowRef, type ComputedRef, type Ref } from 'vue'

/** Bytes `from` to `to` (exclusive) of what is shown. */
export interface SelectedBytes {
  readonly from: number
  readonly to: number
}

export interface ByteSelection {
  readonly range: ComputedRef<SelectedBytes | null>
  /** The byte that the keyboard moves from; null without a selection. */
  readonly focus: ComputedRef<number | null>
  /** One byte, or with `isExtending` all from where the selection began. */
  select(at: number, isExtending: boolean): void
  clear(): void
}

/** A range of bytes that a person marks. What no longer is there (another stream, fewer bytes) is no longer selected. */
export function useByteSelection(total: Readonly<Ref<number>>): ByteSelection {
  const ends = shallowRef<{ readonly anchor: number; readonly focus: number } | null>(null)
  const range = computed(() => {
    if (ends.value === null) return null
    const { anchor, focus } = ends.value
    const from = Math.min(anchor, focus)
    const to = Math.min(Math.max(anchor, focus) + 1, total.value)
    return from < to ? { from, to } : null
  })
  return {
    range,
    focus: computed(() => (range.value === null ? null : (ends.value?.focus ?? null))),
    select(at, isExtending) {
      const focus = Math.max(0, Math.min(at, total.value - 1))
      ends.value = { anchor: isExtending ? (ends.value?.anchor ?? focus) : focus, focus }
    },
    clear() {
      ends.value = null
    },
  }
}
