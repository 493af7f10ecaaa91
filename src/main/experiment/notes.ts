import { conditionNames, type Condition } from '../../shared/model/experiment'
import { isSeq } from 'yaml'
import { type Field, type Fields } from './fields'
import { nearest } from './nearest'
import { shown } from './yamlText'

/** Keys that any step may have beside its own. */
export const NOTES = ['as', 'took', 'where'] as const

const MOST_CONDITIONS = 8

/** What a step is kept as, and where it is taken at all. */
export interface Notes {
  readonly as?: string
  readonly took?: string
  readonly where?: readonly Condition[]
}

export function readNotes(fields: Fields, values: ReadonlyMap<string, Field>): Notes {
  const notes: { as?: string; took?: string; where?: readonly Condition[] } = {}
  for (const key of ['as', 'took'] as const) {
    const field = values.get(key)
    const name = field && readValueName(fields, field)
    if (name !== undefined) notes[key] = name
  }
  const where = values.get('where')
  const conditions = where && readConditions(fields, where)
  if (conditions !== undefined) notes.where = conditions
  return notes
}

function readValueName(fields: Fields, field: Field): string | undefined {
  const name = fields.text(field, 'a name for the value')
  if (name === undefined || /^[A-Za-z_]\w{0,39}$/.test(name)) return name
  return fields.complain(
    field,
    `${shown(name)} is no name for a value: letters, digits and _, a letter first.`,
  )
}

/** `linux`, or `[linux, not low-ports]`: all must hold. */
function readConditions(fields: Fields, field: Field): readonly Condition[] | undefined {
  const list = isSeq(field.node) ? fields.list(field, 'conditions', MOST_CONDITIONS) : [field]
  if (list?.length === 0)
    return fields.complain(field, 'is an empty list: leave it away where nothing must hold.')
  const read = list?.map((each) => readCondition(fields, each)) ?? []
  const good = read.filter((each) => each !== undefined)
  return good.length === read.length && good.length > 0 ? good : undefined
}

function readCondition(fields: Fields, field: Field): Condition | undefined {
  const text = fields.text(field, 'a condition, as linux, or not low-ports')
  if (text === undefined) return undefined
  return parseCondition(text) ?? fields.complain(field, conditionComplaint(text))
}

/** Null where it is none. */
export function parseCondition(text: string): Condition | null {
  const match = /^\s*(not\s+)?([a-z-]+)\s*$/.exec(text)
  const name = conditionNames.find((each) => each === match?.[2])
  return name === undefined ? null : { name, isNot: match?.[1] !== undefined }
}

/** What is wrong with one; a sentence without its subject. */
export function conditionComplaint(text: string): string {
  const near = nearest(text.trim().replace(/^not\s+/, ''), conditionNames)
  return `${shown(text)} is no condition; ${near === null ? `there are ${conditionNames.join(', ')}, each also with not before it.` : `did you mean ${near}?`}`
}
