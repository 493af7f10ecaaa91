import {
  waitingOutcome,
  type Condition,
  type Experiment,
  type RunPhase,
  type StepOutcome,
} from '../../../shared/model/experiment'
import { type Fault } from '../../../shared/model/fault'
import { conditionText, holds } from '../machine'
import { takeStep } from './acting'
import { type Done } from './outcome'
import { Places, type RunGround } from './places'
import { machineValues, measured } from './values'

export interface RunOptions extends RunGround {
  /** Something is another than it was: a step began or ended, or the run did. */
  readonly onChange: () => void
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

/**
 * One run of an experiment: its steps one after the other, each over real sockets. It ends with the first that fails; whatever
 * way it ends, its sockets are closed.
 */
export class ExperimentRun {
  readonly experiment: Experiment
  readonly #options: RunOptions
  readonly #places: Places
  readonly #outcomes: StepOutcome[]
  readonly #abort = new AbortController()
  #phase: RunPhase = 'ready'
  #done = 0
  #tookMs = 0
  #running: Promise<void> | null = null
  #closed: Promise<void> | null = null

  constructor(experiment: Experiment, options: RunOptions) {
    this.experiment = experiment
    this.#options = options
    this.#places = new Places(experiment.endpoints, options)
    this.#outcomes = experiment.steps.map(() => waitingOutcome)
  }

  get phase(): RunPhase {
    return this.#phase
  }
  /** Steps that have passed. */
  get done(): number {
    return this.#done
  }
  get isStepRunning(): boolean {
    return this.#outcomes[this.#done]?.phase === 'running'
  }
  get tookMs(): number {
    return this.#tookMs
  }
  /** What is known of the machine, whatever the steps measure. */
  get machine(): Readonly<Record<string, string>> {
    return machineValues(this.#places)
  }
  get outcomes(): readonly StepOutcome[] {
    return this.#outcomes
  }
  /** The run can be taken on from here. */
  get isReady(): boolean {
    return this.#phase === 'ready'
  }

  /** Takes the next step; resolves when it has ended. Does nothing while the run goes on or is over. */
  step(): Promise<void> {
    return this.#take(this.#done + 1)
  }

  /**
   * Takes all steps that are left, and resolves when the run is over.
   * @param to the step, counted from 0, that it stops before
   */
  run(to = Infinity): Promise<void> {
    return this.#take(to)
  }

  /** Ends the run where it is, and resolves when its sockets are gone. A run that is over is fine. */
  async cancel(): Promise<void> {
    this.#abort.abort()
    await this.#running
    if (this.#phase === 'ready') await this.#end('cancelled')
  }

  #take(to: number): Promise<void> {
    if (this.#phase !== 'ready' || this.#running !== null) return this.#running ?? Promise.resolve()
    this.#running = this.#steps(to).finally(() => (this.#running = null))
    return this.#running
  }

  async #steps(to: number): Promise<void> {
    this.#phase = 'running'
    const { steps } = this.experiment
    while (this.#done < Math.min(to, steps.length)) {
      const isPassed = await this.#step(this.#done)
      if (this.#abort.signal.aborted) return this.#end('cancelled')
      if (!isPassed) return this.#end('failed')
      this.#done++
    }
    if (this.#done === steps.length) return this.#end('passed')
    this.#phase = 'ready'
    this.#options.onChange()
  }

  async #step(index: number): Promise<boolean> {
    const step = this.experiment.steps[index]
    if (step === undefined) return true
    const missing = step.where?.find((each) => !holds(each))
    if (missing !== undefined) {
      this.#outcomes[index] = { phase: 'skipped', tookMs: 0, note: `left out: here ${opposite(missing)}` }
      this.#options.onChange()
      return true
    }
    this.#outcomes[index] = { phase: 'running', tookMs: 0, note: '' }
    this.#options.onChange()
    const beganMs = performance.now()
    let done: Done
    try {
      done = await takeStep(this.#places, step, this.#abort.signal)
    } catch (error) {
      const fault = this.#options.onBug(error)
      done = { ok: false, note: fault.summary, fault }
    }
    const stepMs = performance.now() - beganMs
    this.#tookMs += stepMs
    const { ok, note, fault, difference, tookMs = stepMs } = done
    const told = measured(this.#places, step, done, tookMs)
    this.#outcomes[index] = this.#abort.signal.aborted
      ? { phase: 'waiting', tookMs, note: 'stopped' }
      : { phase: ok ? 'passed' : 'failed', tookMs, note, fault, difference, ...told }
    this.#options.onChange()
    return ok
  }

  async #end(phase: 'passed' | 'failed' | 'cancelled'): Promise<void> {
    this.#phase = 'ending'
    this.#options.onChange()
    this.#closed ??= this.#places.close()
    await this.#closed
    this.#phase = phase
    this.#options.onChange()
  }
}

/** What is the case where a condition does not hold: `not low-ports`. */
function opposite(condition: Condition): string {
  return conditionText({ ...condition, isNot: !condition.isNot })
}
