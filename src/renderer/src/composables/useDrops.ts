import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { openDropped } from '../bridge/bridge'
import { useProblemsStore } from '../stores/problems'

/** Files that are dragged over the window may be dropped on it, wherever: each is opened. True while one is held over it. */
export function useDrops(): Readonly<ShallowRef<boolean>> {
  const isOver = shallowRef(false)
  const stop = new AbortController()
  const on = <Name extends 'dragenter' | 'dragover' | 'dragleave' | 'drop'>(
    name: Name,
    listener: (event: DragEvent) => void,
  ): void => window.addEventListener(name, listener, { signal: stop.signal })

  // Panes that are dragged about carry no files.
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
  // Entering is answered too: what is dropped onto something that has only just come under the pointer is dropped there.
  for (const name of ['dragenter', 'dragover'] as const) {
    on(name, (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      isOver.value = true
    })
  }
  on('dragleave', (event) => {
    if (event.relatedTarget === null) isOver.value = false
  })
  on('drop', (event) => {
    isOver.value = false
    if (!hasFiles(event)) return
    event.preventDefault()
    for (const file of event.dataTransfer?.files ?? []) void open(file)
  })
  onScopeDispose(() => stop.abort())
  return isOver
}

async function open(file: File): Promise<void> {
  const reply = await openDropped(file)
  if (!reply.ok) useProblemsStore().arose(null, reply.fault)
}
