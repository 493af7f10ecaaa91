import { type Fault } from './fault'
import { type SocketId } from './ids'
import { type Direction } from './record'
import { formatBytes, formatCount, formatSeconds } from './units'

/** Which side of the recorded connections is played: the one that dialled, the one that was called, or both against each other. */
export const replayRoles = ['client', 'server', 'both'] as const
export type ReplayRole = (typeof replayRoles)[number]
export type PlayedSide = 'client' | 'server'

/** Times as fast as recorded, or as fast as it goes. */
export type ReplaySpeed = number | 'max'

/** What a send waits for: the bytes that the peer had sent before it in the record (and its time), or its time alone. */
export const replayWaits = ['peer', 'time'] as const
export type ReplayWait = (typeof replayWaits)[number]

/** So many bytes on each side of a divergence are told. */
export const CONTEXT_BYTES = 32

/** How a side ended what it sends. */
export interface PeerEnding {
  /** `open`: it had not ended when nothing more was waited for. */
  readonly how: 'fin' | 'reset' | 'timeout' | 'refused' | 'failed' | 'open'
  /** The errno's name, where there is one. */
  readonly code?: string | undefined
}

export type DivergenceKind =
  /** Other bytes. */
  | 'bytes'
  /** The same chunks or datagrams, one before the other. */
  | 'reordered'
  /** Equal as far as it goes, and then there is no more; or some bytes are not there, and then it goes on as recorded (`lengthBytes`). */
  | 'missing'
  /** All that was recorded, and more; or some bytes in its midst (`lengthBytes`). */
  | 'extra'
  /** The same bytes in datagrams of other lengths. */
  | 'boundary'
  /** The same bytes and another end: FIN, a reset, a timeout, a refusal. */
  | 'ending'

/** Where one stream of one connection first differs from the record. */
export interface Divergence {
  readonly kind: DivergenceKind
  /** As the recording names it. */
  readonly connection: SocketId
  /** Whose bytes are other ones. */
  readonly from: PlayedSide
  /** The stream of the recorded connection to which they belong. */
  readonly direction: Direction
  /** In bytes of that stream. */
  readonly offset: number
  /** Where `expected` and `actual` begin: at most CONTEXT_BYTES before the offset. */
  readonly contextFrom: number
  readonly expected: Uint8Array
  readonly actual: Uint8Array
  readonly expectedEnding: PeerEnding | null
  readonly actualEnding: PeerEnding | null
  /** Of what is reordered: where the chunks were recorded, in the order in which they came. */
  readonly order?: readonly number[] | undefined
  /** Of what is missing or extra within a stream that goes on as it was recorded. */
  readonly lengthBytes?: number | undefined
}

/** What became of one played side of one recorded connection. */
export interface ConnectionVerdict {
  /** As the recording names it. */
  readonly connection: SocketId
  readonly side: PlayedSide
  /** The socket of this session that played it; null if it came to none. */
  readonly now: SocketId | null
  readonly outcome: 'equal' | 'different' | 'notPlayed'
  readonly divergence: Divergence | null
  /** Places where it differs, and may. */
  readonly masked: number
  readonly sentBytes: number
  readonly toSendBytes: number
  readonly receivedBytes: number
  readonly expectedBytes: number
  readonly expectedEnding: PeerEnding | null
  readonly actualEnding: PeerEnding | null
  /** Why it was not played, or not to its end. */
  readonly note: string | null
}

/** Some times, in nanoseconds. */
export interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Floats of one exchange as it travels, in nanoseconds: when our side had sent (since the replay began), the answer's delay as recorded, and now. */
export const EXCHANGE_FLOATS = 3

export interface ReplayReport {
  readonly session: string
  readonly role: ReplayRole
  /** Where was dialled, or listened; null for both. */
  readonly url: string | null
  readonly speed: ReplaySpeed
  readonly wait: ReplayWait
  readonly isEqual: boolean
  /** It was stopped before its end. */
  readonly isStopped: boolean
  readonly equal: number
  readonly different: number
  readonly notPlayed: number
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly durationNanos: number
  /** In the order of the recorded connections. */
  readonly verdicts: readonly ConnectionVerdict[]
  /** The first divergence of the first connection that differs. */
  readonly divergence: Divergence | null
  /** How late sends with a time went out that nothing else held back. */
  readonly lateness: Quantiles
  /** The delay from what our side sent to the peer's answer. */
  readonly recordedDelays: Quantiles
  readonly delays: Quantiles
  /** Some of the exchanges, evenly chosen: EXCHANGE_FLOATS each. */
  readonly exchanges: Float64Array
  /** What was left out, and why. */
  readonly warnings: readonly string[]
}

/** How far a replay has come. */
export interface ReplayStatus {
  readonly replay: number
  readonly phase: 'playing' | 'paused' | 'done'
  /** Where a replay as server listens. */
  readonly listening: string | null
  readonly connections: number
  readonly playing: number
  readonly over: number
  readonly different: number
  readonly doneBytes: number
  readonly totalBytes: number
  readonly elapsedNanos: number
  readonly lateness: Quantiles
  /** Once it is done. */
  readonly isEqual?: boolean | undefined
  readonly fault?: Fault | undefined
}

