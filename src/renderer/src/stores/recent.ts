import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { host } from '../bridge/bridge'

/** Files that were opened or saved before, the latest first. Asked for when they are about to be shown. */
export const useRecentStore = defineStore('recent', () => {
  const files = shallowRef<readonly string[]>([])
  async function look(): Promise<void> {
    const reply = await host('recent.list', {})
    if (reply.ok) files.value = reply.value
  }
  return { files, look }
})
