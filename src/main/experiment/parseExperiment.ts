import { isDatagramEndpoint } from '../../shared/model/endpoint'
import {
  EXPERIMENT_VERSION,
  type Expectation,
  type Experiment,
  type ExperimentEndpoint,
  type ExperimentProblem,
  type ExperimentStep,
  type PlacelessStep,
} from '../../shared/model/experiment'
import { Complaints } from './complaints'
import { readEndpoints, type ReadEndpoint } from './endpoints'
import { Fields, type Field } from './fields'
import { nearest } from './nearest'
import { ownNames, parseWithStandIns, referencesIn } from './references'
import { readSteps, type ReadStep } from './steps'
import { readYaml } from './yamlText'

/** What a text came to: an experiment, or all that is wrong with it (at most `MAX_PROBLEMS`). */
export type ParsedExperiment =
  | { readonly ok: true; readonly experiment: Experiment }
  | { readonly ok: false; readonly problems: readonly ExperimentProblem[] }

const KEYS = ['switchboard', 'name', 'about', 'endpoints', 'steps'] as const

/** Reads an experiment out of its YAML, and finds everything that is wrong with it at once. Never throws. */
export function parseExperiment(text: string): ParsedExperiment {
  const complaints = new Complaints()
  const yaml = readYaml(text, complaints)
  const experiment = yaml === null ? undefined : readTop(new Fields(yaml, complaints))
  if (experiment !== undefined && complaints.count === 0) return { ok: true, experiment }
  return { ok: false, problems: complaints.list() }
}

function readTop(fields: Fields): Experiment | undefined {
  const { top } = fields
  const values = fields.map(top, `an experiment, which begins with switchboard: ${EXPERIMENT_VERSION}`, KEYS)
  if (values === undefined) return undefined
  readVersion(fields, top, values.get('switchboard'))
  const name = values.get('name')
  const about = values.get('about')
  const endpointsField = values.get('endpoints')
  const stepsField = values.get('steps')
  if (endpointsField === undefined) fields.complain(top, 'lacks endpoints: what is listened on and dialled.')
  if (stepsField === undefined) fields.complain(top, 'lacks steps: what is done, one after the other.')
  const steps = stepsField === undefined ? [] : readSteps(fields, stepsField)
  const made = new Set(steps.flatMap(({ step }) => madeBy(step) ?? []))
  const endpoints =
    endpointsField === undefined
      ? new Map<string, ReadEndpoint>()
      : readEndpoints(fields, endpointsField, made)
  if (stepsField !== undefined && steps.length === 0 && fields.complaints.count === 0)
    fields.complain(stepsField, 'has no steps.')
  const names = endpointsField === undefined ? [] : fields.names(endpointsField)
  checkSteps(fields, endpoints, steps, names, made)
  return {
    name: name === undefined ? '' : (fields.text(name) ?? ''),
    about: about === undefined ? '' : (fields.text(about) ?? ''),
    endpoints: [...endpoints.values()].map(({ endpoint }) => endpoint),
    steps: linked(steps.map(({ step }) => step)),
  }
}

function readVersion(fields: Fields, top: Field, field: Field | undefined): void {
  if (field === undefined) {
    fields.complain(top, `lacks switchboard: ${EXPERIMENT_VERSION}, which tells the version of the form.`)
    return
  }
  const version = fields.whole(field, 1, Number.MAX_SAFE_INTEGER)
  if (version === undefined || version === EXPERIMENT_VERSION) return
  fields.complain(
    field,
    `is version ${version}, of a newer Switchboard; this one reads version ${EXPERIMENT_VERSION}.`,
  )
}

/** The name of the socket that a step's call makes; null where it makes none. */
export function madeBy(step: ExperimentStep): string | null {
  const isMaking = step.act === 'call' && (step.of.call === 'socket' || step.of.call === 'accept')
  return isMaking ? (step.names[0] ?? null) : null
}

/** What is there when a step is taken: endpoints that were opened, and sockets that calls have made. */
interface There {
  readonly endpoints: ReadonlyMap<string, ReadEndpoint>
  readonly opened: Set<string>
  readonly made: Set<string>
  /** All that calls of the file make, sooner or later. */
  readonly willBeMade: ReadonlySet<string>
}

