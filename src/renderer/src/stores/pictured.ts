import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Whether the pictures of the whole session are shown. */
export const usePicturedStore = defineStore('pictured', () => {
  const isOpen = shallowRef(false)
  return { isOpen, open: () => void (isOpen.value = true), close: () => void (isOpen.value = false) }
})
