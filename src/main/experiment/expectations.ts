import { constants } from 'node:os'
import { type Expectation, type KernelExpectation, type Payload } from '../../shared/model/experiment'
import { type Reply } from '../../shared/model/fault'
import { isKernelField, kernelFields, type KernelField } from '../../shared/model/kernelFields'
import { parseHex } from '../../shared/wire/hex'
import { parsePattern } from '../../shared/wire/pattern'
import { type Field, type Fields } from './fields'
import { leadsTo } from './inFolder'
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
  'kernel',
] as const

const ERROR_NAME = /^[A-Z][A-Z0-9_]{1,39}$/
/** Those of the system, and those of looking up names. */
const errorNames = [
  ...Object.keys(constants.errno),
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'ESHUTDOWN',
  'ENONET',
]

/** The one key of some that is there; complained of where there is none, or more. */
export function onlyOne(
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

/** What a step sends. */
export function readPayload(
  fields: Fields,
  step: Field,
  values: ReadonlyMap<string, Field>,
): Payload | undefined {
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

function refusePath(path: string): string | null {
  switch (leadsTo(path)) {
    case 'nowhere':
      return 'is no path.'
    case 'elsewhere':
      return `${shown(path)} is not relative: files to send lie in the experiment's folder.`
    case 'outside':
      return `${shown(path)} leads out of the experiment's folder.`
    case 'inside':
      return null
  }
}

/** What a step expects. */
export function readExpectation(
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
      const code = readErrorName(fields, field)
      return code === undefined ? undefined : { is, code }
    }
    case 'kernel': {
      const wanted = readKernelExpectations(fields, field)
      return wanted && { is, fields: wanted }
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

/** Whether an experiment may speak of an error by this name. */
export function isErrorName(code: string): boolean {
  return ERROR_NAME.test(code) && (errorNames.includes(code) || nearest(code, errorNames) === null)
}

/** `ECONNREFUSED`. @param others what may stand there besides */
export function readErrorName(
  fields: Fields,
  field: Field,
  others: readonly string[] = [],
): string | undefined {
  const code = fields.text(field, 'the name of an error, as ECONNREFUSED')
  if (code === undefined || others.includes(code)) return code
  if (ERROR_NAME.test(code)) {
    const near = errorNames.includes(code) ? null : nearest(code, errorNames)
    if (near === null) return code
    return fields.complain(field, `${code} is no error that is known here; did you mean ${near}?`)
  }
  return fields.complain(
    field,
    `found ${shown(code)}, expected the name of an error in capitals, as ECONNREFUSED.`,
  )
}

/** Fields by their own names, and by those that the kernel and its tools have for them. */
const kernelNames = new Map<string, KernelField>(
  (Object.keys(kernelFields) as KernelField[]).flatMap((key) => [
    [key, key],
    [inWords(kernelFields[key].name), key],
  ]),
)

/** `Send-Q`, `accept queue`: however it is written. */
function inWords(name: string): string {
  return name.toLowerCase().replaceAll(/[ -]/g, '_')
}

/** What fits all names that `kernelFieldNamed` takes, for schemas, whose patterns have no flags. */
export function kernelNamePattern(): RegExp {
  const anyhow = (name: string): string =>
    name
      .replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
      .replaceAll('_', '[ _-]')
  const names = [...kernelNames.keys()].map((name) => (name === inWords(name) ? anyhow(name) : name))
  return new RegExp(`^(${[...new Set(names)].join('|')})$`)
}

/** A number of the kernel's by its name; the nearest name where there is none, or null. */
export function kernelFieldNamed(
  name: string,
): { readonly field: KernelField } | { readonly near: string | null } {
  const field = isKernelField(name) ? name : kernelNames.get(inWords(name))
  return field === undefined ? { near: nearest(name, [...kernelNames.keys()]) } : { field }
}

/** The name of a number of the kernel's: `unacked`, `data_segs_out`, `accept_queue`. */
export function readKernelField(fields: Fields, field: Field): KernelField | undefined {
  const name = fields.text(field, 'the name of a number of the kernel, as unacked')
  return name === undefined ? undefined : kernelFieldOf(fields, field, name)
}

function kernelFieldOf(fields: Fields, field: Field, name: string): KernelField | undefined {
  const found = kernelFieldNamed(name)
  if ('field' in found) return found.field
  const { near } = found
  return fields.complain(
    field,
    `${shown(name)} is no number of the kernel's that is known here${near === null ? '.' : `; did you mean ${near}?`}`,
  )
}

/** `{ unacked: '> 0', state: 1 }` */
function readKernelExpectations(fields: Fields, field: Field): readonly KernelExpectation[] | undefined {
  const values = fields.map(
    field,
    "numbers of the kernel, each with what it is to be, as unacked: '> 0'",
    null,
  )
  if (values === undefined) return undefined
  if (values.size === 0) return fields.complain(field, 'names no number.')
  const read: KernelExpectation[] = []
  for (const [name, each] of values) {
    const known = kernelFieldOf(fields, { ...each, offset: each.keyOffset }, name)
    const written = fields.scalar(each)
    if (known === undefined || written === undefined) continue
    const match = /^\s*(>=|<=|>|<|=)?\s*(-?\d{1,15})\s*$/.exec(String(written))
    if (match === null) {
      fields.complain(
        each,
        `found ${shown(String(written))}, expected a number, or one after =, >, >=, < or <=.`,
      )
      continue
    }
    const how = (match[1] ?? '=') as KernelExpectation['how']
    read.push({ field: known, how, number: Number(match[2]) })
  }
  return read.length === values.size ? read : undefined
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
