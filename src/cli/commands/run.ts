import { writeFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { diskFault } from '../../main/capture/diskFault'
import { whenRoom } from '../../main/engine/whenRoom'
import { readExperiment, readPipedExperiment } from '../../main/experiment/readExperiment'
import { ExperimentRun } from '../../main/experiment/run/experimentRun'
import { stepText } from '../../main/experiment/text'
import { bugFault } from '../../main/service/dispatch'
import { problemText, type Experiment, type ExperimentProblem } from '../../shared/model/experiment'
import { FaultError } from '../../shared/model/fault'
import { drop } from '../../shared/model/must'
import { exitCodes, type ExitCode } from '../exitCodes'
import { junitCases, stepLines } from '../experimentReport'
import { junitXml, type JunitCase } from '../../shared/wire/junit'
import { must } from '../must'
import { openRecording, type Recording } from '../recording'
import { interrupted, type Terminal } from '../terminal'

export interface RunOptions {
  readonly record?: string
  readonly junit?: string
  readonly json?: boolean
}

/**
 * Runs an experiment from its first step to its last, or to the first that fails, and prints a line for each.
 * @param path `-` for standard input; files that it sends then lie in the current folder
 */
export async function runExperiment(
  path: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const read = path === '-' ? await readPipedExperiment(terminal.stdin) : must(await readExperiment(path))
  const file = path === '-' ? 'stdin' : path
  if (!read.ok) return tellProblems(file, read.problems, options, terminal)
  const { experiment } = read
  const recording = await openRecording(options.record, terminal)
  let run: ExperimentRun
  try {
    run = await play(experiment, file, recording, options.json === true, terminal)
  } finally {
    await recording.close()
  }
  const name = experiment.name === '' ? basename(file) : experiment.name
  await writeJunit(options.junit, name, file, junitCases(experiment, run.outcomes))
  if (options.json === true)
    await terminal.stdout.line(JSON.stringify(jsonOf(experiment, run, file, options)))
  else await terminal.stdout.line(verdict(run))
  return codeOf(run)
}

async function play(
  experiment: Experiment,
  file: string,
  { service }: Recording,
  isJson: boolean,
  terminal: Terminal,
): Promise<ExperimentRun> {
  const { engine, capture } = service
  let told = 0
  const width = Math.max(...experiment.steps.map((step) => stepText(step).at.length))
  const tell = (): void => {
    if (isJson) return
    for (; told < experiment.steps.length; told++) {
      const step = experiment.steps[told]
      const outcome = run.outcomes[told]
      if (step === undefined || outcome === undefined) return
      if (outcome.phase === 'waiting' || outcome.phase === 'running') return
      for (const line of stepLines(told + 1, step, outcome, width, terminal.paint))
        drop(terminal.stdout.line(line))
    }
  }
  const run: ExperimentRun = new ExperimentRun(experiment, {
    engine,
    capture,
    folder: dirname(resolve(file)),
    whenRoom: () => whenRoom(capture),
    onChange: tell,
    onBug: (error) => bugFault('the experiment', error, (text) => drop(terminal.stderr.line(text))),
  })
  const title = [experiment.name, experiment.about].filter((each) => each !== '').join(': ')
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

function codeOf(run: ExperimentRun): ExitCode {
  if (run.phase === 'passed') return exitCodes.done
  if (!couldNotRun(run)) return exitCodes.differed
  const fault = run.outcomes[run.done]?.fault
  if (fault !== undefined) throw new FaultError(fault)
  return exitCodes.couldNotRun
}

function verdict(run: ExperimentRun): string {
  const { steps } = run.experiment
  const took = `${run.tookMs.toFixed(0)} ms`
  if (run.phase === 'passed')
    return `passed: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'} in ${took}`
  const how =
    run.phase === 'failed' ? `failed at step ${run.done + 1}` : `stopped before step ${run.done + 1}`
  return `${how} of ${steps.length} (line ${steps[run.done]?.line ?? 0}), after ${took}`
}

function jsonOf(experiment: Experiment, run: ExperimentRun, file: string, { record }: RunOptions): object {
  return {
    name: experiment.name,
    file,
    outcome: run.phase,
    tookMs: run.tookMs,
    recording: record === undefined ? null : resolve(record),
    steps: experiment.steps.map((step, index) => ({
      line: step.line,
      ...stepText(step),
      ...run.outcomes[index],
    })),
  }
}

/** All that is wrong is told at once, a line for each. */
async function tellProblems(
  file: string,
  problems: readonly ExperimentProblem[],
  { json, junit }: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const lines = problems.map((each) => problemText(file, each))
  if (json === true) await terminal.stdout.line(JSON.stringify({ file, outcome: 'invalid', problems }))
  for (const line of lines) await terminal.stderr.line(`switchboard: ${line}`)
  const detail = lines.join('\n')
  const outcome = { is: 'error', message: lines[0] ?? '', detail } as const
  await writeJunit(junit, basename(file), file, [{ name: 'the experiment can be read', seconds: 0, outcome }])
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
