import {
  DEFAULT_BLOCKS_MS,
  DEFAULT_SILENCE_MS,
  DEFAULT_WITHIN_MS,
  MAX_STEPS,
  type EndpointName,
  type ExperimentStep,
  type PlacelessStep,
} from '../../shared/model/experiment'
import { readCallStep, readReturnsStep } from './callSteps'
import { expectations, payloads, readExpectation, readKernelField, readPayload } from './expectations'
import { type Field, type Fields } from './fields'
import { nearest } from './nearest'
import { NOTES, type Notes, readNotes } from './notes'
import { shown } from './yamlText'

/** Each act with the keys that may stand beside it. */
export const acts = {
  open: ['within'],
  send: [...payloads, 'to', 'within'],
  expect: [...expectations, 'within'],
  wait: [],
  close: [],
  reset: [],
  shutdown: ['within'],
  pause: [],
  resume: [],
  accept: ['within'],
  part: [],
  look: ['kernel', 'within'],
  unplug: [],
  plug: [],
  unlink: [],
  chmod: ['mode'],
  call: ['gives', 'raises', 'blocks', 'until', 'within'],
  returns: ['gives', 'raises', 'within'],
} as const satisfies Record<string, readonly string[]>

/** A name beside no other: none of them leads out of the folder. */
export const TEMP_PATH = /^\{temp\.path\}\/(?!\.)[\w.-]{1,60}$/
export const MODE = /^[0-7]{3}$/

type Act = keyof typeof acts
const actNames = Object.keys(acts) as readonly Act[]
const allKeys: readonly string[] = [...new Set([...actNames, ...Object.values(acts).flat(), ...NOTES])]

/** A step of the file, with what later checks need to point at. What depends on other steps is still to be found out. */
export interface ReadStep {
  readonly step: ExperimentStep
  /** The endpoint's name; the whole step where it has none. */
  readonly at: Field
  readonly to: Field | undefined
}

export function readSteps(fields: Fields, field: Field): ReadStep[] {
  const list = fields.list(field, 'a list of steps, each beginning with -', MAX_STEPS) ?? []
  return list.flatMap((each) => readStep(fields, each) ?? [])
}

function readStep(fields: Fields, field: Field): ReadStep | undefined {
  const all = fields.map(field, 'a step, as - open: server', null)
  if (all === undefined) return undefined
  const found = actNames.filter((act) => all.has(act))
  const [act] = found
  if (act === undefined) return missingAct(fields, field, [...all.keys()])
  if (found.length > 1)
    return fields.complain(field, `does several things at once: ${found.join(', ')}. One step does one.`)
  fields.onlyKnown(all, [act, ...acts[act], ...(act === 'part' ? [] : NOTES)])
  const at = all.get(act) ?? field
  const within = all.get('within')
  const withinMs = within === undefined ? undefined : fields.duration(within)
  const line = fields.complaints.lineOf(field.offset)
  const place = { line, withinMs: withinMs ?? DEFAULT_WITHIN_MS, ...readNotes(fields, all) }
  if (isPlaceless(act)) {
    const step = readPlaceless(fields, field, act, at, all, { ...place, withinMs })
    return step && { step, at: act === 'wait' ? field : at, to: undefined }
  }
  const name = readName(fields, at)
  const rest = { at, to: all.get('to') }
  switch (act) {
    case 'open':
      return name && { ...rest, step: { ...place, act, at: name, mayFail: false } }
    case 'send': {
      const payload = readPayload(fields, field, all)
      const to =
        rest.to === undefined
          ? null
          : (fields.text(rest.to, 'an address: udp://host:port, unixgram:/path or raw://host/protocol') ??
            null)
      return name && payload && { ...rest, step: { ...place, act, at: name, payload, to } }
    }
    case 'expect': {
      const expectation = readExpectation(fields, field, all)
      if (name === undefined || expectation === undefined) return undefined
      const silence =
        (expectation.is === 'nothing' || expectation.is === 'dialling') && withinMs === undefined
          ? { withinMs: DEFAULT_SILENCE_MS }
          : {}
      return { ...rest, step: { ...place, ...silence, act, at: name, expectation } }
    }
    case 'look': {
      const kernel = all.get('kernel')
      if (kernel === undefined) return fields.complain(field, 'lacks kernel: the number that is read.')
      const read = readKernelField(fields, kernel)
      return name && read && { ...rest, step: { ...place, act, at: name, field: read } }
    }
    default:
      return name && { ...rest, step: { ...place, act, at: name } }
  }
}

