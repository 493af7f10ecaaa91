import { Lexer, Tokenizer, type MarkedToken, type Tokens } from 'marked'

/** The lexer calls itself for each level, and V8 ends the whole program when its stack is used up. */
const MAX_MARKERS_A_LINE = 8
const MAX_INDENT = 40
const MAX_LINE = 4000
/** Of a paragraph: what the lexer does with emphasis grows with the square of it. */
const MAX_INLINE = 4000
const MAX_DELIMITERS = 400

/** Markdown as lessons have it: no HTML but comments, nothing struck through, no links that are defined elsewhere. */
class LessonTokenizer extends Tokenizer {
  override html(source: string): Tokens.HTML | undefined {
    const found = super.html(source)
    return found !== undefined && /^<!--(?:(?!-->)[^])*-->\s*$/.test(found.raw) ? found : undefined
  }
  override tag(): undefined {
    return undefined
  }
  override del(): undefined {
    return undefined
  }
  override def(): undefined {
    return undefined
  }
}

function lexer(): Lexer {
  return new Lexer({ gfm: true, tokenizer: new LessonTokenizer() })
}

/** Why a text is not given to the lexer at all, and on which of its lines; null where it may be. */
export function refuseMarkdown(text: string): { readonly line: number; readonly message: string } | null {
  for (const [index, line] of text.split('\n').entries()) {
    const message = refuseLine(line)
    if (message !== null) return { line: index + 1, message }
  }
  return null
}

function refuseLine(line: string): string | null {
  if (line.length > MAX_LINE) return `the line has ${line.length} characters; at most ${MAX_LINE}.`
  let at = 0
  for (let markers = 0; ; markers++) {
    const marker = /^[ \t]*(?:[>*+-]|\d{1,9}[.)])/.exec(line.slice(at, at + MAX_INDENT + 16))
    const indent = /^[ \t]*/.exec(line.slice(at, at + MAX_INDENT + 1))?.[0].length ?? 0
    // A rule, or a line of a picture in letters.
    if (/^[ \t]*([->*+])(?:[ \t]*\1)*[ \t]*$/.test(line.slice(at)) && !line.includes('>')) return null
    if (indent > MAX_INDENT || markers > MAX_MARKERS_A_LINE)
      return 'the line is nested more deeply than any text is.'
    if (marker === null) return null
    at += marker[0].length
  }
}

/** The blocks of a text that `refuseMarkdown` has let pass. What stands in them is not gone through yet. */
export function blocksOf(text: string): readonly MarkedToken[] {
  // No extension is in use, so that there are no tokens but the lexer's own.
  return lexer().blockTokens(text) as MarkedToken[]
}

/** What stands in a paragraph, a heading, a cell. A text of which it cannot be said in short time is refused in words. */
export function inlineOf(text: string): readonly MarkedToken[] | string {
  if (text.length > MAX_INLINE)
    return `the paragraph has ${text.length} characters; at most ${MAX_INLINE}: cut it in two.`
  const delimiters = text.match(/[*_]/g)?.length ?? 0
  if (delimiters > MAX_DELIMITERS)
    return `the paragraph has * or _ ${delimiters} times; at most ${MAX_DELIMITERS}.`
  return lexer().inlineTokens(text) as MarkedToken[]
}

export const newlinesIn = (text: string): number => text.split('\n').length - 1
