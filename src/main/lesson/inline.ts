import { type MarkedToken } from 'marked'
import { type Inline, type LessonLink, type TextRun, type ValueRun } from '../../shared/model/lesson'
import { find, pages } from '../../shared/reference/reference'
import { nearest } from '../experiment/nearest'
import { shown } from '../experiment/yamlText'
import { type Findings } from './findings'
import { inlineOf, newlinesIn } from './markdown'

/** `{server.port}`, `{fitted}`: a value that is measured. Other braces are braces. */
const VALUE = /\{([A-Za-z_][\w-]*(?:\[\d{1,9}\])?(?:\.[A-Za-z]+)?)\}/g

export interface InlineGround {
  readonly findings: Findings
  /** A value is used here. */
  readonly used: (name: string, line: number) => void
}

/** What stands in a paragraph. @param line the one on which it begins */
export function readInline(text: string, line: number, ground: InlineGround): readonly Inline[] {
  const tokens = inlineOf(text.trim())
  if (typeof tokens !== 'string') return inlines(tokens, line, ground)
  ground.findings.add(line, tokens)
  return []
}

export function inlines(
  tokens: readonly MarkedToken[],
  line: number,
  ground: InlineGround,
): readonly Inline[] {
  const read: Inline[] = []
  let at = line
  for (const token of tokens) {
    read.push(...one(token, at, ground))
    at += newlinesIn(token.raw)
  }
  return joined(read)
}

function one(token: MarkedToken, line: number, ground: InlineGround): readonly Inline[] {
  const inner = (): readonly Inline[] =>
    'tokens' in token && token.tokens !== undefined
      ? inlines(token.tokens as MarkedToken[], line, ground)
      : [{ is: 'text', text: token.raw }]
  switch (token.type) {
    case 'strong':
      return [{ is: 'strong', of: inner() }]
    case 'em':
      return [{ is: 'emphasis', of: inner() }]
    case 'codespan':
      return [{ is: 'code', of: codeRuns(token.text, line, ground) }]
    case 'link': {
      const to = linkTo(token.href)
      if (typeof to !== 'string') return [{ is: 'link', to, of: inner() }]
      ground.findings.add(line, to)
      return []
    }
    case 'image':
      ground.findings.add(
        line,
        `the picture ${shown(token.href)} stands in a text: give it a paragraph of its own.`,
      )
      return []
    case 'br':
      return [{ is: 'text', text: ' ' }]
    case 'escape':
      return [{ is: 'text', text: token.text }]
    case 'text':
      return runs(token.text, line, ground)
    default:
      return [{ is: 'text', text: token.raw }]
  }
}

function linkTo(href: string): LessonLink | string {
  const word = /^ref:(.{1,64})$/.exec(href)?.[1]
  if (word !== undefined) {
    const page = find(word)
    if (page !== null) return { is: 'reference', word: page.word }
    const near = nearest(
      word,
      pages.map((each) => each.word),
    )
    return `the reference has no page ${shown(word, '')}${near === null ? '.' : `; did you mean ${near}?`}`
  }
  const lesson = /^lesson:([A-Za-z0-9][\w-]{0,63})$/.exec(href)?.[1]
  if (lesson !== undefined) return { is: 'lesson', id: lesson }
  if (/^https?:\/\//i.test(href) && URL.canParse(href)) return { is: 'address', url: href }
  return `the link leads to ${shown(href)}; expected ref:WORD, lesson:FOLDER or https://….`
}

/** In code a backslash is one, but for that before a brace. */
function codeRuns(text: string, line: number, ground: InlineGround): readonly (TextRun | ValueRun)[] {
  const pieces = text.split(/\\([{}])/)
  return joined(
    pieces.flatMap((piece, index) =>
      index % 2 === 1 ? [{ is: 'text', text: piece } as const] : runs(piece, line, ground),
    ),
  )
}

function runs(text: string, line: number, ground: InlineGround): readonly (TextRun | ValueRun)[] {
  return text.split(VALUE).flatMap((piece, index): (TextRun | ValueRun)[] => {
    if (index % 2 === 0) return piece === '' ? [] : [{ is: 'text', text: piece }]
    ground.used(piece, line)
    return [{ is: 'value', name: piece }]
  })
}

/** Neighbouring pieces of text as one. */
function joined<Run extends Inline>(all: readonly Run[]): readonly Run[] {
  const read: Run[] = []
  for (const each of all) {
    const last = read.at(-1)
    if (each.is === 'text' && last?.is === 'text')
      read[read.length - 1] = { ...last, text: last.text + each.text }
    else read.push(each)
  }
  return read
}
