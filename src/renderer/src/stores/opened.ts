import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { OpenedRecording, OpeningStatus } from '@shared/model/opened'

/** Recordings that were opened beside what goes on, and those that are being opened. */
export const useOpenedStore = defineStore('opened', () => {
  const all = shallowRef<ReadonlyMap<number, OpenedRecording>>(new Map())
  const openings = shallowRef<ReadonlyMap<number, OpeningStatus>>(new Map())
  /** Which of them a socket came with. */
  const bySocket = computed<ReadonlyMap<SocketId, OpenedRecording>>(() => {
    const found = new Map<SocketId, OpenedRecording>()
    for (const each of all.value.values()) for (const id of each.ids) found.set(id, each)
    return found
  })

  function replaceAll(recordings: readonly OpenedRecording[]): void {
    all.value = new Map(recordings.map((each) => [each.opened, each]))
  }
  function appeared(recording: OpenedRecording): void {
    all.value = new Map(all.value).set(recording.opened, recording)
  }
  function closed(opened: number): void {
    const next = new Map(all.value)
    next.delete(opened)
    all.value = next
  }
  function progressed(status: OpeningStatus): void {
    const next = new Map(openings.value)
    if (status.isDone) next.delete(status.opening)
    else next.set(status.opening, status)
    openings.value = next
  }

  return { all, openings, bySocket, replaceAll, appeared, closed, progressed }
})
