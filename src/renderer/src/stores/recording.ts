import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { RecordingStatus } from '@shared/model/summary'

/** The capture file's state, for the status bar and for absolute times. */
export const useRecordingStore = defineStore('recording', () => {
  const status = shallowRef<RecordingStatus | null>(null)
  function changed(to: RecordingStatus): void {
    status.value = to
  }
  return { status, changed }
})
