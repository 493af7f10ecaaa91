import { filterTokens } from './filterLexer'
import { filterTerms } from './filterTerms'

/** What could stand at the caret: put `insert` in the place of `from` to `to`. */
export interface FilterProposal {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly meaning: string
  /** How it is written, where that says more than `insert`. */
  readonly example: string
}

/** What can be written where the caret is: terms, or after a colon the values of one. */
export function completeFilter(line: string, caret: number): readonly FilterProposal[] {
  const token = filterTokens(line).find(({ is, from, to }) => is === 'word' && from < caret && caret <= to)
  if (token === undefined) return proposals(caret, caret, '')
  const { value, name, operator } = token
  if (value.is !== 'plain') return []
  if (operator === '') return proposals(token.from, token.to, line.slice(token.from, caret))
  const term = filterTerms.find((each) => each.name === name)
  if (term === undefined || operator !== ':' || caret < value.from) return []
  const typed = line.slice(value.from, caret).toLowerCase()
  return term.values
    .filter((each) => each.value.toLowerCase().startsWith(typed) && each.value !== value.text)
    .map((each) => ({
      from: value.from,
      to: token.to,
      insert: each.value,
      meaning: each.meaning,
      example: '',
    }))
}

function proposals(from: number, to: number, typed: string): readonly FilterProposal[] {
  const lower = typed.toLowerCase()
  return filterTerms
    .filter(({ name }) => name.startsWith(lower) && !(name === 'mark' && lower === 'mark'))
    .map(({ name, meaning, forms }) => ({
      from,
      to,
      insert: name === 'mark' ? name : `${name}:`,
      meaning,
      example: forms.join('  '),
    }))
}
