import { type MarkedToken, type Tokens } from 'marked'
import { type Condition, type Experiment } from '../../shared/model/experiment'
import { type Inline, type LessonBlock } from '../../shared/model/lesson'
import { nearest } from '../experiment/nearest'
import { shown } from '../experiment/yamlText'
import { type Findings } from './findings'
import { inlines, readInline, type InlineGround } from './inline'
import { blocksOf, inlineOf, newlinesIn, refuseMarkdown } from './markdown'
import { measuredIn } from './measured'
import { isOwnWord, ownWords, readOwnBlock, type OwnGround } from './ownBlocks'
import { partsOf } from './parts'

/** Where a block stands: what the lesson's own blocks may be depends on it. */
export type Place = 'top' | 'where' | 'answer' | 'quote' | 'list'

/** What a text came to. Pictures that it names have not been looked at. */
export interface ReadText {
  readonly blocks: readonly LessonBlock[]
  /** The pictures that it names, each with the line of the first place. */
  readonly pictures: ReadonlyMap<string, number>
}

/**
 * Reads a lesson's text, and checks it against its experiment. Never throws.
 * @param bodyLine the line of the file on which it begins
 * @param holds whether something holds of this machine
 */
export function readText(
  text: string,
  bodyLine: number,
  experiment: Experiment,
  holds: (condition: Condition) => boolean,
  findings: Findings,
): ReadText {
  const reader = new TextReader(experiment, holds, findings)
  const blocks = reader.read(text, bodyLine, 'top')
  reader.checkParts(bodyLine + newlinesIn(text.trimEnd()))
  return { blocks, pictures: reader.pictures }
}

class TextReader implements OwnGround, InlineGround {
  readonly experiment: Experiment
  readonly holds: (condition: Condition) => boolean
  readonly findings: Findings
  readonly pictures = new Map<string, number>()
  readonly parts
  readonly #measured
  /** The line of each part's `do`. */
  readonly #done = new Map<string, number>()
  /** The step before which the reader of the text stands. */
  #reached = 0

  constructor(experiment: Experiment, holds: (condition: Condition) => boolean, findings: Findings) {
    this.experiment = experiment
    this.holds = holds
    this.findings = findings
    this.parts = partsOf(experiment)
    this.#measured = measuredIn(experiment)
  }

  read(text: string, line: number, place: Place): readonly LessonBlock[] {
    const refusal = refuseMarkdown(text)
    if (refusal === null) return this.#blocks(blocksOf(text), line, place)
    this.findings.add(line + refusal.line - 1, refusal.message)
    return []
  }

  inline(text: string, line: number): readonly Inline[] {
    return readInline(text, line, this)
  }

  picture(name: string, line: number): void {
    if (!this.pictures.has(name)) this.pictures.set(name, line)
  }

