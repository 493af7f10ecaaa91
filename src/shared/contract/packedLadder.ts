import { type LadderPage } from '../ladder/model'

/** A page of a ladder as it travels: of its many small objects one text is made (see packedRows.ts). */
export interface PackedLadder extends Pick<LadderPage, 'rows' | 'owners' | 'inKernel'> {
  /** JSON of all that is no bytes and no floats. */
  readonly json: string
}

export function packLadder({ rows, owners, inKernel, ...told }: LadderPage): PackedLadder {
  return { rows, owners, inKernel, json: JSON.stringify(told) }
}

export function unpackLadder({ rows, owners, inKernel, json }: PackedLadder): LadderPage {
  const told = JSON.parse(json) as Omit<LadderPage, 'rows' | 'owners' | 'inKernel'>
  return { ...told, rows, owners, inKernel }
}