/** What the steps say of each other and of the endpoints. */
function checkSteps(
  fields: Fields,
  endpoints: ReadonlyMap<string, ReadEndpoint>,
  steps: readonly ReadStep[],
  names: readonly string[],
  willBeMade: ReadonlySet<string>,
): void {
  const there: There = { endpoints, opened: new Set(), made: new Set(), willBeMade }
  const parts = new Set<string>()
  for (const { step, at, to } of steps) {
    if (step.act === 'wait' || step.act === 'unlink' || step.act === 'chmod') continue
    if (step.act === 'part') {
      if (parts.has(step.name)) fields.complain(at, `there is a part ${step.name} already.`)
      parts.add(step.name)
      continue
    }
    if (step.act === 'call' || step.act === 'returns') {
      checkCall(fields, at, step, there, names)
      continue
    }
    const { name } = step.at
    if (there.made.has(name) && !endpoints.has(name)) {
      const isOfSockets = step.act === 'look' || (step.act === 'expect' && step.expectation.is === 'kernel')
      if (!isOfSockets)
        fields.complain(at, `${name} was made by a call: what is done with it are calls, too.`)
      continue
    }
    const endpoint = endpoints.get(name)?.endpoint
    if (endpoint === undefined) {
      if (names.includes(name)) continue // complained of already
      const near = nearest(name, names)
      const list = names.length === 0 ? 'there are none.' : `there are ${names.slice(0, 12).join(', ')}.`
      fields.complain(at, `there is no endpoint ${name}; ${near === null ? list : `did you mean ${near}?`}`)
      continue
    }
    if (step.act === 'open') {
      there.opened.add(name)
      checkOrder(fields, at, endpoint.address, there)
    } else if (!there.opened.has(name)) {
      fields.complain(at, `${name} is not open yet: put - open: ${name} before this step.`)
    }
    const misfit = misfitOf(step, endpoint)
    if (misfit !== null) fields.complain(at, misfit)
    if (to !== undefined) checkTarget(fields, to, step, endpoint, there)
  }
}

function checkCall(
  fields: Fields,
  field: Field,
  step: Extract<ExperimentStep, { act: 'call' | 'returns' }>,
  there: There,
  names: readonly string[],
): void {
  const on = step.act === 'returns' ? step.on : 'on' in step.of ? step.of.on : null
  const complainOf = (name: string): void => {
    if (names.includes(name)) {
      fields.complain(field, `${name} is an endpoint; calls are made on sockets that calls have made.`)
      return
    }
    const near = nearest(name, [...there.made])
    const meant =
      near === null ? `make one before, as ${name} = socket(AF_INET, SOCK_STREAM).` : `did you mean ${near}?`
    fields.complain(field, `there is no socket ${name} yet; ${meant}`)
  }
  if (on !== null && !there.made.has(on)) complainOf(on)
  if (step.act === 'returns') return
  if ('address' in step.of) {
    const { address } = step.of
    if (address.is === 'getsockname' && !there.made.has(address.of)) complainOf(address.of)
    const text =
      address.is === 'tuple' ? `${address.host} ${address.port}` : address.is === 'path' ? address.path : ''
    for (const reference of referencesIn(text)) {
      const isOfNone =
        !there.endpoints.has(reference.name) &&
        !there.willBeMade.has(reference.name) &&
        !Object.hasOwn(ownNames, reference.name)
      if (reference.part === null || isOfNone)
        fields.complain(field, `${reference.written} refers to nothing that is bound here.`)
    }
    checkOrder(fields, field, text, there)
  }
  const makes = madeBy(step)
  if (makes === null) return
  if (names.includes(makes) || Object.hasOwn(ownNames, makes))
    fields.complain(field, `${makes} is the name of something else here; give the socket another.`)
  there.made.add(makes)
}

