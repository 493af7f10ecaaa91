import { type ReferencePage } from '../../shared/model/reference'
import { find, search } from '../../shared/reference/reference'
import { fault, FaultError } from '../../shared/model/fault'
import { wrapped } from '../../shared/wire/wrap'
import { exitCodes, type ExitCode } from '../exitCodes'
import { type Terminal } from '../terminal'

export interface ExplainOptions {
  readonly json?: boolean
}

const WIDTH = 100
/** So many are named that may have been meant. */
const MOST_NEAR = 6

/** Prints the page that the reference has for a word. */
export async function explain(
  words: readonly string[],
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const word = words.join(' ')
  const page = find(word)
  if (page === null) throw new FaultError(fault('SB_UNKNOWN', `There is no page for "${word}".`, near(word)))
  const lines = options.json === true ? [JSON.stringify(page)] : describe(page)
  for (const line of lines) await terminal.stdout.line(line)
  return exitCodes.done
}

function near(word: string): { readonly hint?: string } {
  const found = search(word).flatMap(({ pages }) => pages.slice(0, 2).map((each) => each.word))
  return found.length === 0 ? {} : { hint: `There is: ${found.slice(0, MOST_NEAR).join(', ')}.` }
}

function describe(page: ReferencePage): string[] {
  const { word, kind, also, does, blocks, returns, then, fails, facts, man, rfc, lessons, related } = page
  const texts = [
    ['blocks', blocks],
    [kind === 'option' ? 'read back' : 'returns', returns],
    [kind === 'error' ? 'what to do' : 'besides', then],
    ...fails.map(([code, when]) => [code, when] as const),
    ...facts,
    ['lessons', lessons.join(', ')],
    ['see also', related.join(', ')],
    ['read on', [...man, ...rfc].join(' · ')],
  ] as const
  const told = texts.filter(([, text]) => text !== undefined && text !== '')
  const margin = Math.max(...told.map(([name]) => name.length), 0) + 2
  return [
    `${word}, ${kind}${also.length === 0 ? '' : `; also: ${also.join(', ')}`}`,
    ...wrapped(does, WIDTH),
    ...told.flatMap(([name, text]) =>
      wrapped(text ?? '', WIDTH - margin).map(
        (line, at) => `${(at === 0 ? name : '').padEnd(margin)}${line}`,
      ),
    ),
  ]
}
