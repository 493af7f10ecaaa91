import { call } from '../bridge/bridge'
import { useExperimentStore } from '../stores/experiment'
import { useProblemsStore } from '../stores/problems'
import type { Reply } from '@shared/model/fault'

/** Runs it from where it stands; one that is over is read again, and runs from its beginning. */
export async function runExperiment(): Promise<void> {
  const experiment = await ready()
  if (experiment !== null) good(await call('experiment.run', { experiment }))
}

export async function stepExperiment(): Promise<void> {
  const experiment = await ready()
  if (experiment !== null) good(await call('experiment.step', { experiment }))
}

export async function stopExperiment(): Promise<void> {
  const { shown } = useExperimentStore()
  if (shown !== null) good(await call('experiment.cancel', { experiment: shown.experiment }))
}

/** Reads its file anew, and stands before its first step. */
export async function readExperimentAgain(): Promise<void> {
  const store = useExperimentStore()
  if (store.shown === null) return
  const again = good(await call('experiment.start', { experiment: store.shown.experiment }))
  if (again !== null) store.show(again)
}

export async function closeExperiment(): Promise<void> {
  const store = useExperimentStore()
  if (store.shown === null) return
  const { experiment } = store.shown
  store.show(null)
  good(await call('experiment.close', { experiment }))
}

/** The experiment's number, once a step can be taken; null where its file has faults. */
async function ready(): Promise<number | null> {
  const store = useExperimentStore()
  if (store.shown === null || store.isRunning) return null
  const isOver = store.status !== null && store.status.phase !== 'ready'
  if (isOver) await readExperimentAgain()
  return store.shown.problems.length > 0 ? null : store.shown.experiment
}

function good<T>(reply: Reply<T>): T | null {
  if (reply.ok) return reply.value
  useProblemsStore().arose(null, reply.fault)
  return null
}
