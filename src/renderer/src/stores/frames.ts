import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { FramesStatus } from '@shared/model/frame'
import type { Framing } from '@shared/model/framing'
import type { SocketId } from '@shared/model/ids'
import { draftOf, isFraming, parseFraming } from '@shared/wire/framing/parseFraming'
import { useArrangementStore } from './arrangement'

/** How far each cutting into frames is that a pane has open, and how each socket's bytes are cut, as chosen in its pane. */
export const useFramesStore = defineStore('frames', () => {
  const all = shallowReactive(new Map<number, FramesStatus>())
  const arrangement = useArrangementStore()
  return {
    all,
    progressed: (status: FramesStatus) => void all.set(status.frames, status),
    forget: (frames: number) => void all.delete(frames),
    chosen(id: SocketId): Framing | undefined {
      const kept = arrangement.peek(id)?.framing
      if (!isFraming(kept)) return undefined
      // Through the form, so that nothing comes along that does not belong to it.
      const framing = parseFraming(draftOf(kept))
      return framing.ok ? framing.value : undefined
    },
    choose: (id: SocketId, framing: Framing) => void (arrangement.stateOf(id).framing = { ...framing }),
  }
})
