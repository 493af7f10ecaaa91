import { watch } from 'vue'
import type { SocketId } from '@shared/model/ids'
import { useLessonStore } from '../stores/lesson'
import { usePanesStore } from '../stores/panes'
import { useSocketsStore } from '../stores/sockets'

/** Opens the panes that the lesson names, each once, as its socket appears. The keyboard stays in the lesson. */
export function useLessonPanes(): void {
  const store = useLessonStore()
  const panes = usePanesStore()
  const all = useSocketsStore()
  const opened = new Set<SocketId>()

  watch(
    () => store.attempt,
    () => opened.clear(),
  )
  watch(
    () =>
      (store.shown?.panes ?? []).flatMap((name) => {
        const id = store.sockets.get(name)
        return id !== undefined && all.all.has(id) ? [id] : []
      }),
    (ids) => {
      for (const id of ids) {
        if (opened.has(id)) continue
        opened.add(id)
        panes.showBeside(id)
      }
    },
  )
}
