import { call, host } from '../bridge/bridge'
import { useExperimentStore } from '../stores/experiment'
import { useProblemsStore } from '../stores/problems'
import { closeExperiment } from './experiment'
import { closeLesson } from './lesson'

/** Asks for an experiment, and shows it. */
export async function openExperiment(): Promise<void> {
  const picked = await host('experiment.pick', {})
  if (!picked.ok) return useProblemsStore().arose(null, picked.fault)
  if (picked.value !== null) await openGrantedExperiment(picked.value.grant)
}

/** Shows an experiment that the user has picked, dropped or named; the experiment or the lesson that was there is put away. */
export async function openGrantedExperiment(grant: string): Promise<void> {
  await closeLesson()
  await closeExperiment()
  const opened = await call('experiment.open', { grant })
  if (opened.ok) useExperimentStore().show(opened.value)
  else useProblemsStore().arose(null, opened.fault)
}
