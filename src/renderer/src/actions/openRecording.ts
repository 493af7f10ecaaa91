import { call, host } from '../bridge/bridge'
import { useProblemsStore } from '../stores/problems'

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
}
