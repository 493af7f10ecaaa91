import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'

/** A failure that no pane or field could show where it happened. */
export interface Problem {
  readonly key: number
  readonly at: Date
  readonly id: SocketId | null
  readonly fault: Fault
}

/** The newest are kept; a flood of failures shall not fill the memory. */
const MAX_PROBLEMS = 200

export const useProblemsStore = defineStore('problems', () => {
  const list = shallowRef<readonly Problem[]>([])
  let nextKey = 1

  function arose(id: SocketId | null, fault: Fault): void {
    list.value = [...list.value, { key: nextKey++, at: new Date(), id, fault }].slice(-MAX_PROBLEMS)
  }
  function dismiss(key: number): void {
    list.value = list.value.filter((each) => each.key !== key)
  }
  function clear(): void {
    list.value = []
  }
  return { list, arose, dismiss, clear }
})
