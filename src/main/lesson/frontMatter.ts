import { Complaints } from '../experiment/complaints'
import { Fields, type Field } from '../experiment/fields'
import { readYaml } from '../experiment/yamlText'
import { type Findings } from './findings'

/** The version of the form that this program reads. */
const LESSON_VERSION = 1

const KEYS = ['lesson', 'title', 'teaches', 'minutes', 'needs', 'panes'] as const
const MAX_TITLE = 80
const MAX_SENTENCE = 300
const MAX_NEEDS = 8
export const MAX_PANES = 4

/** What a lesson says of itself, before its text. */
export interface FrontMatter {
  readonly title: string
  readonly teaches: string
  readonly minutes: number
  readonly needs: readonly string[]
  /** Null where it does not say. */
  readonly panes: readonly string[] | null
  /** Where that is said. */
  readonly panesLine: number
}

/** A lesson's file in its two parts. */
export interface SplitLesson {
  readonly yaml: string
  readonly body: string
  /** The line on which the body begins. */
  readonly bodyLine: number
}

/** Between the first line and the next one that are `---` stands YAML; what follows is the text. Null where there is none. */
export function splitFrontMatter(text: string, findings: Findings): SplitLesson | null {
  const lines = text.split('\n')
  if (lines[0]?.trimEnd() !== '---') {
    findings.add(1, `expected ---, then lesson: ${LESSON_VERSION} and the title, then --- and the text.`)
    return null
  }
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---')
  if (end < 0) {
    findings.add(1, 'the --- of this line has no second --- that ends what the lesson says of itself.')
    return null
  }
  return {
    yaml: lines.slice(1, end).join('\n'),
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 2,
  }
}

/** Null where something in it is wrong. */
export function readFrontMatter(yaml: string, findings: Findings): FrontMatter | null {
  const complaints = new Complaints()
  const read = readYaml(yaml, complaints)
  const front = read === null ? null : readKeys(new Fields(read, complaints))
  // It begins below the first line.
  for (const { line, key, message } of complaints.list())
    findings.add(line + 1, key === '' ? message : `${key}: ${message}`)
  return complaints.count === 0 ? front : null
}

function readKeys(fields: Fields): FrontMatter | null {
  const { top } = fields
  const values = fields.map(top, `what the lesson says of itself, which begins with lesson: 1`, KEYS)
  if (values === undefined) return null
  const needed = (key: (typeof KEYS)[number], what: string): Field | undefined => {
    const found = values.get(key)
    if (found === undefined) fields.complain(top, `lacks ${key}: ${what}`)
    return found
  }
  const version = needed('lesson', `${LESSON_VERSION}, the version of the form.`)
  const number = version && fields.whole(version, 1, Number.MAX_SAFE_INTEGER)
  if (version !== undefined && number !== undefined && number !== LESSON_VERSION)
    fields.complain(
      version,
      `is version ${number}, of a newer Switchboard; this one reads version ${LESSON_VERSION}.`,
    )
  const title = needed('title', 'what it is called.')
  const teaches = needed('teaches', 'one sentence, what one knows afterwards.')
  const minutes = needed('minutes', 'how long it takes.')
  const needs = values.get('needs')
  const panes = values.get('panes')
  return {
    title: (title && readLine(fields, title, MAX_TITLE)) ?? '',
    teaches: (teaches && readLine(fields, teaches, MAX_SENTENCE)) ?? '',
    minutes: (minutes && fields.whole(minutes, 1, 600)) ?? 1,
    needs: needs === undefined ? [] : readLines(fields, needs, 'sentences', MAX_NEEDS),
    panes: panes === undefined ? null : readLines(fields, panes, 'endpoints, or bench', MAX_PANES),
    panesLine: panes === undefined ? 1 : fields.complaints.lineOf(panes.offset) + 1,
  }
}

function readLines(fields: Fields, field: Field, what: string, most: number): readonly string[] {
  const list = fields.list(field, `a list of ${what}`, most) ?? []
  return list.flatMap((each) => readLine(fields, each, MAX_SENTENCE) ?? [])
}

function readLine(fields: Fields, field: Field, most: number): string | undefined {
  const text = fields.text(field)?.trim()
  if (text === undefined) return undefined
  if (text === '') return fields.complain(field, 'is empty.')
  if (text.length > most) return fields.complain(field, `has ${text.length} characters; at most ${most}.`)
  return /\p{Cc}/u.test(text) ? fields.complain(field, 'is more than one line of text.') : text
}
