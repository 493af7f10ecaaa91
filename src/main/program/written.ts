import { type ProgramLine } from '../../shared/model/program'

/** What a writer makes of a plan. */
export interface Written {
  readonly lines: readonly ProgramLine[]
  readonly notes: readonly string[]
}
