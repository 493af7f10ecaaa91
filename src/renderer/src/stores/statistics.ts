import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { StatsStatus } from '@shared/model/stats'

/** How far the counting of each span is that a picture has open. */
export const useStatisticsStore = defineStore('statistics', () => {
  const all = shallowReactive(new Map<number, StatsStatus>())
  return {
    all,
    progressed: (status: StatsStatus) => void all.set(status.stats, status),
    forget: (stats: number) => void all.delete(stats),
  }
})
