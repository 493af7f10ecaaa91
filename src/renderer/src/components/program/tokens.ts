import type { ProgramLanguage } from '@shared/model/program'

export type TokenKind = 'plain' | 'comment' | 'text' | 'word' | 'number'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const words: Readonly<Record<ProgramLanguage, string>> = {
  python:
    'False None True and as assert break class continue def del elif else except finally for from global if import in is lambda not or pass raise return try while with yield',
  node: 'async await break case catch class const constructor continue else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined while',
  c: 'break case char const continue default do else enum extern for goto if int long return short signed sizeof static struct switch typedef unsigned void while NULL size_t ssize_t socklen_t pthread_t _Noreturn',
}
const keywords: Readonly<Record<ProgramLanguage, ReadonlySet<string>>> = {
  python: new Set(words.python.split(' ')),
  node: new Set(words.node.split(' ')),
  c: new Set(words.c.split(' ')),
}

/** What goes on over several lines, and its end. */
const long: Readonly<
  Record<ProgramLanguage, readonly { readonly from: string; readonly to: string; readonly kind: TokenKind }[]>
> = {
  python: [{ from: '"""', to: '"""', kind: 'comment' }],
  node: [
    { from: '/*', to: '*/', kind: 'comment' },
    { from: '`', to: '`', kind: 'text' },
  ],
  c: [{ from: '/*', to: '*/', kind: 'comment' }],
}
const PIECE = /\s+|[A-Za-z_]\w*|\d[\w.]*|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^]/y

/** The lines of a program as tokens: comments, texts, words of the language, numbers, and the rest. */
export function tokensOf(lines: readonly string[], language: ProgramLanguage): readonly (readonly Token[])[] {
  let inside: { readonly to: string; readonly kind: TokenKind } | null = null
  return lines.map((line) => {
    const tokens: Token[] = []
    const put = (kind: TokenKind, text: string): void => {
      const last = tokens.at(-1)
      if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + text }
      else if (text !== '') tokens.push({ kind, text })
    }
    let at = 0
    while (at < line.length) {
      if (inside !== null) {
        const end: number = line.indexOf(inside.to, at)
        const to: number = end < 0 ? line.length : end + inside.to.length
        put(inside.kind, line.slice(at, to))
        if (end >= 0) inside = null
        at = to
        continue
      }
      const found = long[language].find(({ from }) => line.startsWith(from, at))
      if (found !== undefined) {
        put(found.kind, found.from)
        at += found.from.length
        inside = found
        continue
      }
      if (line.startsWith(language === 'python' ? '#' : '//', at)) {
        put('comment', line.slice(at))
        break
      }
      PIECE.lastIndex = at
      const piece = PIECE.exec(line)?.[0] ?? line.slice(at)
      put(kindOf(piece, language), piece)
      at += piece.length
    }
    return tokens
  })
}

function kindOf(piece: string, language: ProgramLanguage): TokenKind {
  if (/^["']/.test(piece)) return 'text'
  if (/^\d/.test(piece)) return 'number'
  return keywords[language].has(piece) ? 'word' : 'plain'
}
