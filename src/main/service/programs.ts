import { fault, type Fault, FaultError, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type Program, type ProgramLanguage } from '../../shared/model/program'
import { recordedExperiment, sideOf } from '../program/fromRecording'
import { programOf, sidesOf } from '../program/programOf'
import { type SessionRecord } from '../session/sessionRecord'
import { type Experiments } from './experiments'

export interface ProgramsOptions {
  readonly experiments: Pick<Experiments, 'checked'>
  readonly record: Pick<SessionRecord, 'placeOf'>
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

interface Wanted {
  readonly language: ProgramLanguage
  readonly only: string | null
}

/** Experiments and recorded connections as programs. */
export class Programs {
  readonly #options: ProgramsOptions

  constructor(options: ProgramsOptions) {
    this.#options = options
  }

  ofExperiment(number: number, { language, only }: Wanted): Reply<Program> {
    const experiment = this.#options.experiments.checked(number)
    if (experiment === null)
      return refuse(
        'SB_STATE',
        'This experiment is not open, or its file has faults: there is no program of it.',
      )
    if (only !== null && !sidesOf(experiment).includes(only))
      return refuse('SB_INPUT', `There is no endpoint ${only} that is opened.`)
    try {
      return { ok: true, value: programOf(experiment, { language, only }) }
    } catch (error) {
      return { ok: false, fault: this.#options.onBug(error) }
    }
  }

  /** @param only absent: the side that the socket itself was */
  async ofSocket(
    id: SocketId,
    { language, only }: { readonly language: ProgramLanguage; readonly only?: string | null | undefined },
  ): Promise<Reply<Program>> {
    const place = this.#options.record.placeOf(id)
    try {
      const experiment = await recordedExperiment({
        reader: place.reader,
        scope: { id: place.id, stream: 'both' },
        signal: new AbortController().signal,
      })
      const side = only === undefined ? sideOf(experiment, place.id) : only
      if (side !== null && !sidesOf(experiment).includes(side))
        return refuse('SB_INPUT', `There is no endpoint ${side} that is opened.`)
      return { ok: true, value: programOf(experiment, { language, only: side }) }
    } catch (error) {
      return { ok: false, fault: error instanceof FaultError ? error.fault : this.#options.onBug(error) }
    }
  }
}

function refuse(code: 'SB_INPUT' | 'SB_STATE', summary: string): Reply<never> {
  return { ok: false, fault: fault(code, summary) }
}
