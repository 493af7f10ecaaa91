import { referenceKinds, type ReferenceKind, type ReferencePage } from '../model/reference'
import { calls } from './calls'
import { errorPages } from './errors'
import { flags } from './flags'
import { numberPages } from './numbers'
import { optionPages } from './options'
import { states } from './states'
import { words } from './words'
import { pagesOf } from './written'

/** Every page, kind by kind. */
export const pages: readonly ReferencePage[] = [
  ...pagesOf('call', calls),
  ...optionPages,
  ...pagesOf('flag', flags),
  ...pagesOf('state', states),
  ...errorPages,
  ...numberPages,
  ...pagesOf('word', words),
]

/** As written first: `CLOSE` is a state and `close` a call. Then in any case; and the word itself before its other forms. */
const exact = new Map<string, ReferencePage>()
const folded = new Map<string, ReferencePage>()
for (const page of pages) exact.set(page.word, page)
for (const page of pages) if (!folded.has(fold(page.word))) folded.set(fold(page.word), page)
for (const page of pages)
  for (const word of page.also) {
    if (!exact.has(word)) exact.set(word, page)
    if (!folded.has(fold(word))) folded.set(fold(word), page)
  }
const callsByName = new Map(
  pages.flatMap((page) => (page.kind === 'call' ? [[nameOf(page.word), page]] : [])),
)

function fold(word: string): string {
  return word.toLowerCase().replaceAll('’', "'")
}
/** `open(2)` is the call `open`. */
function nameOf(word: string): string {
  return word.replace(/\(\d*\)$/, '')
}

/** The page of a word, however it is written: `accept()`, `accept(2)`, `Accept`, `line, peer = phone.accept()`, `tcpi_rtt`. Null where there is none. */
export function find(written: string): ReferencePage | null {
  const word = written.trim().replace(/\s+/g, ' ')
  if (word === '') return null
  const call = /^(?:[\w, ]+ = )?(?:\w+\.)?(\w+)\(.*\)$/.exec(word)?.[1]
  if (call !== undefined)
    return exact.get(word) ?? callsByName.get(call) ?? callsByName.get(call.toLowerCase()) ?? plain(call)
  return plain(word) ?? plain(word.replace(/^(socket\.|tcpi_|errno\.)/, ''))
}

function plain(word: string): ReferencePage | null {
  return exact.get(word) ?? folded.get(fold(word)) ?? null
}

export interface Found {
  readonly kind: ReferenceKind
  readonly pages: readonly ReferencePage[]
}

const MOST_OF_A_KIND = 20

/** What fits: the word itself first, then words that begin so, that hold it, and texts that do. By kind, the best kind first. */
export function search(sought: string): readonly Found[] {
  const parts = fold(sought)
    .trim()
    .replace(/\(\d?\)$/, '')
    .split(/\s+/)
    .filter((part) => part !== '')
  if (parts.length === 0) return []
  const whole = parts.join(' ')
  const ranked = pages
    .map((page) => ({ page, rank: rankOf(page, whole, parts) }))
    .filter(({ rank }) => rank < NO_FIT)
    .toSorted((one, other) => one.rank - other.rank || one.page.word.length - other.page.word.length)
  return referenceKinds
    .map((kind) => ({ kind, found: ranked.filter(({ page }) => page.kind === kind) }))
    .filter(({ found }) => found.length > 0)
    .toSorted((one, other) => (one.found[0]?.rank ?? NO_FIT) - (other.found[0]?.rank ?? NO_FIT))
    .map(({ kind, found }) => ({ kind, pages: found.slice(0, MOST_OF_A_KIND).map(({ page }) => page) }))
}

const NO_FIT = 7

function rankOf(page: ReferencePage, whole: string, parts: readonly string[]): number {
  const names = [page.word, ...page.also].map(fold)
  if (names[0] === whole) return 0
  // An errno may be known by its number.
  if (names.includes(whole) || page.facts.some(([, value]) => fold(value) === whole)) return 1
  if (names[0]?.startsWith(whole) === true) return 2
  if (names.some((name) => name.startsWith(whole))) return 3
  // `reuseaddr` is meant for SO_REUSEADDR as well.
  if (names.some((name) => name.split(/[\s_-]/).some((part) => part.startsWith(whole)))) return 4
  if (names.some((name) => parts.every((part) => name.includes(part)))) return 5
  const text = fold(textOf(page))
  return parts.every((part) => text.includes(part)) ? 6 : NO_FIT
}

/** All that a page says. */
export function textOf({
  word,
  also,
  does,
  blocks = '',
  returns = '',
  then = '',
  fails,
  facts,
  man,
  rfc,
}: ReferencePage): string {
  return [word, ...also, does, blocks, returns, then, ...fails.flat(), ...facts.flat(), ...man, ...rfc].join(
    ' ',
  )
}

/** The first sentence: what a page says where there is little room. */
export function firstSentence({ does }: ReferencePage): string {
  return /^.+?[.:!?](?=\s|$)/.exec(does)?.[0].replace(/:$/, '.') ?? does
}
