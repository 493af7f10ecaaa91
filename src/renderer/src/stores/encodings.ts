import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { Encoding } from '@shared/wire/encodings'
import { useSettingsStore } from './settings'

/** How each socket's bytes are read as text: as long as the window is open, as chosen; else as the settings say. */
export const useEncodingsStore = defineStore('encodings', () => {
  const chosen = shallowRef<ReadonlyMap<SocketId, Encoding>>(new Map())
  const settings = useSettingsStore()
  return {
    of: (id: SocketId): Encoding => chosen.value.get(id) ?? settings.values.encoding,
    choose(id: SocketId, encoding: Encoding): void {
      chosen.value = new Map(chosen.value).set(id, encoding)
    },
  }
})
