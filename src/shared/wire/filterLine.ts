import { rowKinds, type EventName, type Filter, type FilterTerm } from '../model/filter'
import { type PatternKind } from '../model/search'
import { filterTokens, type FilterToken } from './filterLexer'
import { eventNames, filterTerms } from './filterTerms'
import { parsePattern } from './pattern'
import { parseDuration, parseWhole } from './quantity'

/** What is wrong with a line, and where: indexes into it. */
export interface FilterError {
  readonly from: number
  readonly to: number
  readonly summary: string
}
export type ParsedFilter =
  { readonly ok: true; readonly filter: Filter | null } | { readonly ok: false; readonly error: FilterError }

export const MAX_FILTER_LENGTH = 4096
const MAX_DEPTH = 32

/** Never leaves this file. */
class Refusal extends Error {
  readonly error: FilterError
  constructor({ from, to }: { readonly from: number; readonly to: number }, summary: string) {
    super(summary)
    this.error = { from, to, summary }
  }
}

/**
 * Reads a filter line: terms side by side hold together, `or` between them one or the other, `not` or `-` the opposite, parentheses what
 * belongs together; `and` may be written. A line of blanks is no filter: null.
 */
export function parseFilterLine(line: string): ParsedFilter {
  if (line.length > MAX_FILTER_LENGTH) {
    const summary = `A filter holds at most ${MAX_FILTER_LENGTH} characters.`
    return { ok: false, error: { from: MAX_FILTER_LENGTH, to: line.length, summary } }
  }
  const reader = new Reader(filterTokens(line), line.length)
  try {
    return { ok: true, filter: reader.line() }
  } catch (refusal) {
    if (refusal instanceof Refusal) return { ok: false, error: refusal.error }
    throw refusal
  }
}

class Reader {
  readonly #tokens: readonly FilterToken[]
  readonly #end: { readonly from: number; readonly to: number }
  #at = 0
  #depth = 0

  constructor(tokens: readonly FilterToken[], length: number) {
    this.#tokens = tokens
    this.#end = { from: length, to: length }
  }