  done(part: string, line: number): { readonly from: number; readonly to: number } | null {
    const at = this.parts.findIndex(({ name }) => name === part)
    const found = this.parts[at]
    if (found === undefined) {
      this.findings.add(line, this.noPart(part))
      return null
    }
    const before = this.#done.get(part)
    if (before !== undefined) {
      this.findings.add(line, `the part ${part} is done already, on line ${before}.`)
      return null
    }
    this.#done.set(part, line)
    const missed = this.parts.slice(0, at).find(({ name }) => !this.#done.has(name))
    if (missed !== undefined)
      this.findings.add(
        line,
        `the part ${missed.name} comes before ${part} in the experiment, and is not done yet.`,
      )
    this.#reached = Math.max(this.#reached, found.to)
    return { from: found.from, to: found.to }
  }

  noPart(part: string): string {
    const names = this.parts.map(({ name }) => name)
    const near = nearest(part, names)
    const there =
      names.length === 0 ? 'it has none (- part: buy).' : `there are ${names.slice(0, 12).join(', ')}.`
    return `the experiment has no part ${shown(part, '')}; ${near === null ? there : `did you mean ${near}?`}`
  }

  used(name: string, line: number): void {
    const first = this.#measured.get(name)
    if (first === undefined) {
      const near = nearest(name, [...this.#measured.keys()])
      const hint =
        near === null ? 'a step keeps one with as: NAME; write \\{ for a brace.' : `did you mean ${near}?`
      this.findings.add(line, `no step measures {${name}}: ${hint}`)
    } else if (first >= this.#reached) {
      const part = this.parts.findLast(({ from }) => from <= first)
      const where = part === undefined ? '' : ` in the part ${part.name}`
      this.findings.add(line, `{${name}} is not measured yet here: that is done${where}, below.`)
    }
  }

  checkParts(line: number): void {
    const first = this.parts[0]
    if (first === undefined)
      this.findings.add(line, 'the experiment has no parts: its first step is - part: NAME.')
    else if (first.from > 0)
      this.findings.add(
        line,
        `the experiment has steps before its first part: put - part: ${first.name} before all of them.`,
      )
    for (const { name } of this.parts)
      if (!this.#done.has(name))
        this.findings.add(
          line,
          `the part ${name} of the experiment is not done: the text lacks \`\`\`do ${name}.`,
        )
  }

  #blocks(tokens: readonly MarkedToken[], line: number, place: Place): readonly LessonBlock[] {
    const read: LessonBlock[] = []
    let at = line
    for (const token of tokens) {
      const block = this.#block(token, at, place)
      if (block !== null) read.push(block)
      at += newlinesIn(token.raw)
    }
    return read
  }

  #block(token: MarkedToken, line: number, place: Place): LessonBlock | null {
    switch (token.type) {
      case 'heading':
        return this.#heading(token, line)
      case 'paragraph':
      case 'text':
        return this.#paragraph(token.text, line)
      case 'list':
        return this.#list(token, line)
      case 'table':
        return this.#table(token, line)
      case 'blockquote':
        return { is: 'quote', blocks: this.#blocks(token.tokens as MarkedToken[], line, 'quote') }
      case 'hr':
        return { is: 'rule' }
      case 'code':
        return this.#code(token, line, place)
      case 'checkbox':
        this.findings.add(line, 'a list to tick off stands in an ask block only.')
        return null
      default:
        return null
    }
  }

  #heading({ depth, text }: Tokens.Heading, line: number): LessonBlock | null {
    if (depth === 1 || depth === 2 || depth === 3)
      return { is: 'heading', level: depth, text: this.inline(text, line) }
    this.findings.add(line, `the heading is of level ${depth}; there are three.`)
    return null
  }

  #paragraph(text: string, line: number): LessonBlock | null {
    const tokens = inlineOf(text.trim())
    if (typeof tokens === 'string') {
      this.findings.add(line, tokens)
      return null
    }
    const [only] = tokens
    if (only?.type !== 'image' || tokens.length > 1)
      return { is: 'paragraph', text: inlines(tokens, line, this) }
    this.picture(only.href, line)
    if (only.text.trim() === '')
      this.findings.add(
        line,
        `the picture ${shown(only.href)} lacks words for those who do not see it: ![words](…).`,
      )
    return { is: 'picture', image: only.href, alt: only.text }
  }

  #list({ ordered, start, items }: Tokens.List, line: number): LessonBlock {
    let at = line
    const read = items.map(({ tokens, raw }) => {
      const blocks = this.#blocks(tokens as MarkedToken[], at, 'list')
      at += newlinesIn(raw)
      return blocks
    })
    const first = ordered && typeof start === 'number' && start !== 1 ? { start } : {}
    return { is: 'list', isOrdered: ordered, ...first, items: read }
  }

  #table({ header, rows }: Tokens.Table, line: number): LessonBlock {
    const cells = (row: readonly Tokens.TableCell[], at: number): (readonly Inline[])[] =>
      row.map(({ text }) => this.inline(text, at))
    return {
      is: 'table',
      head: cells(header, line),
      // Below the head and the line of dashes.
      rows: rows.map((row, index) => cells(row, line + 2 + index)),
    }
  }

  #code(
    { lang = '', text, raw, codeBlockStyle }: Tokens.Code,
    line: number,
    place: Place,
  ): LessonBlock | null {
    const [word = '', ...rest] = lang.trim().split(/\s+/)
    const isFenced = codeBlockStyle !== 'indented'
    if (isFenced && !/\n {0,3}(`{3,}|~{3,})[ \t]*\n*$/.test(raw)) {
      this.findings.add(
        line,
        `the block that begins here is not closed: expected ${/^ *(`+|~+)/.exec(raw)?.[1] ?? '```'} on a line of its own.`,
      )
      return null
    }
    if (isFenced && isOwnWord(word))
      return readOwnBlock({ word, rest: rest.join(' '), text, line, place }, this)
    const near = word.length < 4 ? null : nearest(word, ownWords)
    if (near !== null) this.findings.add(line, `there is no block ${shown(word, '')}; did you mean ${near}?`)
    return { is: 'code', language: /^[\w+#-]{1,20}$/.test(word) ? word : '', text }
  }
}