function checkOrder(fields: Fields, field: Field, address: string, there: There): void {
  const { endpoints, opened, made, willBeMade } = there
  for (const { name, written } of referencesIn(address)) {
    // What refers to nothing at all is complained of already.
    if (endpoints.has(name) ? !opened.has(name) : willBeMade.has(name) && !made.has(name))
      fields.complain(field, `its address has ${written}, and ${name} is not open yet: open it before.`)
  }
}

/** Why a step cannot be done with an endpoint of this kind; null where it can. */
function misfitOf(
  step: Exclude<ExperimentStep, PlacelessStep>,
  { name, kind }: ExperimentEndpoint,
): string | null {
  const { caller } = step.at
  if (caller !== null && kind !== 'listener')
    return `${name} has no callers: only what listens on tcp:// or unix: has.`
  if (caller !== null && step.act === 'open') return `callers come by themselves: open ${name} itself.`
  const isOfListeners = step.act === 'accept' || (step.act === 'expect' && step.expectation.is === 'queue')
  if (isOfListeners && (kind !== 'listener' || caller !== null))
    return `only what listens on tcp:// or unix: has callers to accept, and ${name}${caller === null ? '' : `[${caller}]`} does not.`
  if (step.act === 'expect' && step.expectation.is === 'dialling' && kind !== 'dialled')
    return `${name} does not dial.`
  if (kind !== 'udp') return null
  if (step.act === 'expect' && step.expectation.is === 'closed')
    return `${name} is a datagram socket, of which nobody can tell that its peer has closed.`
  const isStreams =
    step.act === 'reset' ||
    step.act === 'shutdown' ||
    step.act === 'pause' ||
    step.act === 'resume' ||
    step.act === 'unplug' ||
    step.act === 'plug'
  return isStreams ? `${step.act} is for streams, and ${name} is a datagram socket.` : null
}

function checkTarget(
  fields: Fields,
  field: Field,
  step: ExperimentStep,
  endpoint: ExperimentEndpoint,
  there: There,
): void {
  if (step.act !== 'send' || step.to === null) return
  if (endpoint.kind !== 'udp' || endpoint.isConnected) {
    fields.complain(
      field,
      `is for datagram sockets that listen; ${endpoint.name} sends to the one it is connected to.`,
    )
    return
  }
  for (const { name, part, written } of referencesIn(step.to)) {
    const target = there.endpoints.get(name)?.endpoint
    const isBound =
      there.made.has(name) ||
      Object.hasOwn(ownNames, name) ||
      (target !== undefined && target.kind !== 'dialled')
    if (part === null || !isBound)
      fields.complain(field, `${written} refers to no endpoint here that is bound.`)
  }
  const parsed = parseWithStandIns(step.to)
  if (!parsed.ok) fields.complain(field, [parsed.fault.summary, parsed.fault.hint].filter(Boolean).join(' '))
  else if (!isDatagramEndpoint(parsed.value))
    fields.complain(field, 'is no udp://, unixgram: or raw:// address.')
  else checkOrder(fields, field, step.to, there)
}

/** Steps with what follows from those around them. */
function linked(steps: readonly ExperimentStep[]): ExperimentStep[] {
  const key = (step: ExperimentStep): string =>
    'at' in step ? `${step.at.name}[${step.at.caller ?? ''}]` : ''
  const isOfBytes = ({ is }: Expectation): boolean =>
    is === 'text' || is === 'hex' || is === 'regex' || is === 'length'
  const exact = new Set(steps.filter((step) => step.act === 'expect' && isOfBytes(step.expectation)).map(key))
  const erring = new Set<string>()
  return steps
    .toReversed()
    .map((step): ExperimentStep => {
      if (!('at' in step)) return step
      const { name } = step.at
      if (step.act === 'open') {
        const mayFail = erring.has(name)
        erring.delete(name)
        return { ...step, mayFail }
      }
      const isError =
        step.act === 'expect' && (step.expectation.is === 'error' || step.expectation.is === 'dialling')
      if (isError) erring.add(name)
      else erring.delete(name)
      return step.act === 'expect' && step.expectation.is === 'closed'
        ? { ...step, expectation: { ...step.expectation, isExact: exact.has(key(step)) } }
        : step
    })
    .toReversed()
}
