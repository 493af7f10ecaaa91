import { call, host } from '../bridge/bridge'
import { usePanesStore } from '../stores/panes'
import { useProblemsStore } from '../stores/problems'

/** So many of its sockets are shown in panes at once: more would leave each too little room. */
const MOST_PANES = 2

/** Asks for a recording and opens it. What went wrong is told among the problems. */
export async function openRecording(): Promise<void> {
  const problems = useProblemsStore()
  const picked = await host('session.pick', {})
  if (!picked.ok) return problems.arose(null, picked.fault)
  if (picked.value === null) return
  const opened = await call('session.open', { grant: picked.value.grant })
  if (!opened.ok) {
    if (opened.fault.code !== 'SB_CANCELLED') problems.arose(null, opened.fault)
    return
  }
  for (const summary of opened.value.warnings)
    problems.arose(null, { code: 'SB_CAPTURE', summary, endpoint: opened.value.file })
  const shown = opened.value.ids.filter((id) => !id.startsWith('L')).slice(0, MOST_PANES)
  for (const id of shown) usePanesStore().show(id)
}
