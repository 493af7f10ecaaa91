/** A word of the filter line. Positions are indexes into the text. */
export interface FilterToken {
  readonly is: 'open' | 'close' | 'minus' | 'word'
  readonly from: number
  readonly to: number
  /** Of a word: the name before the operator; empty where it has none. */
  readonly name: string
  readonly operator: '' | ':' | '=' | '<' | '>' | '<=' | '>='
  readonly value: FilterValue
}

export interface FilterValue {
  readonly is: 'plain' | 'quoted' | 'expression'
  /** Without its quotes or slashes; escapes are left as they are. */
  readonly text: string
  /** What follows an expression's last slash. */
  readonly flags: string
  readonly from: number
  readonly isClosed: boolean
}

const NAME = /^([a-z]+)(<=|>=|[:=<>])/i
const nothing = (at: number): FilterValue => ({ is: 'plain', text: '', flags: '', from: at, isClosed: true })

/** Cuts a filter line into words. Never fails: what is not closed goes to the end. */
export function filterTokens(line: string): readonly FilterToken[] {
  const tokens: FilterToken[] = []
  for (let at = 0; at < line.length;) {
    const character = line.charAt(at)
    if (/\s/.test(character)) {
      at++
      continue
    }
    const sign =
      character === '(' ? 'open' : character === ')' ? 'close' : '-!'.includes(character) ? 'minus' : null
    if (sign !== null) {
      tokens.push({ is: sign, from: at, to: at + 1, name: '', operator: '', value: nothing(at) })
      at++
      continue
    }
    const [, name = '', operator = ''] = NAME.exec(line.slice(at, at + 40)) ?? []
    const [value, to] = readValue(line, at + name.length + operator.length, name.toLowerCase() === 'regex')
    const known = operator as FilterToken['operator']
    tokens.push({ is: 'word', from: at, to, name: name.toLowerCase(), operator: known, value })
    at = to
  }
  return tokens
}

function readValue(line: string, from: number, isRegex: boolean): [FilterValue, number] {
  if (line.charAt(from) === '"') return readQuoted(line, from)
  if (isRegex && line.charAt(from) === '/') return readExpression(line, from)
  let to = from
  while (to < line.length && !/[\s()"]/.test(line.charAt(to))) to++
  // A quote within a word belongs to it: nothing else could be meant.
  if (line.charAt(to) === '"') while (to < line.length && !/[\s()]/.test(line.charAt(to))) to++
  return [{ is: 'plain', text: line.slice(from, to), flags: '', from, isClosed: true }, to]
}

function readQuoted(line: string, from: number): [FilterValue, number] {
  let at = from + 1
  while (at < line.length && line.charAt(at) !== '"') at += line.charAt(at) === '\\' ? 2 : 1
  const end = Math.min(at, line.length)
  const isClosed = at < line.length
  const text = line.slice(from + 1, end)
  return [{ is: 'quoted', text, flags: '', from, isClosed }, isClosed ? end + 1 : end]
}

function readExpression(line: string, from: number): [FilterValue, number] {
  let isInClass = false
  let at = from + 1
  for (; at < line.length; at++) {
    const character = line.charAt(at)
    if (character === '\\') at++
    else if (character === '[') isInClass = true
    else if (character === ']') isInClass = false
    else if (character === '/' && !isInClass) break
  }
  const end = Math.min(at, line.length)
  const isClosed = at < line.length
  const flags = isClosed ? (/^[a-z]*/i.exec(line.slice(end + 1))?.[0] ?? '') : ''
  const value: FilterValue = { is: 'expression', text: line.slice(from + 1, end), flags, from, isClosed }
  return [value, isClosed ? end + 1 + flags.length : end]
}
