import { type CallExpectation, type ExperimentStep, TIMEOUT_ERROR } from '../../shared/model/experiment'
import { CallTextError, parseCall } from './callText'
import { onlyOne, readErrorName } from './expectations'
import { type Field, type Fields } from './fields'
import { shown } from './yamlText'

type CallStep = Extract<ExperimentStep, { act: 'call' }>
type ReturnsStep = Extract<ExperimentStep, { act: 'returns' }>

/** A socket call with what is expected of it. */
export function readCallStep(
  fields: Fields,
  step: Field,
  field: Field,
  values: ReadonlyMap<string, Field>,
): Pick<CallStep, 'source' | 'of' | 'names' | 'expected'> | undefined {
  const source = fields.text(field, 'a line of Python in quotes, as data = line.recv(1024)')
  const expected = readCallExpectation(fields, step, values, ['gives', 'raises', 'blocks', 'until'])
  if (source === undefined || expected === undefined) return undefined
  try {
    const { names, of } = parseCall(source)
    const isRepeated = expected?.is === 'until'
    if (isRepeated && (of.call === 'socket' || of.call === 'accept'))
      return fields.complain(
        field,
        `${of.call} makes a socket, and cannot be made again and again under one name.`,
      )
    return { source: source.trim(), of, names, expected }
  } catch (error) {
    if (error instanceof CallTextError) return fields.complain(field, error.message)
    throw error
  }
}

export function readReturnsStep(
  fields: Fields,
  step: Field,
  field: Field,
  values: ReadonlyMap<string, Field>,
): Pick<ReturnsStep, 'on' | 'expected'> | undefined {
  const on = fields.text(field, 'the name of a socket that a call made')
  const expected = readCallExpectation(fields, step, values, ['gives', 'raises'])
  if (on === undefined || expected === undefined) return undefined
  if (!/^[A-Za-z_]\w*$/.test(on)) return fields.complain(field, `${shown(on)} names no socket.`)
  return { on, expected }
}

/** Null where nothing is said of it: then it is to give a value, whichever. */
function readCallExpectation(
  fields: Fields,
  step: Field,
  values: ReadonlyMap<string, Field>,
  of: readonly CallExpectation['is'][],
): CallExpectation | null | undefined {
  if (!of.some((each) => values.has(each))) return null
  const is = onlyOne(fields, step, values, of) as CallExpectation['is'] | undefined
  const field = is && values.get(is)
  if (is === undefined || field === undefined) return undefined
  switch (is) {
    case 'gives': {
      const value = fields.scalar(field)
      return value === undefined ? undefined : { is, text: String(value) }
    }
    case 'raises':
    case 'until': {
      const code = readErrorName(fields, field, is === 'raises' ? [TIMEOUT_ERROR] : [])
      return code === undefined ? undefined : { is, code }
    }
    case 'blocks': {
      const flag = fields.flag(field)
      if (flag === false)
        return fields.complain(field, 'can only be true: leave it away for a call that returns.')
      return flag && { is }
    }
  }
}
