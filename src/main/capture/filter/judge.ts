import { formatEndpoint } from '../../../shared/model/endpoint'
import { type Filter, type FilterTerm, type RowKind } from '../../../shared/model/filter'
import { type SocketEvent } from '../../../shared/model/record'
import { parsePattern } from '../../../shared/wire/pattern'
import { type Entry } from '../entries'

/** What of a row its index record does not tell. */
export interface RowContent {
  /** Its payload, of a data row: `bytes` from `at` to `end`. */
  readonly bytes: Buffer
  readonly at: number
  readonly end: number
  readonly event: SocketEvent | null
  /** The other address of a datagram. */
  readonly peer: string | null
}

/** Whether a row fits. Null where that cannot be said without its content. */
export type Judge = (entry: Entry, content: RowContent | null) => boolean | null

export interface JudgeOptions {
  readonly marked: ReadonlySet<number>
  /** The peer of the stream that a chunk belongs to. */
  readonly peerOfStream: (entry: Entry) => string | null
}

/** What a filter comes to. `and` and `or` are decided by one part where one is enough (Kleene's logic of three values). */
export function judgeOf(filter: Filter, options: JudgeOptions): Judge {
  switch (filter.is) {
    case 'and':
      return combined(filter.of, options, false)
    case 'or':
      return combined(filter.of, options, true)
    case 'not': {
      const inner = judgeOf(filter.of, options)
      return (entry, content) => {
        const is = inner(entry, content)
        return is === null ? null : !is
      }
    }
    default:
      return termJudge(filter, options)
  }
}

/** @param settling the answer of one part that settles the whole */
function combined(parts: readonly Filter[], options: JudgeOptions, settling: boolean): Judge {
  const judges = parts.map((part) => judgeOf(part, options))
  return (entry, content) => {
    let answer: boolean | null = !settling
    for (const judge of judges) {
      const is = judge(entry, content)
      if (is === settling) return settling
      if (is === null) answer = null
    }
    return answer
  }
}

function termJudge(term: FilterTerm, { marked, peerOfStream }: JudgeOptions): Judge {
  switch (term.is) {
    case 'direction':
      return ({ isData, direction }) => isData && direction === term.direction
    case 'kind':
      return kinds[term.kind]
    case 'event':
      return ({ isData }, content) =>
        isData ? false : content === null ? null : content.event?.what === term.what
    case 'size':
      return ({ isData, lengthBytes }) => isData && lengthBytes >= term.from && lengthBytes <= term.to
    case 'time':
      return ({ atNanos }) => atNanos >= term.from && atNanos <= term.to
    case 'row':
      return ({ row }) => row + 1 >= term.from && row + 1 <= term.to
    case 'mark':
      return ({ row }) => marked.has(row)
    case 'peer':
      return peerJudge(term.part.toLowerCase(), peerOfStream)
    case 'payload':
      return payloadJudge(term)
  }
}

const kinds: Readonly<Record<RowKind, Judge>> = {
  data: ({ isData }) => isData,
  chunk: ({ isData, isDatagram }) => isData && !isDatagram,
  datagram: ({ isData, isDatagram }) => isData && isDatagram,
  event: ({ isData }) => !isData,
}

function peerJudge(part: string, peerOfStream: JudgeOptions['peerOfStream']): Judge {
  const fits = (peer: string | null): boolean => peer?.toLowerCase().includes(part) === true
  return (entry, content) => {
    if (entry.isData && !entry.isDatagram) return fits(peerOfStream(entry))
    if (content === null) return null
    return entry.isData ? fits(content.peer) : content.event !== null && peersIn(content.event).some(fits)
  }
}

/** The other addresses that an event tells of. */
export function peersIn(event: SocketEvent): readonly string[] {
  switch (event.what) {
    case 'accepted':
    case 'opened':
      return [formatEndpoint(event.remote)]
    case 'dialling':
      return [formatEndpoint(event.to)]
    case 'peerSet':
      return event.peer === null ? [] : [formatEndpoint(event.peer)]
    case 'attempted':
      return [event.address]
    default:
      return []
  }
}

function payloadJudge({ kind, pattern, matchCase }: FilterTerm & { is: 'payload' }): Judge {
  const parsed = parsePattern({ kind, pattern, matchCase })
  // Whoever begins a filter has read its line, and that refuses such a pattern.
  if (!parsed.ok) throw new Error(parsed.fault.summary)
  const { value } = parsed
  const holds =
    value.is === 'bytes'
      ? holdsBytes(Buffer.from(value.bytes))
      : holdsMatch(new RegExp(value.source, value.flags.replace('g', '')))
  return ({ isData, lengthBytes }, content) => {
    if (!isData || lengthBytes === 0) return false
    return content === null ? null : holds(content)
  }
}

const holdsBytes =
  (wanted: Buffer) =>
  ({ bytes, at, end }: RowContent): boolean =>
    bytes.subarray(at, end).includes(wanted)

const holdsMatch =
  (expression: RegExp) =>
  ({ bytes, at, end }: RowContent): boolean =>
    expression.test(bytes.toString('latin1', at, end))

/** Whether a term of some kind is part of a filter. */
export function usesTerm(filter: Filter, is: FilterTerm['is']): boolean {
  if (filter.is === 'not') return usesTerm(filter.of, is)
  if (filter.is === 'and' || filter.is === 'or') return filter.of.some((each) => usesTerm(each, is))
  return filter.is === is
}
