import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { ReplayStatus } from '@shared/model/replay'

/** How far each replay is, and what the dialog was opened for. */
export const useReplaysStore = defineStore('replays', () => {
  const all = shallowReactive(new Map<number, ReplayStatus>())
  /** Replaced each time somebody asks for the dialog. */
  const asked = shallowRef<{ readonly beside: SocketId | null } | null>(null)
  return {
    all,
    asked,
    progressed: (status: ReplayStatus) => void all.set(status.replay, status),
    forget: (replay: number) => void all.delete(replay),
    open: (beside: SocketId | null) => void (asked.value = { beside }),
  }
})
