import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SavingStatus } from '@shared/model/saving'

/** So long it is told that the session was saved. */
const TOLD_MS = 4000

/** The saving of the session: how far it is, and for a moment that it is done. */
export const useSavingStore = defineStore('saving', () => {
  const status = shallowRef<SavingStatus | null>(null)
  /** What was done, in words; empty when that is some time ago. */
  const done = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function progressed(to: SavingStatus): void {
    status.value = to.isDone ? null : to
  }
  function told(words: string): void {
    done.value = words
    clearTimeout(timer)
    timer = setTimeout(() => (done.value = ''), TOLD_MS)
  }
  return { status, done, progressed, told }
})
