import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Whether the merged view is shown. */
export const useMergedStore = defineStore('merged', () => {
  const isOpen = shallowRef(false)
  return { isOpen, open: () => void (isOpen.value = true), close: () => void (isOpen.value = false) }
})
