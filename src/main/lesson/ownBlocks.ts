import { type Condition, type Experiment } from '../../shared/model/experiment'
import { type Inline, type LessonBlock, type Stage, type WatchPoint } from '../../shared/model/lesson'
import { kernelFieldNamed } from '../experiment/expectations'
import { nearest } from '../experiment/nearest'
import { madeBy } from '../experiment/parseExperiment'
import { conditionComplaint, parseCondition } from '../experiment/notes'
import { shown } from '../experiment/yamlText'
import { type Findings } from './findings'
import { type Part } from './parts'

/** Blocks between ``` that are a lesson's own. */
export const ownWords = ['do', 'watch', 'ask', 'where', 'stages'] as const
type OwnWord = (typeof ownWords)[number]

export const isOwnWord = (word: string): word is OwnWord => ownWords.some((each) => each === word)

/** Where each of them may stand. */
const places: Readonly<Record<OwnWord, readonly string[]>> = {
  do: ['top'],
  stages: ['top'],
  watch: ['top', 'where'],
  ask: ['top', 'where'],
  where: ['top', 'answer'],
}

const MAX_CHOICES = 8

export interface OwnBlock {
  readonly word: OwnWord
  /** What stands behind the word. */
  readonly rest: string
  readonly text: string
  /** Of its first line, that with the word. */
  readonly line: number
  readonly place: string
}

/** What such a block is read with. */
export interface OwnGround {
  readonly experiment: Experiment
  readonly findings: Findings
  readonly parts: readonly Part[]
  readonly holds: (condition: Condition) => boolean
  read(text: string, line: number, place: 'where' | 'answer'): readonly LessonBlock[]
  inline(text: string, line: number): readonly Inline[]
  picture(name: string, line: number): void
  /** A part is done here; null where that is wrong, which has been told. */
  done(part: string, line: number): { readonly from: number; readonly to: number } | null
  /** What to say of a part that is not there. */
  noPart(part: string): string
}

export function readOwnBlock(block: OwnBlock, ground: OwnGround): LessonBlock | null {
  const { word, rest, line, place } = block
  if (!places[word].includes(place)) {
    ground.findings.add(line, `a ${word} block cannot stand here, in ${placeText(place)}.`)
    return null
  }
  if (rest !== '' && word !== 'do' && word !== 'where') {
    ground.findings.add(line, `found ${shown(rest)} behind ${word}, expected nothing.`)
    return null
  }
  switch (word) {
    case 'do':
      return readDo(block, ground)
    case 'watch':
      return { is: 'watch', points: readWatch(block, ground) }
    case 'ask':
      return readAsk(block, ground)
    case 'where':
      return readWhere(block, ground)
    case 'stages':
      return { is: 'stages', stages: readStages(block, ground) }
  }
}

const placeText = (place: string): string =>
  ({ where: 'a where block', answer: 'an answer', quote: 'a quote', list: 'a list' })[place] ?? place

function readDo({ rest, line }: OwnBlock, ground: OwnGround): LessonBlock | null {
  if (rest === '') {
    ground.findings.add(line, 'do lacks the name of a part: ```do buy.')
    return null
  }
  const steps = ground.done(rest, line)
  return steps === null ? null : { is: 'do', part: rest, ...steps }
}

/** The lines of a block that are not empty, trimmed, each with its number. */
function linesOf({ text, line }: OwnBlock): readonly (readonly [text: string, line: number])[] {
  return text
    .split('\n')
    .map((each, index) => [each.trim(), line + 1 + index] as const)
    .filter(([each]) => each !== '')
}

function readWatch(block: OwnBlock, ground: OwnGround): readonly WatchPoint[] {
  const points = linesOf(block).flatMap(([text, line]) => readPoint(text, line, ground) ?? [])
  if (block.text.trim() === '')
    ground.findings.add(block.line, 'watch is empty: expected lines such as pane server: words.')
  return points
}

function readPoint(source: string, line: number, ground: OwnGround): WatchPoint | null {
  const { findings } = ground
  const colon = source.indexOf(': ')
  const [at = '', ...names] = source.slice(0, Math.max(0, colon)).trim().split(/\s+/)
  if (colon < 0 || (at !== 'pane' && at !== 'row' && at !== 'ladder' && at !== 'kernel')) {
    findings.add(
      line,
      `found ${shown(source)}, expected pane NAME: words, row NAME: words, ladder NAME NAME: words, or kernel NAME FIELD: words.`,
    )
    return null
  }
  const text = ground.inline(source.slice(colon + 2), line)
  if (at === 'ladder') {
    if (names.length === 0) findings.add(line, 'ladder lacks the names of endpoints.')
    return names.every((name) => isThere(name, line, ground)) ? { at, of: names, text } : null
  }
  const [of = '', field = ''] = names
  const count = at === 'kernel' ? 2 : 1
  if (names.length !== count) {
    findings.add(
      line,
      `${at} has ${names.length} words, expected ${at === 'kernel' ? 'an endpoint and a field' : 'an endpoint'}.`,
    )
    return null
  }
  if (!isThere(of, line, ground)) return null
  if (at !== 'kernel') return { at, of, text }
  const found = kernelFieldNamed(field)
  if ('field' in found) return { at, of, field: found.field, text }
  const { near } = found
  findings.add(
    line,
    `the kernel has no number ${shown(field, '')}${near === null ? '.' : `; did you mean ${near}?`}`,
  )
  return null
}

