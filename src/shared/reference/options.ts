import { optionNames, socketOptions, type OptionMoment, type OptionName } from '../model/socketOptions'
import { askedWords } from '../model/socketOptions/asks'
import { expected } from '../model/socketOptions/optionText'
import { type ReferenceFact, type ReferencePage } from '../model/reference'
import { declaredIn, moreOfOptions, otherOptions } from './optionNotes'
import { pageOf, pagesOf } from './written'

const moments: Readonly<Record<OptionMoment, string>> = {
  beforeBind: 'before bind()',
  beforeConnect: 'before connect() or listen(), to have its full effect',
  anyTime: 'at any time',
  never: 'never: it is only read',
}

/** The words that commands and experiments have for an option: `reuseAddress`. What broadcast is has a page of its own. */
function wordsFor(name: OptionName): readonly string[] {
  return Object.entries(askedWords).flatMap(([word, { names }]) =>
    names[0] === name && word !== 'broadcast' ? [word] : [],
  )
}

function factsOf(name: OptionName): readonly ReferenceFact[] {
  const { on, family, when, standard, needs } = socketOptions[name]
  const header = declaredIn[name]
  const kinds = on.filter((kind) => !kind.endsWith('Listener')).join(', ')
  return [
    ['of', `${kinds === '' ? 'listeners' : kinds}${family === undefined ? '' : `, IPv${family}`}`],
    ['set', moments[when]],
    ...(when === 'never' ? [] : [['takes', expected(name)] as const]),
    ['where nobody sets it', standard],
    ...(needs === undefined ? [] : [['needs', needs] as const]),
    ...(header === undefined ? [] : [['declared in', header] as const]),
  ]
}

/** Of each option what its own table says, and what there is to say besides. */
export const optionPages: readonly ReferencePage[] = [
  ...optionNames.map((name) => {
    const { meaning, page } = socketOptions[name]
    const { also = [], man = [], ...more } = moreOfOptions[name] ?? {}
    return pageOf('option', name, {
      does: meaning,
      facts: factsOf(name),
      ...more,
      also: [...wordsFor(name), ...also],
      man: [...(declaredIn[name] === undefined ? [page] : []), ...man],
    })
  }),
  ...pagesOf('option', otherOptions),
]
