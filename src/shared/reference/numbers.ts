import { type ReferenceFact, type ReferencePage } from '../model/reference'
import { type KernelField, type KernelFieldSpec, kernelFields, type KernelUnit } from '../model/kernelFields'
import { moreOfNumbers } from './numberNotes'
import { pageOf } from './written'

const units: Readonly<Record<KernelUnit, string>> = {
  count: 'a count',
  bytes: 'bytes',
  segments: 'segments',
  micros: 'microseconds in the kernel',
  millis: 'milliseconds in the kernel',
  bytesPerSecond: 'bytes per second',
  flag: 'yes or no',
  bits: 'one bit for each',
  state: 'a state',
  caState: 'a state',
  timer: 'a timer',
  shift: 'a shift: so many doublings',
  id: 'an id',
}

/** These are words that people know from elsewhere, and have their pages among those. */
const wordsOfTheirOwn: ReadonlySet<KernelField> = new Set(['acceptQueue', 'acceptLimit'])

const MANUAL = /[\w-]+\(\d\)/g
const RFC = /RFC \d+(?:, \d[\d.]*)?/g

/** `see` of the table: pages of the manual, RFCs, and what is neither. */
function sourcesOf({ see }: KernelFieldSpec): {
  man: readonly string[]
  rfc: readonly string[]
  facts: ReferenceFact[]
} {
  const rest = see
    .replaceAll(RFC, '')
    .replaceAll(MANUAL, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return {
    man: see.match(MANUAL) ?? [],
    rfc: see.match(RFC) ?? [],
    facts: rest.length === 0 ? [] : [['see', rest.join(', ')]],
  }
}

/** What the kernel tells of a socket, each number with what its own table says of it. */
export const numberPages: readonly ReferencePage[] = (Object.keys(kernelFields) as KernelField[])
  .filter((field) => !wordsOfTheirOwn.has(field))
  .map((field) => {
    const spec: KernelFieldSpec = kernelFields[field]
    const { then, rfc = [], man = [], lessons = [], related = [], also = [] } = moreOfNumbers[field] ?? {}
    const sources = sourcesOf(spec)
    return pageOf('number', spec.name, {
      does: `${spec.meaning}.`,
      ...(then === undefined ? {} : { then }),
      also: [...(field === spec.name || field === 'backlog' ? [] : [field]), ...also],
      facts: [['among', spec.group], ['told in', units[spec.unit]], ...sources.facts],
      man: [...new Set([...sources.man, ...man, ...(sources.man.length === 0 ? ['ss(8)'] : [])])],
      rfc: [...new Set([...sources.rfc, ...rfc])],
      lessons,
      related,
    })
  })