/** What is to be played, and how. */
export interface ReplayAsked {
  /** These, of one recording; or null: all of one. */
  readonly ids: readonly SocketId[] | null
  /** A socket of the recording of which all are meant; null: of what is being recorded. */
  readonly beside: SocketId | null
  readonly role: ReplayRole
  /** Whom to call, or where to listen; null as both. */
  readonly url: string | null
  readonly speed: ReplaySpeed
  readonly wait: ReplayWait
  /** What may differ: `4-11`, `C1:4-11` (bytes of what the peer sends, the last one included) or `/expression/`. */
  readonly masks?: readonly string[] | undefined
  /** Values taken from what the peer sends: `name=/expression/`, the first group or all of the last match. */
  readonly captures?: readonly string[] | undefined
  /** What is sent instead: `/expression/=text`, where the text may hold {s}, {ms}, {iso}, {count} and captured {name}s. */
  readonly sets?: readonly string[] | undefined
}

/** By the options of `switchboard replay`. */
export const replayRuleKinds = ['mask', 'capture', 'set'] as const

/** What may differ, what is taken from answers, or what is sent instead: written as ReplayAsked has it. */
export interface ReplayRule {
  readonly kind: (typeof replayRuleKinds)[number]
  readonly text: string
}

/** A report as it travels: its JSON, where bytes are `{bytes: […]}`, and its exchanges beside it. */
export interface ToldReport {
  readonly json: string
  readonly exchanges: Float64Array
}

export function reportOf({ json, exchanges }: ToldReport): ReplayReport {
  const revived = JSON.parse(json, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'bytes' in value && Array.isArray(value.bytes)
      ? Uint8Array.from(value.bytes as number[])
      : value,
  ) as Omit<ReplayReport, 'exchanges'>
  return { ...revived, exchanges }
}

/** How far a replay is, in one line: `Playing: 1 of 3 over · 12 B of 34 B · 0.567 s`. */
export function describeProgress(
  phase: ReplayStatus['phase'],
  of: Omit<ReplayStatus, 'replay' | 'phase'>,
): string {
  const { over, connections, doneBytes, totalBytes, elapsedNanos, different } = of
  const words = { playing: 'Playing', paused: 'Paused', done: 'Done' } as const
  return [
    `${words[phase]}: ${formatCount(over)} of ${formatCount(connections)} over`,
    `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    `${formatSeconds(elapsedNanos)} s`,
    ...(different > 0 ? [`${formatCount(different)} ${different === 1 ? 'differs' : 'differ'}`] : []),
  ].join(' · ')
}

export function describeEnding({ how, code }: PeerEnding): string {
  switch (how) {
    case 'fin':
      return 'FIN'
    case 'reset':
      return 'reset'
    case 'timeout':
      return 'timeout'
    case 'refused':
      return 'refused (ECONNREFUSED)'
    case 'failed':
      return code ?? 'failed'
    case 'open':
      return 'still open'
  }
}

/** What differs, in one line: `byte 12 of what the server sent is another one`. */
export function describeDivergence(of: Divergence): string {
  const whose = `what the ${of.from} sent`
  switch (of.kind) {
    case 'bytes':
      return `byte ${of.offset} of ${whose} differs`
    case 'reordered':
      return `byte ${of.offset} of ${whose} differs: recorded chunks came in another order (of bytes ${of.order?.join(', ') ?? ''})`
    case 'missing':
      if (of.lengthBytes !== undefined)
        return `${bytesOf(of.lengthBytes)} of ${whose} ${of.lengthBytes === 1 ? 'is' : 'are'} missing from byte ${of.offset} on: what follows is as recorded`
      return `${whose} ends at byte ${of.offset}: more was recorded${endedBy(of.actualEnding)}`
    case 'extra':
      if (of.lengthBytes !== undefined)
        return `${whose} has ${bytesOf(of.lengthBytes)} more at byte ${of.offset}: what follows is as recorded`
      return `${whose} goes on after byte ${of.offset}, where the recorded stream ends`
    case 'boundary':
      return `a datagram of ${whose} ends elsewhere, at byte ${of.offset}`
    case 'ending': {
      const recorded = `recorded: ${of.expectedEnding === null ? 'nothing' : describeEnding(of.expectedEnding)}`
      if (of.actualEnding?.how === 'refused')
        return `the ${of.from} refused the call (ECONNREFUSED); ${recorded}`
      return `${whose} ends by ${of.actualEnding === null ? 'nothing' : describeEnding(of.actualEnding)}; ${recorded}`
    }
  }
}

function bytesOf(count: number): string {
  return `${count} ${count === 1 ? 'byte' : 'bytes'}`
}

function endedBy(ending: PeerEnding | null): string {
  return ending === null || ending.how === 'fin' ? '' : ` (${describeEnding(ending)})`
}
