import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { SearchStatus } from '@shared/model/search'

/** How far each search is that a pane has open. */
export const useSearchesStore = defineStore('searches', () => {
  const all = shallowReactive(new Map<number, SearchStatus>())
  return {
    all,
    progressed: (status: SearchStatus) => void all.set(status.search, status),
    forget: (search: number) => void all.delete(search),
  }
})
