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

/** Those that ss(8) explains. Others that name no manual are explained only where struct tcp_info is declared. */
const inSs: ReadonlySet<KernelField> = new Set([
  'state',
  ...(['rtt', 'rttvar', 'rto', 'ato', 'backoff', 'sndCwnd', 'sndSsthresh'] as const),
  ...(['bytesAcked', 'bytesReceived', 'segsOut', 'segsIn'] as const),
  ...(['sndMss', 'pmtu', 'sndWscale', 'rcvWscale'] as const),
])

const MANUAL = /[\w-]+\(\d\)/g
const RFC = /RFC \d+(?:, \d[\d.]*)?/g

/** `see` of the table: pages of the manual, RFCs, and what is neither. */
function sourcesOf(field: KernelField): {
  man: readonly string[]
  rfc: readonly string[]
  facts: ReferenceFact[]
} {
  const { see }: KernelFieldSpec = kernelFields[field]
  const man = see.match(MANUAL) ?? []
  const more = man.length > 0 ? '' : inSs.has(field) ? 'ss(8)' : 'tcp(7), linux/tcp.h'
  const rest = `${see}, ${more}`
    .replaceAll(RFC, '')
    .replaceAll(MANUAL, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return {
    man: [...man, ...(more.match(MANUAL) ?? [])],
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
    const sources = sourcesOf(field)
    return pageOf('number', spec.name, {
      does: `${spec.meaning}.`,
      ...(then === undefined ? {} : { then }),
      also: [...(field === spec.name || field === 'backlog' ? [] : [field]), ...also],
      facts: [['among', spec.group], ['told in', units[spec.unit]], ...sources.facts],
      man: [...new Set([...sources.man, ...man])],
      rfc: [...new Set([...sources.rfc, ...rfc])],
      lessons,
      related,
    })
  })
