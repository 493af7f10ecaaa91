import { type Experiment } from '../../shared/model/experiment'
import { type ExportScope } from '../../shared/model/export'
import { fault, FaultError } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { programText, type ProgramLanguage } from '../../shared/model/program'
import { type CaptureReader } from '../capture/types'
import { parseExperiment } from '../experiment/parseExperiment'
import { sessionAsExperiment, type SessionAsExperiment } from '../experiment/fromSession/sessionAsExperiment'
import { programOf } from './programOf'

/** What was recorded, as an experiment that does it again. Throws a FaultError where it is more than one can hold. */
export async function recordedExperiment(options: SessionAsExperiment): Promise<Experiment> {
  const pieces: Uint8Array[] = []
  for await (const piece of sessionAsExperiment(options)) pieces.push(piece)
  const parsed = parseExperiment(Buffer.concat(pieces).toString())
  if (parsed.ok) return parsed.experiment
  const [first] = parsed.problems
  // The file may be anybody's: an address in it that is none, an error without a name.
  throw new FaultError(
    fault('SB_CAPTURE', `What was recorded makes no experiment, and so no program: ${first?.message ?? ''}`),
  )
}

/** The end that a recorded socket was: itself where it dialled or was bound, or the listener that accepted it. */
export function sideOf({ endpoints }: Experiment, id: SocketId): string | null {
  const own = endpoints.find(({ name }) => name === id) ?? endpoints.find(({ kind }) => kind === 'listener')
  return own?.name ?? null
}

export interface RecordedProgram {
  readonly reader: CaptureReader
  readonly scope: ExportScope
  readonly signal: AbortSignal
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** A recorded connection as a program that plays its side; a whole session as one that plays all. */
export async function* recordedProgram(
  options: RecordedProgram,
  language: ProgramLanguage,
): AsyncGenerator<Uint8Array> {
  const experiment = await recordedExperiment(options)
  const { id } = options.scope
  const only = id === null ? null : sideOf(experiment, id)
  yield new TextEncoder().encode(programText(programOf(experiment, { language, only })))
}
