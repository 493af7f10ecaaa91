import { type ExportFormat } from '../../shared/model/export'
import { exported, type ExportOptions } from '../capture/export/exporting'
import { recordedProgram } from '../program/fromRecording'
import { exportedLadder } from './ladder/exportedLadder'
import { sessionAsExperiment } from '../experiment/fromSession/sessionAsExperiment'

/** What an export of any form is made of. */
export interface PiecesOptions extends Omit<ExportOptions, 'format'> {
  readonly format: ExportFormat
}

/** The file of an export, piece by piece. A piece is good until the next one is asked for. Throws a FaultError. */
export function piecesOf({ format, ...options }: PiecesOptions): AsyncGenerator<Uint8Array> {
  switch (format) {
    case 'experiment':
      return sessionAsExperiment(options)
    case 'svg':
    case 'mermaid':
      return exportedLadder({ ...options, format })
    case 'python':
    case 'node':
    case 'c':
      return recordedProgram(options, format)
    default:
      return exported({ ...options, format })
  }
}
