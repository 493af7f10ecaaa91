import { defineStore } from 'pinia'
import type { SocketId } from '@shared/model/ids'
import { encodings, type Encoding } from '@shared/wire/encodings'
import { useArrangementStore } from './arrangement'
import { useSettingsStore } from './settings'

/** How each socket's bytes are read as text: as chosen in its pane, else as the settings say. */
export const useEncodingsStore = defineStore('encodings', () => {
  const arrangement = useArrangementStore()
  const settings = useSettingsStore()
  return {
    of: (id: SocketId): Encoding =>
      encodings.find((each) => each === arrangement.peek(id)?.encoding) ?? settings.values.encoding,
    choose(id: SocketId, encoding: Encoding): void {
      arrangement.stateOf(id).encoding = encoding
    },
  }
})
