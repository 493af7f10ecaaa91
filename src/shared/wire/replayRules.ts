import { fault, type Reply } from '../model/fault'
import { parsePattern } from './pattern'

/** An expression over bytes. */
interface Expression {
  readonly source: string
  readonly flags: string
}

/** What is sent otherwise than it was recorded. */
export interface SendRules {
  /** Values that are taken from what the peer sends: of each, the first group (or all) of the last match. */
  readonly captures: readonly (Expression & { readonly name: string })[]
  /** In each send the first group (or all) of each match becomes the text, with its variables filled in. */
  readonly sets: readonly (Expression & { readonly text: string })[]
}

/** Variables that need no capture: Unix time in s and ms, ISO 8601 in UTC, and a counter from 1. */
const madeVariables = ['s', 'ms', 'iso', 'count'] as const

/** Finds `{name}` in a text. */
export const VARIABLE = /\{([a-z_][a-z0-9_]{0,63})\}/gi

const CAPTURE_HINT = 'A capture is NAME=/EXPRESSION/.'
const SET_HINT =
  'A setting is /EXPRESSION/=TEXT, where TEXT may hold {s}, {ms}, {iso}, {count} and captured {NAME}s.'

/**
 * Reads what is to be captured and set. Refuses with SB_INPUT what cannot be read, and a variable that nothing gives.
 * @param captures `name=/expression/`
 * @param sets `/expression/=text with {name}`
 */
export function parseSendRules(captures: readonly string[], sets: readonly string[]): Reply<SendRules> {
  const names = new Set<string>(madeVariables)
  const rules = { captures: [] as SendRules['captures'][number][], sets: [] as SendRules['sets'][number][] }
  for (const written of captures) {
    const [, name, expression] = /^([a-z_][a-z0-9_]{0,63})=\/(.+)\/$/is.exec(written) ?? []
    if (name === undefined || expression === undefined)
      return refuse(`"${short(written)}" captures nothing.`, CAPTURE_HINT)
    if (names.has(name)) return refuse(`{${name}} is there already.`, 'Choose another name.')
    const parsed = parseExpression(expression)
    if (!parsed.ok) return parsed
    names.add(name)
    rules.captures.push({ name, ...parsed.value })
  }
  for (const written of sets) {
    const [, expression, text] = /^\/(.+)\/=(.*)$/s.exec(written) ?? []
    if (expression === undefined || text === undefined)
      return refuse(`"${short(written)}" sets nothing.`, SET_HINT)
    for (const [, name = ''] of text.matchAll(VARIABLE))
      if (!names.has(name)) return refuse(`Nothing gives {${name}}.`, SET_HINT)
    const parsed = parseExpression(expression)
    if (!parsed.ok) return parsed
    rules.sets.push({ text, ...parsed.value })
  }
  return { ok: true, value: rules }
}

function parseExpression(pattern: string): Reply<Expression> {
  const parsed = parsePattern({ kind: 'regex', pattern, matchCase: true })
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (value.is !== 'regex') return refuse('That is no expression.', SET_HINT)
  // Where a group lies is asked for, too.
  return { ok: true, value: { source: value.source, flags: `${value.flags}d` } }
}

const short = (text: string): string => text.slice(0, 80)

function refuse(summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { hint }) }
}
