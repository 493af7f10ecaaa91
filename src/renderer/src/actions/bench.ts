import { call } from '../bridge/bridge'
import { usePanesStore } from '../stores/panes'
import { useProblemsStore } from '../stores/problems'
import { useSocketsStore } from '../stores/sockets'

/** Opens a syscall bench and shows it. */
export async function openBench(): Promise<void> {
  const reply = await call('bench.open', {})
  if (!reply.ok) {
    useProblemsStore().arose(null, reply.fault)
    return
  }
  useSocketsStore().appeared(reply.value)
  usePanesStore().show(reply.value.id)
}
