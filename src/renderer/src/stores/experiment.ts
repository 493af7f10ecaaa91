import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { call } from '../bridge/bridge'
import { useProblemsStore } from './problems'
import type { RunStatus, ShownExperiment, StepOutcome } from '@shared/model/experiment'

/** The experiment that the window shows, how far its run is, and what came of its steps. */
export const useExperimentStore = defineStore('experiment', () => {
  const shown = shallowRef<ShownExperiment | null>(null)
  const status = shallowRef<RunStatus | null>(null)
  /** Of the steps from the first on; those that are not there wait. */
  const outcomes = shallowRef<readonly StepOutcome[]>([])
  let isPulling = false

  const isRunning = computed(() => status.value?.phase === 'running' || status.value?.phase === 'ending')

  /** Shows an experiment before its first step. */
  function show(experiment: ShownExperiment | null): void {
    shown.value = experiment
    status.value = null
    outcomes.value = []
  }

  function progressed(now: RunStatus): void {
    if (now.experiment !== shown.value?.experiment) return
    status.value = now
    void pull()
  }

  /** Asks for the outcomes that are not known to be final yet, until what has been told is there. */
  async function pull(): Promise<void> {
    if (isPulling) return
    isPulling = true
    try {
      for (;;) {
        const of = shown.value
        const now = status.value
        if (of === null || now === null) return
        const known = outcomes.value.findIndex(({ phase }) => phase !== 'passed' && phase !== 'skipped')
        const from = known < 0 ? outcomes.value.length : known
        const to = Math.min(of.steps.length, now.done + 1)
        if (from >= to) return
        const reply = await call('experiment.outcomes', { experiment: of.experiment, from, to })
        if (shown.value !== of) continue
        if (!reply.ok) return useProblemsStore().arose(null, reply.fault)
        outcomes.value = [...outcomes.value.slice(0, from), ...reply.value]
        const isAll = outcomes.value.length >= to
        if (isAll && status.value === now) return
      }
    } finally {
      isPulling = false
    }
  }

  return { shown, status, outcomes, isRunning, show, progressed }
})
