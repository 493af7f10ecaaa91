import { constants } from 'node:os'
import { posix, win32 } from 'node:path'
import {
  DEFAULT_SILENCE_MS,
  DEFAULT_WITHIN_MS,
  MAX_STEPS,
  type EndpointName,
  type Expectation,
  type ExperimentStep,
  type Payload,
} from '../../shared/model/experiment'
import { type Reply } from '../../shared/model/fault'
import { parseHex } from '../../shared/wire/hex'
import { parsePattern } from '../../shared/wire/pattern'
import { type Field, type Fields } from './fields'
import { nearest } from './nearest'
import { shown } from './yamlText'

export const payloads = ['text', 'hex', 'file'] as const
export const expectations = [
  'text',
  'hex',
  'regex',
  'length',
  'closed',
  'error',
  'nothing',
  'queue',
  'dialling',
] as const

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
} as const satisfies Record<string, readonly string[]>

/** Those of the system, and those of looking up names. */
const errorNames = [
  ...Object.keys(constants.errno),
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'ESHUTDOWN',
  'ENONET',
]

type Act = keyof typeof acts
const actNames = Object.keys(acts) as readonly Act[]
const allKeys: readonly string[] = [...new Set([...actNames, ...Object.values(acts).flat()])]

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
  fields.onlyKnown(all, [act, ...acts[act]])
  const at = all.get(act) ?? field
  const within = all.get('within')
  const withinMs = within === undefined ? undefined : fields.duration(within)
  const place = { line: fields.complaints.lineOf(field.offset), withinMs: withinMs ?? DEFAULT_WITHIN_MS }
  if (act === 'wait') {
    const forMs = fields.duration(at)
    return forMs === undefined ? undefined : { step: { ...place, act, forMs }, at: field, to: undefined }
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
    default:
      return name && { ...rest, step: { ...place, act, at: name } }
  }
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

function onlyOne(
  fields: Fields,
  field: Field,
  values: ReadonlyMap<string, Field>,
  of: readonly string[],
): string | undefined {
  const given = of.filter((each) => values.has(each))
  if (given.length === 1) return given[0]
  const choices = `one of ${of.join(', ')}`
  return fields.complain(
    field,
    given.length === 0 ? `lacks ${choices}.` : `has ${given.join(' and ')}; expected just ${choices}.`,
  )
}

function readPayload(fields: Fields, step: Field, values: ReadonlyMap<string, Field>): Payload | undefined {
  const is = onlyOne(fields, step, values, payloads) as Payload['is'] | undefined
  const field = is && values.get(is)
  if (is === undefined || field === undefined) return undefined
  if (is !== 'file') {
    const bytes = readBytes(fields, field, is)
    return bytes && { is, bytes }
  }
  const path = fields.text(field, 'a path, relative to the experiment')
  if (path === undefined) return undefined
  const refusal = refusePath(path)
  if (refusal !== null) return fields.complain(field, refusal)
  return { is, path }
}

/** What can be told without looking: links that lead out of the folder are found when the file is opened. */
function refusePath(path: string): string | null {
  if (path === '' || path.includes('\0')) return 'is no path.'
  if (posix.isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path))
    return `${shown(path)} is not relative: files to send lie in the experiment's folder.`
  const isOutside = posix.normalize(path.replaceAll('\\', '/')).split('/')[0] === '..'
  return isOutside ? `${shown(path)} leads out of the experiment's folder.` : null
}

function readExpectation(
  fields: Fields,
  step: Field,
  values: ReadonlyMap<string, Field>,
): Expectation | undefined {
  const is = onlyOne(fields, step, values, expectations) as Expectation['is'] | undefined
  const field = is && values.get(is)
  if (is === undefined || field === undefined) return undefined
  switch (is) {
    case 'text':
    case 'hex': {
      const bytes = readBytes(fields, field, is)
      return bytes && { is, bytes }
    }
    case 'regex':
      return readRegex(fields, field)
    case 'length': {
      const lengthBytes = fields.whole(field, 0, Number.MAX_SAFE_INTEGER)
      return lengthBytes === undefined ? undefined : { is, lengthBytes }
    }
    case 'closed': {
      const how = fields.choice(field, ['fin', 'reset'])
      return how && { is, how, isExact: false }
    }
    case 'error': {
      const code = fields.text(field, 'the name of an error, as ECONNREFUSED')
      if (code === undefined) return undefined
      if (/^[A-Z][A-Z0-9_]{1,39}$/.test(code)) {
        const near = errorNames.includes(code) ? null : nearest(code, errorNames)
        if (near === null) return { is, code }
        return fields.complain(field, `${code} is no error that is known here; did you mean ${near}?`)
      }
      return fields.complain(
        field,
        `found ${shown(code)}, expected the name of an error in capitals, as ECONNREFUSED.`,
      )
    }
    case 'queue': {
      const length = fields.whole(field, 0, 2 ** 31 - 1)
      return length === undefined ? undefined : { is, length }
    }
    case 'dialling':
    case 'nothing': {
      const flag = fields.flag(field)
      if (flag === false)
        return fields.complain(field, 'can only be true: leave the step away to expect whatever comes.')
      return flag && { is }
    }
  }
}

function readBytes(fields: Fields, field: Field, is: 'text' | 'hex'): Uint8Array | undefined {
  const text = fields.text(field, is === 'text' ? undefined : 'digits in quotes, as "68 65 6c"')
  if (text === undefined) return undefined
  if (is === 'hex') return take(fields, field, parseHex(text))
  if (/\p{Surrogate}/u.test(text))
    return fields.complain(field, 'holds half of a surrogate pair: UTF-8 has no bytes for it.')
  return new TextEncoder().encode(text)
}

function readRegex(fields: Fields, field: Field): Expectation | undefined {
  const written = fields.text(field, 'a regular expression, in quotes')
  if (written === undefined) return undefined
  const pattern = take(fields, field, parsePattern({ kind: 'regex', pattern: written, matchCase: true }))
  if (pattern?.is !== 'regex') return undefined
  return { is: 'regex', written, source: pattern.source, flags: pattern.flags.replace('g', '') }
}

function take<T>(fields: Fields, field: Field, reply: Reply<T>): T | undefined {
  return reply.ok
    ? reply.value
    : fields.complain(field, [reply.fault.summary, reply.fault.hint].filter(Boolean).join(' '))
}
