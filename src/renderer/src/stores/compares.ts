import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import type { ComparedSide, CompareStatus } from '@shared/model/compare'

/** How far each comparison is that the window has open, and what is to be compared where it is opened next. */
export const useComparesStore = defineStore('compares', () => {
  const all = shallowReactive(new Map<number, CompareStatus>())
  /** Replaced each time somebody asks for the comparison to be shown. */
  const asked = shallowRef<{ readonly a: ComparedSide | null } | null>(null)
  return {
    all,
    asked,
    progressed: (status: CompareStatus) => void all.set(status.compare, status),
    forget: (compare: number) => void all.delete(compare),
    open: (a: ComparedSide | null) => void (asked.value = { a }),
  }
})