  line(): Filter | null {
    if (this.#tokens.length === 0) return null
    const filter = this.#either()
    const rest = this.#tokens[this.#at]
    if (rest !== undefined) throw new Refusal(rest, 'This parenthesis closes nothing.')
    return filter
  }

  #either(): Filter {
    const first = this.#tokens[this.#at] ?? this.#end
    if (++this.#depth > MAX_DEPTH) throw new Refusal(first, 'Parentheses are nested too deep.')
    const parts = [this.#together()]
    while (this.#takes('or')) parts.push(this.#together())
    this.#depth--
    return joined('or', parts)
  }

  #together(): Filter {
    const parts = [this.#one()]
    for (;;) {
      const isSaid = this.#takes('and')
      const next = this.#tokens[this.#at]
      if (!isSaid && (next === undefined || next.is === 'close' || isWord(next, 'or'))) break
      parts.push(this.#one())
    }
    return joined('and', parts)
  }

  #one(): Filter {
    let isNegated = false
    while (this.#tokens[this.#at]?.is === 'minus' || isWord(this.#tokens[this.#at], 'not')) {
      isNegated = !isNegated
      this.#at++
    }
    const filter = this.#plain()
    return isNegated ? { is: 'not', of: filter } : filter
  }

  #plain(): Filter {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new Refusal(this.#end, 'Something is missing at the end.')
    this.#at++
    if (token.is === 'close') throw new Refusal(token, 'Something is missing before this parenthesis.')
    if (isWord(token, 'or') || isWord(token, 'and'))
      throw new Refusal(token, `Something is missing before “${token.value.text}”.`)
    if (token.is === 'word') return termOf(token)
    const inner = this.#either()
    if (this.#tokens[this.#at]?.is !== 'close') throw new Refusal(token, 'This parenthesis is not closed.')
    this.#at++
    return inner
  }

  #takes(word: string): boolean {
    if (!isWord(this.#tokens[this.#at], word)) return false
    this.#at++
    return true
  }
}

function isWord(token: FilterToken | undefined, word: string): boolean {
  return (
    token?.is === 'word' &&
    token.operator === '' &&
    token.value.is === 'plain' &&
    token.value.text.toLowerCase() === word
  )
}

function joined(is: 'and' | 'or', parts: readonly Filter[]): Filter {
  const flat = parts.flatMap((part) => (part.is === is ? part.of : [part]))
  const [only] = flat
  return flat.length === 1 && only !== undefined ? only : { is, of: flat }
}

function termOf(token: FilterToken): FilterTerm {
  const { name, operator, value } = token
  if (!value.isClosed)
    throw new Refusal(
      { from: value.from, to: token.to },
      value.is === 'quoted' ? 'This quote is not closed.' : 'This expression has no closing slash.',
    )
  if (operator === '') return bareTerm(token)
  const term = filterTerms.find((each) => each.name === name)
  if (term === undefined || name === 'mark') {
    const known = filterTerms.map((each) => each.name).join(', ')
    throw new Refusal(
      { from: token.from, to: token.from + name.length },
      name === 'mark'
        ? 'Marks are asked for by “mark” alone.'
        : `There is no term “${name}”. Known are ${known}.`,
    )
  }
  if (term.hasRange) return rangeTerm(token, name as 'size' | 'time' | 'row')
  if (operator !== ':' && operator !== '=')
    throw new Refusal(token, `“${name}” cannot be more or less: write ${term.forms[0] ?? ''}.`)
  if (value.text === '') throw new Refusal(token, `“${name}” needs a value: ${term.forms[0] ?? ''}.`)
  return valueTerm(token)
}

function bareTerm(token: FilterToken): FilterTerm {
  const { text, is } = token.value
  if (is === 'plain') {
    const lower = text.toLowerCase()
    if (lower === 'mark') return { is: 'mark' }
    const term = filterTerms.find((each) => each.name === lower)
    if (term !== undefined) throw new Refusal(token, `“${lower}” needs a value: ${term.forms[0] ?? ''}.`)
  }
  return payloadTerm(token, 'text', false)
}

function valueTerm(token: FilterToken): FilterTerm {
  const { text, is, flags } = token.value
  const lower = text.toLowerCase()
  switch (token.name) {
    case 'dir':
      if (lower === 'in' || lower === 'out') return { is: 'direction', direction: lower }
      throw refused(token, `“${text}” is no direction: in and out are.`)
    case 'kind': {
      const kind = rowKinds.find((each) => each === lower)
      if (kind !== undefined) return { is: 'kind', kind }
      throw refused(token, `“${text}” is no kind of row: ${rowKinds.join(', ')} are.`)
    }
    case 'event': {
      const names = Object.keys(eventNames) as EventName[]
      const what = names.find((each) => each.toLowerCase() === lower)
      if (what !== undefined) return { is: 'event', what }
      throw refused(token, `“${text}” is no event. Known are ${names.join(', ')}.`)
    }
    case 'peer':
      return { is: 'peer', part: unescapedQuotes(text) }
    case 'hex':
      return payloadTerm(token, 'hex', true)
    case 'regex':
      if (is === 'expression' && flags !== '' && flags.toLowerCase() !== 'i')
        throw refused(token, `“${flags}” is no flag here: only i is, for any case.`)
      return payloadTerm(token, 'regex', flags === '')
    default:
      return payloadTerm(token, 'text', token.name === 'exact')
  }
}

const refused = (token: FilterToken, summary: string): Refusal =>
  new Refusal({ from: token.value.from, to: token.to }, summary)

const unescapedQuotes = (text: string): string => text.replace(/\\(["\\])/g, '$1')

function payloadTerm(token: FilterToken, kind: PatternKind, matchCase: boolean): FilterTerm {
  const { text, is } = token.value
  // What stands before a quote only to keep it from closing is no part of an expression.
  const pattern = kind === 'regex' && is === 'quoted' ? text.replace(/\\"/g, '"') : text
  const parsed = parsePattern({ kind, pattern, matchCase })
  if (!parsed.ok) throw refused(token, parsed.fault.summary)
  return { is: 'payload', kind, pattern, matchCase }
}

function rangeTerm(token: FilterToken, is: 'size' | 'time' | 'row'): FilterTerm {
  const { operator, value } = token
  const read = (text: string): number => {
    const number = is === 'time' ? parseDuration(text) : parseWhole(text)
    if (number !== null) return number
    const summary =
      text === ''
        ? `“${is}” needs a number: ${is}>${is === 'time' ? '1.5' : '100'} or ${is}:10..20.`
        : `“${text}” is no ${is === 'time' ? 'time: 1.5, 250ms and 3min are' : 'whole number'}.`
    throw refused(token, summary)
  }
  const dots = value.text.indexOf('..')
  if (dots < 0) {
    const number = read(value.text)
    if (operator === '>') return { is, from: number + 1, to: Infinity }
    if (operator === '>=') return { is, from: number, to: Infinity }
    if (operator === '<=') return { is, from: 0, to: number }
    if (operator !== '<') return { is, from: number, to: number }
    if (number === 0) throw refused(token, 'Nothing is less than 0.')
    return { is, from: 0, to: number - 1 }
  }
  if (operator !== ':' && operator !== '=')
    throw refused(token, `A range stands after a colon: ${is}:10..20.`)
  const [first, last] = [value.text.slice(0, dots), value.text.slice(dots + 2)]
  if (first === '' && last === '') throw refused(token, 'A range needs one end at least.')
  const range = { is, from: first === '' ? 0 : read(first), to: last === '' ? Infinity : read(last) }
  if (range.from > range.to) throw refused(token, `The range runs backwards: ${value.text}.`)
  return range
}

/** A filter as a line that reads back as the same filter. */
export function formatFilter(filter: Filter): string {
  switch (filter.is) {
    case 'and':
      return filter.of
        .map((each) => (each.is === 'or' ? `(${formatFilter(each)})` : formatFilter(each)))
        .join(' ')
    case 'or':
      return filter.of.map(formatFilter).join(' or ')
    case 'not': {
      const inner = formatFilter(filter.of)
      const isGroup = filter.of.is === 'and' || filter.of.is === 'or' || filter.of.is === 'not'
      return isGroup ? `-(${inner})` : `-${inner}`
    }
    case 'direction':
      return `dir:${filter.direction}`
    case 'kind':
      return `kind:${filter.kind}`
    case 'event':
      return `event:${filter.what}`
    case 'size':
    case 'row':
      return `${filter.is}:${range(filter, String)}`
    case 'time':
      return `time:${range(filter, (nanos) => `${nanos}ns`)}`
    case 'peer':
      return `peer:"${filter.part.replace(/["\\]/g, '\\$&')}"`
    case 'payload':
      return formatPayload(filter)
    case 'mark':
      return 'mark'
  }
}

function range({ from, to }: { from: number; to: number }, write: (value: number) => string): string {
  return from === to ? write(from) : `${write(from)}..${to === Infinity ? '' : write(to)}`
}

function formatPayload({ kind, pattern, matchCase }: FilterTerm & { is: 'payload' }): string {
  if (kind === 'hex') return `hex:"${pattern}"`
  if (kind === 'text') return `${matchCase ? 'exact' : 'text'}:"${withEscaped(pattern, '"')}"`
  return `regex:/${withEscaped(pattern, '/')}/${matchCase ? '' : 'i'}`
}

/** With a backslash before each of a sign that has none yet. Within a class of an expression it needs none, and one does no harm. */
function withEscaped(pattern: string, sign: string): string {
  return pattern.replace(/\\[\s\S]|["/]/g, (each) => (each === sign ? `\\${sign}` : each))
}
