import { MAX_OUTCOMES_A_READ } from '../../../shared/contract/limits'
import { type Area } from './area'

export const experimentHandlers: Area<'experiment'> = {
  'experiment.open': ({ grant }, { experiments }) => experiments.open(grant),
  'experiment.start': ({ experiment }, { experiments }) => experiments.start(experiment),
  'experiment.step': ({ experiment }, { experiments }) => experiments.step(experiment),
  'experiment.run': ({ experiment, to }, { experiments }) => experiments.run(experiment, to),
  'experiment.cancel': ({ experiment }, { experiments }) => experiments.cancel(experiment),
  'experiment.outcomes': ({ experiment, from, to }, { experiments }) =>
    experiments.outcomes(experiment, from, Math.min(to, from + MAX_OUTCOMES_A_READ)),
  async 'experiment.close'({ experiment }, { experiments, lessons }) {
    lessons.forget(experiment)
    await experiments.close(experiment)
    return { ok: true, value: null }
  },
}
