import { writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { diskFault } from '../../main/capture/diskFault'
import { whenRoom } from '../../main/engine/whenRoom'
import { readExperiment, readPipedExperiment } from '../../main/experiment/readExperiment'
import { ExperimentRun } from '../../main/experiment/run/experimentRun'
import { stepText } from '../../main/experiment/text'
import { lessonFolder } from '../../main/lesson/folder'
import { namesLesson } from '../../main/lesson/naming'
import { readWholeLesson } from '../../main/lesson/readLesson'
import { usedValues, type UsedValue } from '../../main/lesson/usedValues'
import { bugFault } from '../../main/service/dispatch'
import { problemText, type Experiment } from '../../shared/model/experiment'
import { FaultError, type Fault } from '../../shared/model/fault'
import { drop } from '../../shared/model/must'
import { exitCodes, type ExitCode } from '../exitCodes'
import { junitCases, stepLines } from '../experimentReport'
import { lessonProblemText, type Lesson } from '../../shared/model/lesson'
import { partHeadings, valueLines } from '../lessonReport'
import { junitXml, type JunitCase } from '../../shared/wire/junit'
import { must } from '../must'
import { openRecording, type Recording } from '../recording'
import { interrupted, type Terminal } from '../terminal'

export interface RunOptions {
  readonly record?: string
  readonly junit?: string
  readonly json?: boolean
}

/** What was asked for: an experiment, by itself or with the lesson that it is of. */
interface Asked {
  /** As it is told: the path, or `stdin`. */
  readonly file: string
  readonly folder: string
  readonly experiment: Experiment
  readonly lesson: Lesson | null
}

/** What is wrong with it, a line for each. */
interface Refused {
  readonly file: string
  readonly problems: readonly object[]
  readonly lines: readonly string[]
}

/**
 * Runs an experiment from its first step to its last, or to the first that fails, and prints a line for each.
 * @param path of an experiment, or of a lesson; `-` for standard input: files that it sends then lie in the current folder
 */
export async function runExperiment(
  path: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = (await namesLesson(path)) ? await readLesson(path) : await readAlone(path, terminal)
  if ('problems' in asked) return tellProblems(asked, options, terminal)
  const { file, experiment, lesson } = asked
  const recording = await openRecording(options.record, terminal)
  let run: ExperimentRun
  try {
    run = await play(asked, recording, options.json === true, terminal)
  } finally {
    await recording.close()
  }
  const values = lesson === null ? [] : usedValues(lesson.blocks, experiment, run.outcomes, run.machine)
  const missing = run.phase === 'passed' ? values.filter(({ isMissing }) => isMissing) : []
  const name = lesson?.title ?? (experiment.name === '' ? basename(file) : experiment.name)
  const cases = junitCases(experiment, run.outcomes)
  await writeJunit(options.junit, name, file, lesson === null ? cases : [...cases, textCase(missing)])
  if (options.json === true) await terminal.stdout.line(JSON.stringify(jsonOf(asked, run, values, options)))
  else for (const line of [...valueLines(values), verdict(run, missing)]) await terminal.stdout.line(line)
  return missing.length > 0 ? exitCodes.differed : codeOf(run, recording.service.capture.status().fault)
}

async function readLesson(path: string): Promise<Asked | Refused> {
  const folder = must(await lessonFolder(path))
  const file = relative('', folder) || '.'
  const { lesson, experiment, problems } = must(await readWholeLesson(folder))
  if (experiment !== null && problems.length === 0) return { file, folder, experiment, lesson }
  const lines = problems.map((each) => lessonProblemText({ ...each, file: join(file, each.file) }))
  return { file, problems, lines }
}

async function readAlone(path: string, terminal: Terminal): Promise<Asked | Refused> {
  const read = path === '-' ? await readPipedExperiment(terminal.stdin) : must(await readExperiment(path))
  const file = path === '-' ? 'stdin' : path
  if (read.ok) return { file, folder: dirname(resolve(file)), experiment: read.experiment, lesson: null }
  const { problems } = read
  return { file, problems, lines: problems.map((each) => problemText(file, each)) }
}

async function play(
  { folder, experiment, lesson }: Asked,
  { service }: Recording,
  isJson: boolean,
  terminal: Terminal,
): Promise<ExperimentRun> {
  const { engine, capture } = service
  let told = 0
  const width = Math.max(...experiment.steps.map((step) => stepText(step).at.length))
  const headings = lesson === null ? null : partHeadings(lesson)
  const tell = (): void => {
    if (isJson) return
    for (; told < experiment.steps.length; told++) {
      const step = experiment.steps[told]
      const outcome = run.outcomes[told]
      if (step === undefined || outcome === undefined) return
      if (outcome.phase === 'waiting' || outcome.phase === 'running') return
      const heading = step.act === 'part' ? headings?.get(step.name) : undefined
      const lines =
        heading === undefined
          ? stepLines(told + 1, step, outcome, width, terminal.paint)
          : ['', terminal.paint('cyan', heading)]
      for (const line of lines) drop(terminal.stdout.line(line))
    }
  }
  const run: ExperimentRun = new ExperimentRun(experiment, {
    engine,
    capture,
    folder,
    whenRoom: () => whenRoom(capture),
    onChange: tell,
    onBug: (error) => bugFault('the experiment', error, (text) => drop(terminal.stderr.line(text))),
  })
  const [name, about] = lesson === null ? [experiment.name, experiment.about] : [lesson.title, lesson.teaches]
  const title = [name, about].filter((each) => each !== '').join(': ')
  if (!isJson && title !== '') await terminal.stdout.line(title)
  drop(Promise.race([interrupted(terminal.interrupt), terminal.stdout.broken]).then(() => run.cancel()))
  await run.run()
  return run
}

/** What keeps an experiment from running at all: it cannot listen, or bind. */
function couldNotRun(run: ExperimentRun): boolean {
  const step = run.experiment.steps[run.done]
  if (run.phase !== 'failed' || step?.act !== 'open') return false
  const endpoint = run.experiment.endpoints.find(({ name }) => name === step.at.name)
  return endpoint !== undefined && endpoint.kind !== 'dialled'
}

function codeOf(run: ExperimentRun, recordingFault: Fault | undefined): ExitCode {
  if (run.phase === 'passed') return exitCodes.done
  const fault = run.outcomes[run.done]?.fault
  // What was not recorded could not be compared: that has been told.
  if (fault !== undefined && fault === recordingFault) return exitCodes.couldNotRun
  if (!couldNotRun(run)) return exitCodes.differed
  if (fault !== undefined) throw new FaultError(fault)
  return exitCodes.couldNotRun
}

function verdict(run: ExperimentRun, missing: readonly UsedValue[]): string {
  const { steps } = run.experiment
  const took = `${run.tookMs.toFixed(0)} ms`
  if (missing.length > 0) return `failed: ${missingText(missing)}`
  if (run.phase === 'passed')
    return `passed: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'} in ${took}`
  const how =
    run.phase === 'failed' ? `failed at step ${run.done + 1}` : `stopped before step ${run.done + 1}`
  return `${how} of ${steps.length} (line ${steps[run.done]?.line ?? 0}), after ${took}`
}

function missingText(missing: readonly UsedValue[]): string {
  const names = missing.map(({ name }) => `{${name}}`).join(', ')
  return `the text uses ${names}, which no step has measured`
}

/** That its text has what it speaks of is a test of a lesson. */
function textCase(missing: readonly UsedValue[]): JunitCase {
  const name = 'the values that the text uses are measured'
  if (missing.length === 0) return { name, seconds: 0, outcome: 'passed' }
  const message = missingText(missing)
  return { name, seconds: 0, outcome: { is: 'failure', message, detail: message } }
}

function jsonOf(
  { experiment, lesson, file }: Asked,
  run: ExperimentRun,
  values: readonly UsedValue[],
  { record }: RunOptions,
): object {
  const isMissing = run.phase === 'passed' && values.some((each) => each.isMissing)
  return {
    name: lesson?.title ?? experiment.name,
    file,
    outcome: isMissing ? 'failed' : run.phase,
    tookMs: run.tookMs,
    recording: record === undefined ? null : resolve(record),
    ...(lesson !== null && { values: Object.fromEntries(values.map(({ name, value }) => [name, value])) }),
    steps: experiment.steps.map((step, index) => ({
      line: step.line,
      ...stepText(step),
      ...run.outcomes[index],
    })),
  }
}

/** All that is wrong is told at once, a line for each. */
async function tellProblems(
  { file, problems, lines }: Refused,
  { json, junit }: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (json === true) await terminal.stdout.line(JSON.stringify({ file, outcome: 'invalid', problems }))
  for (const line of lines) await terminal.stderr.line(`switchboard: ${line}`)
  const detail = lines.join('\n')
  const outcome = { is: 'error', message: lines[0] ?? '', detail } as const
  await writeJunit(junit, basename(file), file, [{ name: 'it can be read', seconds: 0, outcome }])
  return exitCodes.couldNotRun
}

async function writeJunit(
  to: string | undefined,
  name: string,
  file: string,
  cases: readonly JunitCase[],
): Promise<void> {
  if (to === undefined) return
  try {
    await writeFile(to, junitXml({ name, file, cases }))
  } catch (error) {
    throw new FaultError(diskFault(error, 'open', to, 'The JUnit report cannot be written'))
  }
}
