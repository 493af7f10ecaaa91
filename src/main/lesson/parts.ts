import { type Experiment } from '../../shared/model/experiment'

/** The steps of an experiment that belong together: `from` to `to` (exclusive). */
export interface Part {
  readonly name: string
  readonly from: number
  readonly to: number
}

export function partsOf({ steps }: Experiment): readonly Part[] {
  const begins = steps.flatMap((step, from) => (step.act === 'part' ? [{ name: step.name, from }] : []))
  return begins.map((part, at) => ({ ...part, to: begins[at + 1]?.from ?? steps.length }))
}
