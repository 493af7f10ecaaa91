import { createScanner } from 'jsonc-parser'
import { textOf, type Scribe } from './scribe'

/** The scanner's kinds of tokens and its error for an open text, which it declares as const enums. */
const Kind = {
  OpenBrace: 1,
  CloseBrace: 2,
  OpenBracket: 3,
  CloseBracket: 4,
  Comma: 5,
  Colon: 6,
  Null: 7,
  True: 8,
  False: 9,
  String: 10,
  Number: 11,
  LineBreak: 14,
  Blank: 15,
  Unknown: 16,
  End: 17,
} as const
const OPEN_TEXT = 2

/** One byte a character, so that the scanner's offsets are byte offsets: JSON's own characters are ASCII (RFC 8259). */
function bytesAsText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

/** JSON values after each other (RFC 8259; several are JSON lines). The rest of the input is read at once. */
export function readJson(s: Scribe): void {
  const base = s.at
  const scanner = createScanner(bytesAsText(s.bytes.subarray(base, s.end)), false)
  let kind: number = Kind.Unknown
  const next = (): void => {
    do kind = scanner.scan()
    while (kind === Kind.Blank || kind === Kind.LineBreak)
    s.at = base + scanner.getTokenOffset()
  }
  const tokenEnd = (): number => base + scanner.getTokenOffset() + scanner.getTokenLength()
  const token = (): string => textOf(s.bytes.subarray(base + scanner.getTokenOffset(), tokenEnd()))
  const expected = (what: string): never =>
    kind === Kind.End ? s.short() : s.fail(`${what} is expected here.`)
  /** Steps over the token before reading on, so that a group that closes with it holds it. */
  const pass = (): void => {
    s.at = tokenEnd()
  }

  const value = (name: string, keyFrom?: number): void => {
    if (kind === Kind.OpenBrace || kind === Kind.OpenBracket) {
      const isObject = kind === Kind.OpenBrace
      s.group(name, () => (isObject ? members() : items()), keyFrom)
    } else if (kind === Kind.String) {
      if (Number(scanner.getTokenError()) !== 0) stringProblem(keyFrom, name)
      const from = keyFrom ?? s.at
      const shown = token()
      pass()
      s.note(name, shown, from)
    } else if (kind === Kind.Number || kind === Kind.True || kind === Kind.False || kind === Kind.Null) {
      const from = keyFrom ?? s.at
      const shown = token()
      const isBad = Number(scanner.getTokenError()) !== 0
      pass()
      s.note(name, shown, from, s.at, isBad ? 'This is no number.' : undefined)
    } else expected('A value')
  }
  const stringProblem = (keyFrom: number | undefined, name: string): void => {
    if (Number(scanner.getTokenError()) === OPEN_TEXT && tokenEnd() === s.end) s.short()
    const from = keyFrom ?? s.at
    const shown = token()
    pass()
    s.note(name, shown, from, s.at, 'This text has an escape or a character that JSON does not allow.')
    s.fail('The text before is damaged.')
  }
  const members = (): string => {
    let count = 0
    pass()
    next()
    while (kind !== Kind.CloseBrace) {
      if (count > 0) {
        if (kind !== Kind.Comma) expected('A comma or }')
        pass()
        next()
      }
      if (kind !== Kind.String) expected('A name in quotes')
      const keyFrom = s.at
      const name = textOf(s.bytes.subarray(s.at + 1, tokenEnd() - 1))
      pass()
      next()
      if (kind !== Kind.Colon) expected('A colon')
      pass()
      next()
      value(name, keyFrom)
      next()
      count++
    }
    pass()
    return `{${count}}`
  }
  const items = (): string => {
    let count = 0
    pass()
    next()
    while (kind !== Kind.CloseBracket) {
      if (count > 0) {
        if (kind !== Kind.Comma) expected('A comma or ]')
        pass()
        next()
      }
      value(`[${count}]`)
      next()
      count++
    }
    pass()
    return `[${count}]`
  }
  for (next(); kind !== Kind.End; next()) value('JSON')
  s.at = s.end
}
