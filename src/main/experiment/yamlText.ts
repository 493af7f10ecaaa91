import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml'
import { type Complaints } from './complaints'
import { refuseTokens } from './nesting'

/** Whoever needs more of them does not write by hand. */
const MAX_ALIASES = 100

/** A YAML text, understood as far as its form goes. */
export interface YamlText {
  readonly top: Node | null
  /** What an alias stands for; any other node as it is. */
  readonly meant: (node: unknown) => Node | null
}

/**
 * Reads YAML 1.2. What is wrong with its form is complained of, and null answered. Nothing in it is ever expanded: an alias
 * is a way to its anchor, taken where a value is wanted, so that no text can become more than it is.
 */
export function readYaml(text: string, complaints: Complaints): YamlText | null {
  const lines = new LineCounter()
  complaints.lines = (offset) => lines.linePos(offset)
  const refusal = refuseTokens(text)
  if (refusal !== null) {
    complaints.add(0, '', refusal)
    return null
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
  })
  const odd = document.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')
  for (const { pos, code, message } of [...document.errors, ...odd])
    complaints.add(pos[0], '', formOf(code, message))
  const meant = new Map<unknown, Node>()
  if (document.errors.length > 0 || !collectAliases(document, meant, complaints)) return null
  return {
    top: document.contents,
    meant: (node) => meant.get(node) ?? (isScalar(node) || isCollection(node) ? node : null),
  }
}

/** Anchors hold from where they stand on, and may be set anew. */
function collectAliases(document: Document, meant: Map<unknown, Node>, complaints: Complaints): boolean {
  const anchors = new Map<string, Node>()
  let count = 0
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node) && node.tag !== undefined) complaints.add(node.range?.[0] ?? 0, '', tagged(node.tag))
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (++count > MAX_ALIASES) return visit.BREAK
        if (target === undefined)
          complaints.add(node.range?.[0] ?? 0, '', `There is no anchor &${node.source} before this alias.`)
        else meant.set(node, target)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
      return undefined
    },
  })
  if (count > MAX_ALIASES)
    complaints.add(0, '', `The file has more than ${MAX_ALIASES} aliases (*name), which no experiment needs.`)
  return complaints.count === 0
}

function tagged(tag: string): string {
  const written = tag.replace(/^tag:yaml\.org,2002:/, '!!')
  return `The tag ${shown(written)} means nothing here: write text in quotes, and all else without a tag.`
}

function formOf(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'A tab cannot indent in YAML: use blanks.'
    case 'MULTIPLE_DOCS':
      return 'The file holds several YAML documents (---); an experiment is one.'
    default:
      return `This is no YAML: ${message.replace(/\s+/g, ' ').slice(0, 200)}${message.endsWith('.') ? '' : '.'}`
  }
}

/** What a node is, in the words of whoever wrote it: `the number 42`, `a list`. */
export function describeNode(node: Node | null): string {
  if (node === null) return 'nothing'
  if (isMap(node)) return 'keys with values'
  if (isSeq(node)) return 'a list'
  const value: unknown = isScalar(node) ? node.value : undefined
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return `the text ${shown(value)}`
  const source = isScalar(node) ? (node.source ?? '') : ''
  return `the ${typeof value === 'boolean' ? 'truth value' : 'number'} ${shown(source, '')}`
}

const MAX_SHOWN = 40

/** A user's text in a message: on one line, and no longer than is of use. */
export function shown(text: string, quote = '"'): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, (each) =>
    each === '\n' ? '\\n' : '\u00b7',
  )
  return `${quote}${plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain}${quote}`
}

export const offsetOf = (node: Node | null): number | null => node?.range?.[0] ?? null
