import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { FilterStatus } from '@shared/model/filter'

/** How far each filter is that a pane has open. */
export const useFiltersStore = defineStore('filters', () => {
  const all = shallowReactive(new Map<number, FilterStatus>())
  return {
    all,
    progressed: (status: FilterStatus) => void all.set(status.filter, status),
    forget: (filter: number) => void all.delete(filter),
  }
})