const isPlaceless = (act: Act): act is PlacelessStep['act'] =>
  ['wait', 'part', 'call', 'returns', 'unlink', 'chmod'].includes(act)

interface Place extends Notes {
  readonly line: number
  /** Undefined where the step does not say. */
  readonly withinMs: number | undefined
}

/** A step that is about no endpoint of the file. */
function readPlaceless(
  fields: Fields,
  field: Field,
  act: PlacelessStep['act'],
  at: Field,
  all: ReadonlyMap<string, Field>,
  { withinMs = DEFAULT_WITHIN_MS, ...rest }: Place,
): PlacelessStep | undefined {
  const place = { ...rest, withinMs }
  switch (act) {
    case 'wait': {
      const forMs = fields.duration(at)
      return forMs === undefined ? undefined : { ...place, act, forMs }
    }
    case 'part': {
      const name = readPartName(fields, at)
      return name === undefined ? undefined : { ...place, act, name }
    }
    case 'call': {
      const call = readCallStep(fields, field, at, all)
      const isWatched = call?.expected?.is === 'blocks' && !all.has('within')
      return call && { ...place, ...(isWatched && { withinMs: DEFAULT_BLOCKS_MS }), act, ...call }
    }
    case 'returns': {
      const returns = readReturnsStep(fields, field, at, all)
      return returns && { ...place, act, ...returns }
    }
    case 'unlink': {
      const path = readTempPath(fields, at)
      return path === undefined ? undefined : { ...place, act, path }
    }
    case 'chmod': {
      const path = readTempPath(fields, at)
      const mode = all.get('mode')
      if (mode === undefined)
        return fields.complain(field, "lacks mode: who may do what, as digits in quotes: '600'.")
      const bits = readMode(fields, mode)
      return path === undefined || bits === undefined ? undefined : { ...place, act, path, mode: bits }
    }
  }
}

/** Files are the run's own, or are left alone. */
function readTempPath(fields: Fields, field: Field): string | undefined {
  const path = fields.text(field, 'a file of the run’s own folder, as {temp.path}/phone')
  if (path === undefined || TEMP_PATH.test(path)) return path
  return fields.complain(
    field,
    `${shown(path)} is no file in {temp.path}: write {temp.path}/ and its name, as {temp.path}/phone.`,
  )
}

/** `600`, as chmod(1) has it. */
function readMode(fields: Fields, field: Field): number | undefined {
  const digits = fields.text(field, "three digits from 0 to 7, in quotes: '600'")
  if (digits === undefined) return undefined
  if (MODE.test(digits)) return parseInt(digits, 8)
  return fields.complain(field, `found ${shown(digits)}, expected three digits from 0 to 7, as 600.`)
}

function readPartName(fields: Fields, field: Field): string | undefined {
  const name = fields.text(field, 'the name of a part')
  if (name === undefined || /^[a-z][a-z0-9-]{0,39}$/.test(name)) return name
  return fields.complain(
    field,
    `${shown(name)} is no name for a part: small letters, digits and -, a letter first.`,
  )
}

function missingAct(fields: Fields, field: Field, keys: readonly string[]): undefined {
  for (const key of keys) {
    if (allKeys.includes(key)) continue
    const near = nearest(key, actNames)
    if (near !== null) return fields.complain(field, `there is no step ${shown(key)}; did you mean ${near}?`)
  }
  return fields.complain(field, `does nothing: a step has one of ${actNames.join(', ')}.`)
}

/** `server`, or `server[2]`. */
function readName(fields: Fields, field: Field): EndpointName | undefined {
  const text = fields.text(field, 'the name of an endpoint')
  if (text === undefined) return undefined
  const parts = /^([A-Za-z_][\w-]*)(?:\[([1-9][0-9]{0,8})\])?$/.exec(text)
  if (parts === null) {
    return fields.complain(
      field,
      `${shown(text)} names no endpoint: write server, or server[2] for the second caller of one that listens.`,
    )
  }
  return { name: parts[1] ?? '', caller: parts[2] === undefined ? null : Number(parts[2]) }
}
