import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { FramesStatus } from '@shared/model/frame'
import type { Framing } from '@shared/model/framing'
import type { SocketId } from '@shared/model/ids'

/** How far each cutting into frames is that a pane has open, and what was chosen for each socket in this window. */
export const useFramesStore = defineStore('frames', () => {
  const all = shallowReactive(new Map<number, FramesStatus>())
  const chosen = new Map<SocketId, Framing>()
  return {
    all,
    progressed: (status: FramesStatus) => void all.set(status.frames, status),
    forget: (frames: number) => void all.delete(frames),
    chosen: (id: SocketId) => chosen.get(id),
    choose: (id: SocketId, framing: Framing) => void chosen.set(id, framing),
  }
})
