/** A piece of a text: a word that may have a page, or what is between. */
export interface WordRun {
  readonly text: string
  readonly isWord: boolean
}

/** Names that cannot be anything else: SO_KEEPALIVE, EPIPE, accept(), TIME_WAIT, RST. */
const WORDS =
  /\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|E[A-Z]{3,}|[a-z][a-z0-9_]*\(\d?\)|FIN|RST|SYN|ACK|SACK|MTU|MSS|ECN|LISTEN|ESTABLISHED|SIGPIPE)(?!\w|\.\w)/g

/** A text cut where such names stand. @param phrases plain words that are meant, too */
export function wordRuns(text: string, phrases: readonly string[] = []): readonly WordRun[] {
  const pattern =
    phrases.length === 0 ? WORDS : new RegExp(`${WORDS.source}|\\b(?:${phrases.join('|')})\\b`, 'g')
  const runs: WordRun[] = []
  let from = 0
  for (const { 0: word, index } of text.matchAll(pattern)) {
    if (index > from) runs.push({ text: text.slice(from, index), isWord: false })
    runs.push({ text: word, isWord: true })
    from = index + word.length
  }
  if (from < text.length) runs.push({ text: text.slice(from), isWord: false })
  return runs
}
