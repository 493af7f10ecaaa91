import { basename, dirname } from 'node:path'
import {
  type Experiment,
  type ExperimentProblem,
  type RunStatus,
  type ShownExperiment,
  type StepOutcome,
} from '../../shared/model/experiment'
import { fault, type Reply } from '../../shared/model/fault'
import { readExperiment } from '../experiment/readExperiment'
import { ExperimentRun, type RunOptions } from '../experiment/run/experimentRun'
import { stepText } from '../experiment/text'
import { type Grants } from './grants'

/** A window shows a few. */
const MAX_OPEN = 16

export interface ExperimentsOptions extends Omit<RunOptions, 'folder' | 'onChange'> {
  /** Files that the user picked. */
  readonly grants: Grants
  readonly onProgress: (status: RunStatus) => void
}

interface Opened {
  readonly path: string
  /** Null while the file has faults. */
  run: ExperimentRun | null
}

/** The experiments that are open, each with its latest run. */
export class Experiments {
  readonly #options: ExperimentsOptions
  readonly #open = new Map<number, Opened>()
  #last = 0

  constructor(options: ExperimentsOptions) {
    this.#options = options
  }

  /** Reads an experiment that the user picked. A file with faults is opened too: it can be read again when they are mended. */
  async open(grant: string): Promise<Reply<ShownExperiment>> {
    const path = this.#options.grants.pathOf(grant)
    if (path === undefined) return refuse('SB_INPUT', 'This file was not picked, or has been opened already.')
    const opened = await this.openAt(path)
    // When some are closed, it can be asked for again.
    if (opened.ok || opened.fault.code !== 'SB_STATE') this.#options.grants.use(grant)
    return opened
  }

  /** Opens one of which the page need not choose the path: that of a lesson. */
  async openAt(path: string): Promise<Reply<ShownExperiment>> {
    if (this.#open.size >= MAX_OPEN) return refuse('SB_STATE', `${MAX_OPEN} experiments are open: close one.`)
    const number = ++this.#last
    const opened: Opened = { path, run: null }
    this.#open.set(number, opened)
    const shown = await this.#read(number, opened)
    if (!shown.ok) this.#open.delete(number)
    return shown
  }

  /** Reads the file anew, and makes a run of it that stands before its first step. */
  async start(number: number): Promise<Reply<ShownExperiment>> {
    const opened = this.#open.get(number)
    if (opened === undefined) return unknown(number)
    await opened.run?.cancel()
    return this.#read(number, opened)
  }

  /** Begins the next step; how it comes out is told by progress. */
  step(number: number): Reply<null> {
    return this.#begin(number, (run) => run.step())
  }

  /** Begins all steps that are left, or those before step `to`. */
  run(number: number, to?: number): Reply<null> {
    return this.#begin(number, (run) => run.run(to))
  }

  /** What an open experiment's file holds; null where it has faults. */
  checked(number: number): Experiment | null {
    return this.#open.get(number)?.run?.experiment ?? null
  }

  async cancel(number: number): Promise<Reply<null>> {
    const opened = this.#open.get(number)
    if (opened === undefined) return unknown(number)
    await opened.run?.cancel()
    return { ok: true, value: null }
  }

  /** What came of steps `from` to `to` (exclusive). */
  outcomes(number: number, from: number, to: number): Reply<readonly StepOutcome[]> {
    const opened = this.#open.get(number)
    if (opened === undefined) return unknown(number)
    return { ok: true, value: opened.run?.outcomes.slice(from, to) ?? [] }
  }

  /** Ends its run and forgets it. One that is not open is fine. */
  async close(number: number): Promise<void> {
    const opened = this.#open.get(number)
    this.#open.delete(number)
    await opened?.run?.cancel()
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((number) => this.close(number)))
  }

  #begin(number: number, begin: (run: ExperimentRun) => Promise<void>): Reply<null> {
    const opened = this.#open.get(number)
    if (opened === undefined) return unknown(number)
    const { run } = opened
    if (run === null) return refuse('SB_STATE', 'The file has faults: mend them, and start it again.')
    if (run.phase !== 'ready')
      return refuse('SB_STATE', `The run is ${run.phase === 'ending' ? 'ending' : run.phase} already.`)
    void begin(run)
    return { ok: true, value: null }
  }

  async #read(number: number, opened: Opened): Promise<Reply<ShownExperiment>> {
    const read = await readExperiment(opened.path)
    opened.run = null
    if (!read.ok) return read
    const file = basename(opened.path)
    if (!read.value.ok) return { ok: true, value: faulty(number, file, read.value.problems) }
    const { experiment } = read.value
    const { onProgress, ...options } = this.#options
    const run: ExperimentRun = new ExperimentRun(experiment, {
      ...options,
      folder: dirname(opened.path),
      onChange: () => onProgress(statusOf(number, run)),
    })
    opened.run = run
    return { ok: true, value: { ...shown(number, file, experiment), machine: run.machine } }
  }
}

function statusOf(experiment: number, run: ExperimentRun): RunStatus {
  const { phase, done, isStepRunning, tookMs } = run
  return { experiment, phase, done, isStepRunning, tookMs }
}

function shown(
  experiment: number,
  file: string,
  { name, about, endpoints, steps }: Experiment,
): Omit<ShownExperiment, 'machine'> {
  return {
    experiment,
    file,
    name,
    about,
    endpoints: endpoints.map((each) => ({ name: each.name, text: endpointText(each) })),
    steps: steps.map((step) => ({ line: step.line, ...stepText(step) })),
    problems: [],
  }
}

function endpointText(endpoint: Experiment['endpoints'][number]): string {
  const { address } = endpoint
  const behaviour =
    endpoint.kind === 'dialled' || endpoint.behaviour === 'none' ? '' : `, ${endpoint.behaviour}`
  const isDialled = endpoint.kind === 'dialled' || (endpoint.kind === 'udp' && endpoint.isConnected)
  return `${isDialled ? 'dials' : endpoint.kind === 'udp' ? 'bound to' : 'listens on'} ${address}${behaviour}`
}

function faulty(experiment: number, file: string, problems: readonly ExperimentProblem[]): ShownExperiment {
  return { experiment, file, name: '', about: '', endpoints: [], steps: [], machine: {}, problems }
}

function unknown(number: number): Reply<never> {
  return refuse('SB_UNKNOWN', `There is no experiment ${number}.`)
}

function refuse(code: 'SB_INPUT' | 'SB_STATE' | 'SB_UNKNOWN', summary: string): Reply<never> {
  return { ok: false, fault: fault(code, summary) }
}