/** `server`, `server[2]` of what listens, a socket that a call makes, or `bench`. */
function isThere(name: string, line: number, { experiment, findings }: OwnGround): boolean {
  const message = refuseName(name, experiment)
  if (message !== null) findings.add(line, message)
  return message === null
}

export function refuseName(name: string, { endpoints, steps }: Experiment): string | null {
  const [, of = name, caller] = /^(.*?)\[([1-9]\d{0,3})\]$/.exec(name) ?? []
  const made = steps.flatMap((step) => (step.act === 'call' ? (madeBy(step) ?? []) : []))
  if ((of === 'bench' || made.includes(of)) && caller === undefined) return null
  const found = endpoints.find((each) => each.name === of)
  if (found !== undefined)
    return caller === undefined || found.kind === 'listener'
      ? null
      : `${of} has no callers: only what listens on tcp:// or unix: has.`
  const names = [...new Set([...endpoints.map((each) => each.name), ...made, 'bench'])]
  const near = nearest(of, names)
  return `there is no endpoint ${shown(of, '')}; ${near === null ? `there are ${names.slice(0, 12).join(', ')}.` : `did you mean ${near}?`}`
}

/** A question; choices; a line of dashes; the answer. */
function readAsk(block: OwnBlock, ground: OwnGround): LessonBlock | null {
  const { findings } = ground
  const lines = block.text.split('\n')
  const first = block.line + 1
  const dashes = lines.findIndex((line) => /^---\s*$/.test(line))
  if (dashes < 0) {
    findings.add(
      block.line,
      'ask has no answer: after the question, and the choices, comes a line --- and then the answer.',
    )
    return null
  }
  const begin = lines.findIndex((line, index) => index < dashes && /^[-*] /.test(line))
  const end = begin < 0 ? dashes : begin
  const question = lines.slice(0, end).join('\n')
  if (question.trim() === '') findings.add(block.line, 'ask has no question.')
  const lead = lines.findIndex((line) => line.trim() !== '')
  const answer = ground.read(lines.slice(dashes + 1).join('\n'), first + dashes + 1, 'answer')
  if (answer.length === 0) findings.add(first + dashes, 'the answer is empty.')
  return {
    is: 'ask',
    question: ground.inline(question, first + Math.max(0, lead)),
    choices: begin < 0 ? [] : readChoices(lines.slice(begin, dashes), first + begin, ground),
    answer,
  }
}

function readChoices(
  lines: readonly string[],
  line: number,
  ground: OwnGround,
): Extract<LessonBlock, { is: 'ask' }>['choices'] {
  const begins = lines.flatMap((text, index) => (/^[-*] /.test(text) ? [index] : []))
  const choices = begins.map((begin, at) => {
    const written = lines
      .slice(begin, begins[at + 1])
      .join('\n')
      .slice(2)
      .trim()
    const [mark = ''] = /^\[[ xX]\] /.exec(written) ?? []
    const text = ground.inline(written.slice(mark.length), line + begin)
    if (text.length === 0) ground.findings.add(line + begin, 'the choice is empty.')
    return { text, isRight: /x/i.test(mark) }
  })
  if (choices.length < 2 || choices.length > MAX_CHOICES)
    ground.findings.add(line, `there are ${choices.length} choices, expected 2 to ${MAX_CHOICES}, or none.`)
  if (!choices.some(({ isRight }) => isRight))
    ground.findings.add(line, 'none of the choices is right: mark the one that is with - [x].')
  return choices
}

/** `where linux, not raw`: all of it must hold. */
function readWhere({ rest, text, line }: OwnBlock, ground: OwnGround): LessonBlock | null {
  const words = rest.split(',').map((each) => each.trim())
  const conditions = words.flatMap((word) => {
    const condition = parseCondition(word)
    if (condition === null)
      ground.findings.add(
        line,
        rest === '' ? 'where lacks a condition: ```where linux.' : conditionComplaint(word),
      )
    return condition ?? []
  })
  const blocks = ground.read(text, line + 1, 'where')
  return { is: 'where', conditions, holds: conditions.every(ground.holds), blocks }
}

/** `buy: buy.svg | buy a phone | socket()` */
function readStages(block: OwnBlock, ground: OwnGround): readonly Stage[] {
  const { findings, parts } = ground
  const seen = new Set<string>()
  const stages = linesOf(block).flatMap(([source, line]) => {
    const [, part = '', image = '', words = '', call = ''] =
      /^([^:|]+):([^|]+)\|([^|]+)\|([^|]+)$/.exec(source)?.map((each) => each.trim()) ?? []
    if (part === '' || image === '' || words === '' || call === '') {
      findings.add(line, `found ${shown(source)}, expected PART: PICTURE | everyday words | call().`)
      return []
    }
    if (seen.has(part)) findings.add(line, `the part ${shown(part, '')} has a stage already.`)
    else if (!parts.some(({ name }) => name === part)) findings.add(line, ground.noPart(part))
    seen.add(part)
    ground.picture(image, line)
    return [{ part, image, words, call }]
  })
  if (stages.length === 0)
    findings.add(block.line, 'stages is empty: expected lines such as buy: buy.svg | buy a phone | socket().')
  return stages
}
