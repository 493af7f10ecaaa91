import { chmod, stat, unlink } from 'node:fs/promises'
import { type ExperimentStep } from '../../../shared/model/experiment'
import { toFault } from '../../engine/fault'
import { modeText } from '../fileMode'
import { withValues } from '../references'
import { faulty, passed, type Done } from './outcome'
import { type Places } from './places'

/** Removes a file of the run's own folder, or says who may do what with it. */
export async function fileStep(
  places: Places,
  step: Extract<ExperimentStep, { act: 'unlink' | 'chmod' }>,
): Promise<Done> {
  const path = withValues(step.path, (name, part) => places.valueOf(name, part))
  try {
    if (step.act === 'unlink') {
      await unlink(path)
      return passed('removed')
    }
    await chmod(path, step.mode)
    const mode = modeText((await stat(path)).mode)
    return passed(mode, mode)
  } catch (error) {
    return faulty(toFault(error, { endpoint: path }))
  }
}
