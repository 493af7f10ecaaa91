import { watch } from 'vue'
import type { SocketId } from '@shared/model/ids'
import { useLessonStore } from '../stores/lesson'
import { usePanesStore } from '../stores/panes'
import { useSocketsStore } from '../stores/sockets'

/**
 * Opens the panes that the lesson names, each once, as its socket appears; where a name has gone over to another socket, in the place
 * of that one's. The keyboard stays in the lesson.
 */
export function useLessonPanes(): void {
  const store = useLessonStore()
  const panes = usePanesStore()
  const all = useSocketsStore()
  const opened = new Map<string, SocketId>()

  watch(
    () => store.attempt,
    () => opened.clear(),
  )
  watch(
    () =>
      (store.shown?.panes ?? []).flatMap((name) => {
        const id = store.sockets.get(name)
        return id !== undefined && all.all.has(id) ? [{ name, id }] : []
      }),
    (named) => {
      for (const { name, id } of named) {
        const before = opened.get(name)
        if (before === id) continue
        opened.set(name, id)
        panes.showBeside(id)
        if (before !== undefined) panes.close(before)
      }
    },
  )
}
