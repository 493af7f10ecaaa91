import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'

/** Of which sockets a ladder is shown; those that go with them are in it too. */
export const useLadderStore = defineStore('ladder', () => {
  const asked = shallowRef<readonly SocketId[] | null>(null)
  return {
    asked,
    open: (ids: readonly SocketId[]) => void (asked.value = ids),
    close: () => void (asked.value = null),
  }
})
