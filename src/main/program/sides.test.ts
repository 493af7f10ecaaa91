import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Experiment, type ExperimentEndpoint, type ExperimentStep } from '../../shared/model/experiment'
import { programLanguages, type ProgramLanguage } from '../../shared/model/program'
import { type CaptureReader } from '../capture/types'
import { Folder, value } from '../capture/testing/folder'
import { createEngine } from '../engine/engine'
import { has, type Counterpart } from '../engine/testing/bench'
import { whenRoom } from '../engine/whenRoom'
import { parseExperiment } from '../experiment/parseExperiment'
import { ExperimentRun } from '../experiment/run/experimentRun'
import { programOf } from './programOf'
import { Programs } from './testing/programs'

let programs: Programs
let folder: Folder
beforeAll(async () => {
  programs = await Programs.make()
  folder = await Folder.make()
})
afterAll(async () => {
  await programs[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Examples of which each end can be another program, with the ends that make sense only in the order of all steps. */
const examples: Readonly<Record<string, readonly string[]>> = {
  'phone-call': [],
  'half-close': [],
  'many-at-once': [],
  'one-at-a-time': [],
  datagrams: [],
  'cut-connection': [],
  'empty-message': [],
  'through-a-file': ['second', 'late'],
  'through-a-proxy': ['proxy'],
}

/** Without what depends on when the other side does its next step: silence, and ends that are left out. */
function untimed(experiment: Experiment, left: readonly string[]): Experiment {
  const isTimed = (step: ExperimentStep): boolean =>
    (step.act === 'expect' && step.expectation.is === 'nothing') || left.some((end) => isOf(step, end))
  return { ...experiment, steps: experiment.steps.filter((step) => !isTimed(step)) }
}

interface Side {
  readonly name: string
  readonly end: string
}
const sides = Object.entries(examples).flatMap(([name, left]) =>
  experimentIn(textOf(name, '/tmp/')).endpoints.flatMap((each): Side[] =>
    left.includes(each.name) ? [] : [{ name, end: each.name }],
  ),
)

function textOf(name: string, at: string): string {
  return readFileSync(`examples/${name}.yaml`, 'utf8').replaceAll('/tmp/switchboard-', at)
}

function experimentIn(text: string): Experiment {
  const parsed = parseExperiment(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.experiment
}

const isOf = (step: ExperimentStep, end: string): boolean => 'at' in step && step.at.name === end

/** What each socket read and wrote, whatever its id: `in 68 out 48`. */
async function bytesOf(capture: CaptureReader): Promise<string[]> {
  const all: string[] = []
  for (const id of capture.ids()) {
    const { inBytes, outBytes } = capture.size(id)
    const came = value(await capture.bytes(id, 'in', 0, inBytes))
    const went = value(await capture.bytes(id, 'out', 0, outBytes))
    const [read, written] = [came, went].map(({ bytes }) => Buffer.from(bytes).toString('hex'))
    if (inBytes + outBytes > 0) all.push(`in ${read} out ${written}`)
  }
  return all
}

/** Steps after which the run waits, so that what it has opened stays open. */
const pause = (steps: readonly ExperimentStep[]): readonly ExperimentStep[] => [
  ...steps,
  { act: 'wait', forMs: 1, line: 0, withinMs: 1 },
]

interface Ran {
  readonly phase: string
  readonly note: string
  readonly bytes: readonly string[]
}

/**
 * Runs an experiment over the engine.
 * @param at the step before which `between` is done, whose answer is awaited before the run ends
 */
async function ran(
  experiment: Experiment,
  at: number,
  between: (
    port: number,
    path: string,
  ) => { readonly isCaller: boolean; readonly ended: Promise<unknown> } | null,
): Promise<Ran> {
  const capture = await folder.record()
  const engine = createEngine({ recorder: capture, lingerMs: 500 })
  const steps = pause(experiment.steps)
  const run = new ExperimentRun(
    { ...experiment, steps },
    {
      engine,
      capture,
      folder: 'examples',
      whenRoom: () => whenRoom(capture),
      onChange: () => undefined,
      onBug: (error) => ({ code: 'SB_BUG', summary: String(error) }),
    },
  )
  await run.run(at)
  const bound = engine
    .summaries()
    .flatMap((each) => ('at' in each.state && each.state.phase !== 'closed' ? [each.state.at] : []))
    .at(-1)
  const accepted = (): number =>
    engine.summaries().filter((each) => each.kind === 'connection' && each.listener !== null).length
  const before = accepted()
  const asked = between(
    bound !== undefined && 'port' in bound ? bound.port : 0,
    bound !== undefined && 'path' in bound ? bound.path : '',
  )
  // Callers have their numbers by the order in which they come.
  if (asked?.isCaller === true) {
    let isOver = false
    void asked.ended.then(() => (isOver = true))
    while (accepted() === before && !isOver) await setImmediate()
  }
  await run.run(steps.length - 1)
  await asked?.ended
  await run.run()
  const bytes = await bytesOf(capture)
  await engine.dispose()
  await capture.close()
  return { phase: run.phase, note: run.outcomes[run.done]?.note ?? '', bytes }
}

/** Ends a program that serves for ever; its exit code, or null. */
async function ended(program: Counterpart, isServing: boolean): Promise<number | null> {
  if (isServing) program.child.kill('SIGTERM')
  if (program.child.exitCode === null && program.child.signalCode === null) await once(program.child, 'exit')
  return isServing ? 0 : program.child.exitCode
}

function isServing(endpoint: ExperimentEndpoint): boolean {
  return endpoint.kind !== 'dialled' && endpoint.behaviour !== 'none'
}

const isThere: Readonly<Record<ProgramLanguage, boolean>> = {
  python: has('python3'),
  node: true,
  c: has('cc'),
}

for (const language of programLanguages) {
  describe.skipIf(!isThere[language])(`one end in ${language}, the others Switchboard's own`, () => {
    test.concurrent.for(sides)('$name, $end: the same bytes as before', async ({ name, end }, { expect }) => {
      const text = textOf(name, path.join(programs.path, `${language}-${end}-`))
      const whole = untimed(experimentIn(text), name === 'through-a-proxy' ? [] : (examples[name] ?? []))
      const endpoint = whole.endpoints.find((each) => each.name === end)
      if (endpoint === undefined) throw new Error(end)
      const before = await ran(whole, 0, () => null)
      expect(before.phase).toBe('passed')
      const command = await programs.command(programOf(whole, { language, only: end }))
      const at = whole.steps.findIndex((step) => isOf(step, end))
      const steps = whole.steps.filter((step) => !isOf(step, end))
      const left = whole.endpoints.filter((each) => each.name !== end)
      const mine: { program?: Counterpart } = {}
      try {
        let after: Ran
        if (endpoint.kind === 'dialled' || (endpoint.kind === 'udp' && endpoint.isConnected)) {
          after = await ran({ ...whole, endpoints: left, steps }, at, (port, socket) => {
            const words = socket === '' ? ['127.0.0.1', String(port)] : [socket]
            const program = programs.start([...command, ...words])
            mine.program = program
            return { isCaller: endpoint.kind === 'dialled', ended: program.ended() }
          })
        } else {
          mine.program = programs.start(command)
          const told = await mine.program.printed('\n')
          const address = told.trim().replace(/^listening on /, '')
          const port = address.split(' ')[1] ?? ''
          const endpoints = left.map((each) => ({
            ...each,
            address: each.address.replace(`{${end}.port}`, port).replace(`{${end}.path}`, address),
            ...('behaviour' in each && { behaviour: each.behaviour.replace(`{${end}.port}`, port) }),
          }))
          after = await ran({ ...whole, endpoints, steps }, 0, () => null)
        }
        expect(`${after.phase} ${after.note}`).toMatch(/^passed/)
        expect(await ended(mine.program as Counterpart, isServing(endpoint))).toBe(0)
        const rest = [...before.bytes]
        for (const each of after.bytes) {
          const found = rest.indexOf(each)
          expect(found, `${each} among ${rest.join('; ')}`).toBeGreaterThanOrEqual(0)
          rest.splice(found, 1)
        }
        expect(after.bytes.length).toBeGreaterThan(0)
      } finally {
        await mine.program?.[Symbol.asyncDispose]()
      }
    })
  })
}
