import { type EventName } from '../model/filter'

/** A term of the filter line, for help and completion. */
export interface FilterTermHelp {
  /** What stands before the colon. */
  readonly name: string
  /** How it is written. */
  readonly forms: readonly string[]
  readonly meaning: string
  /** Values to choose from; empty where one types one's own. */
  readonly values: readonly { readonly value: string; readonly meaning: string }[]
  readonly hasRange: boolean
}

/** Every event that a record holds, as it is named in a filter. */
export const eventNames: Readonly<Record<EventName, string>> = {
  listening: 'a listener is bound',
  accepted: 'a caller was accepted',
  dropped: 'callers were refused',
  dialling: 'a dial began',
  attempted: 'one address was tried',
  opened: 'the connection opened',
  bound: 'a datagram socket is bound',
  peerSet: 'a datagram socket was connected or let go',
  groupJoined: 'a multicast group was joined',
  groupLeft: 'a multicast group was left',
  finished: 'FIN: a side sends no more',
  closed: 'the connection ended',
  paused: 'reading was paused',
  resumed: 'reading goes on',
  optionsSet: 'socket options were set',
  acceptSet: 'a listener accepts in another way',
  queueMoved: 'the accept queue of a listener grew or shrank',
  behaviourSet: 'a listener answers differently',
  passedOn: 'what comes is passed on to another connection',
  plays: 'a replay plays a recorded connection here',
  failed: 'it failed',
  gap: 'bytes of an imported stream were not captured',
  echoed: 'the reply to an ICMP echo request came',
  truncated: 'a datagram was longer than what was read of it',
  noted: 'a note',
  blocked: 'a call of a syscall bench does not return',
  called: 'a call of a syscall bench has returned',
  handedOver: 'the descriptor goes on as another socket',
  takenOver: 'the descriptor was another socket',
}

const choice = (value: string, meaning: string) => ({ value, meaning })

export const filterTerms: readonly FilterTermHelp[] = [
  {
    name: 'dir',
    forms: ['dir:in', 'dir:out'],
    meaning: 'which side sent it',
    values: [choice('in', 'what came in'), choice('out', 'what went out')],
    hasRange: false,
  },
  {
    name: 'kind',
    forms: ['kind:data', 'kind:event'],
    meaning: 'what the row is',
    values: [
      choice('data', 'chunks and datagrams'),
      choice('chunk', 'a piece of a stream'),
      choice('datagram', 'a UDP message'),
      choice('event', 'a change of state'),
    ],
    hasRange: false,
  },
  {
    name: 'event',
    forms: ['event:closed'],
    meaning: 'one kind of event',
    values: Object.entries(eventNames).map(([value, meaning]) => choice(value, meaning)),
    hasRange: false,
  },
  {
    name: 'size',
    forms: ['size>100', 'size:10..20'],
    meaning: 'payload in bytes',
    values: [],
    hasRange: true,
  },
  {
    name: 'time',
    forms: ['time:1.5..3', 'time<250ms'],
    meaning: 'since the session began, in seconds',
    values: [],
    hasRange: true,
  },
  { name: 'row', forms: ['row:100..200'], meaning: 'rows by number', values: [], hasRange: true },
  {
    name: 'peer',
    forms: ['peer:127.0.0.1:80'],
    meaning: 'the other address, or a part of it',
    values: [],
    hasRange: false,
  },
  {
    name: 'text',
    forms: ['text:"GET /"', '"GET /"'],
    meaning: 'holds text, in any case',
    values: [],
    hasRange: false,
  },
  { name: 'exact', forms: ['exact:"GET"'], meaning: 'holds text, in this case', values: [], hasRange: false },
  { name: 'hex', forms: ['hex:0d0a', 'hex:"0d 0a"'], meaning: 'holds bytes', values: [], hasRange: false },
  {
    name: 'regex',
    forms: ['regex:/^GET \\w+/i'],
    meaning: 'an expression fits its bytes',
    values: [],
    hasRange: false,
  },
  { name: 'mark', forms: ['mark'], meaning: 'rows that carry a mark', values: [], hasRange: false },
]

export const filterWords: readonly { readonly form: string; readonly meaning: string }[] = [
  { form: 'a b', meaning: 'both' },
  { form: 'a or b', meaning: 'one of the two, or both' },
  { form: 'not a, -a', meaning: 'rows of which it does not hold' },
  { form: '( … )', meaning: 'together' },
]
