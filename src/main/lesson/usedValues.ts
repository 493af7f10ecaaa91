import { type Experiment, type StepOutcome } from '../../shared/model/experiment'
import { type Inline, type LessonBlock } from '../../shared/model/lesson'
import { measuredBySteps } from './measured'

/** A value that a lesson's text uses, as a run has measured it. */
export interface UsedValue {
  readonly name: string
  /** Null where it was not measured. */
  readonly value: string | null
  /** A step was taken that measures it, and it was not measured all the same. */
  readonly isMissing: boolean
}

/** Values that the text uses on this machine, in the order in which it does. */
export function usedValues(
  blocks: readonly LessonBlock[],
  { steps }: Experiment,
  outcomes: readonly StepOutcome[],
  machine: Readonly<Record<string, string>>,
): readonly UsedValue[] {
  const measured = new Map(Object.entries(machine))
  for (const { values = {} } of outcomes)
    for (const [name, value] of Object.entries(values)) measured.set(name, value)
  const taken = new Set(
    measuredBySteps(steps).flatMap((names, index) => (outcomes[index]?.phase === 'passed' ? names : [])),
  )
  return [...namesIn(blocks)].map((name) => {
    const value = measured.get(name) ?? null
    return { name, value, isMissing: value === null && taken.has(name) }
  })
}

/** The text alone. @param valueOf what stands in the place of a value */
export function plainText(text: readonly Inline[], valueOf: (name: string) => string): string {
  return text
    .map((each) =>
      each.is === 'text' ? each.text : each.is === 'value' ? valueOf(each.name) : plainText(each.of, valueOf),
    )
    .join('')
}

function namesIn(blocks: readonly LessonBlock[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const block of blocks)
    for (const text of textsOf(block))
      plainText(text, (name) => {
        names.add(name)
        return ''
      })
  return names
}

function textsOf(block: LessonBlock): readonly (readonly Inline[])[] {
  switch (block.is) {
    case 'heading':
    case 'paragraph':
      return [block.text]
    case 'list':
      return block.items.flat().flatMap(textsOf)
    case 'table':
      return [...block.head, ...block.rows.flat()]
    case 'quote':
      return block.blocks.flatMap(textsOf)
    case 'where':
      return block.holds ? block.blocks.flatMap(textsOf) : []
    case 'watch':
      return block.points.map(({ text }) => text)
    case 'ask':
      return [block.question, ...block.choices.map(({ text }) => text), ...block.answer.flatMap(textsOf)]
    case 'code':
    case 'rule':
    case 'picture':
    case 'do':
    case 'stages':
      return []
  }
}
