import {
  type Difference,
  type Experiment,
  type ExperimentStep,
  type StepOutcome,
} from '../shared/model/experiment'
import { formatTook } from '../shared/wire/duration'
import { parseHex } from '../shared/wire/hex'
import { hexdump } from '../shared/wire/hexdump'
import { stepText } from '../main/experiment/text'
import { type JunitCase } from '../shared/wire/junit'
import { type Terminal } from './terminal'

const MS_WIDTH = 10

/**
 * One line for a step that has ended, and below it where what came departs from what was expected.
 * @param width of the longest endpoint's name
 */
export function stepLines(
  number: number,
  step: ExperimentStep,
  outcome: StepOutcome,
  width: number,
  paint: Terminal['paint'],
): string[] {
  const { act, at, detail } = stepText(step)
  if (step.act === 'part') return [paint('dim', `part ${detail}`)]
  const isFine = outcome.phase === 'passed' || outcome.phase === 'skipped'
  const mark =
    outcome.phase === 'passed'
      ? paint('green', 'ok  ')
      : outcome.phase === 'skipped'
        ? paint('dim', 'skip')
        : paint('red', 'FAIL')
  const what = [act.padEnd(8), at.padEnd(width), detail].join(' ').trimEnd()
  const took = formatTook(outcome.tookMs).padStart(MS_WIDTH)
  const note = isFine && outcome.note !== '' ? paint('dim', `  ${outcome.note}`) : ''
  const head = `${mark} ${String(number).padStart(3)} ${took}  ${what}${note}`
  if (isFine) return [head]
  const below = [
    outcome.note,
    ...(outcome.difference === undefined ? [] : differenceLines(outcome.difference)),
  ]
  return [head, ...below.map((line) => `     ${line}`)]
}

function differenceLines({
  offset,
  from,
  expected,
  actual,
  expectedBytes,
  actualBytes,
}: Difference): string[] {
  const part = (title: string, hex: string, bytes: number): string[] => {
    const parsed = parseHex(hex)
    const shown =
      parsed.ok && parsed.value.length > 0 ? hexdump(parsed.value, from).split('\n') : ['(nothing)']
    return [`${title} (${bytes} B in all), around byte ${offset}:`, ...shown.map((line) => `  ${line}`)]
  }
  return [
    ...(expectedBytes > 0 ? part('expected', expected, expectedBytes) : []),
    ...part('came', actual, actualBytes),
  ]
}

/** The steps as the tests of a report. */
export function junitCases(experiment: Experiment, outcomes: readonly StepOutcome[]): JunitCase[] {
  return experiment.steps.map((step, index) => {
    const { act, at, detail } = stepText(step)
    const outcome = outcomes[index]
    const name = `${index + 1}. ${[act, at, detail].filter((each) => each !== '').join(' ')}`
    const seconds = (outcome?.tookMs ?? 0) / 1000
    const place = { name, seconds, line: step.line }
    if (outcome?.phase === 'passed') return { ...place, outcome: 'passed' }
    if (outcome?.phase !== 'failed') return { ...place, outcome: 'skipped' }
    const detailLines = outcome.difference === undefined ? [] : differenceLines(outcome.difference)
    const text = [outcome.note, ...detailLines].join('\n')
    return { ...place, outcome: { is: 'failure', message: outcome.note, detail: text } }
  })
}
