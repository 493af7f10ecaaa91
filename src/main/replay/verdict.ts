import { FaultError } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import {
  type ConnectionVerdict,
  type Divergence,
  type PeerEnding,
  type PlayedSide,
} from '../../shared/model/replay'
import { type ConnectionState, type UdpState } from '../../shared/model/state'
import { type StreamComparison } from './comparison'
import { otherBoundary, otherOrder, type RecordedStream } from './pieces'
import { otherDirection, otherSide, streamOf, type Conversation, type RecordedEnd } from './plan'
import { shiftAt } from './shift'
import { failedBy, type RecordedEnding } from './steps'

/** A side of a recorded connection that has been played: what came of it. */
export interface Played {
  readonly conversation: Conversation
  readonly side: PlayedSide
  /** The record that was played. */
  readonly end: RecordedEnd
  /** Null where it never had one. */
  readonly socket: SocketId | null
  readonly sentBytes: number
  readonly toSendBytes: number
  readonly receivedBytes: number
  readonly expectedBytes: number
  /** Null where the socket never opened. */
  readonly comparison: StreamComparison | null
  /** Compares what has come to its end. Rejects where the recording cannot be read. */
  readonly compare: () => Promise<void>
  /** How it ended as recorded. Rejects likewise. */
  readonly expectedEnding: () => Promise<RecordedEnding>
  /** How the socket ended; null where it has not, or there was none. */
  readonly endedBy: ConnectionState | UdpState | null
  readonly hasPeerFinished: boolean
  /** We have not waited for the peer to the end. */
  readonly isPeerGivenUp: boolean
  /** It was ended before all was played. */
  readonly isCut: boolean
  readonly note: string | null
  /** What was recorded of what it hears, and what it heard now; null without a socket. */
  readonly heard: { readonly expected: RecordedStream; readonly actual: RecordedStream } | null
}

/** Says whether what came is what was recorded, and where and how it differs first. Never rejects. */
export async function verdictOn(played: Played): Promise<ConnectionVerdict> {
  const { sentBytes, toSendBytes, receivedBytes, expectedBytes } = played
  const common = {
    connection: played.end.id,
    side: played.side,
    now: played.socket,
    ...{ sentBytes, toSendBytes, receivedBytes, expectedBytes },
  }
  try {
    const expected = await played.expectedEnding()
    await played.compare()
    const actualEnding = actualEndingOf(played)
    const divergence = await new Judge(played).divergence(expected, actualEnding)
    const isUnplayed = divergence === null && (played.isCut || played.endedBy === null)
    return {
      ...common,
      outcome: divergence !== null ? 'different' : isUnplayed ? 'notPlayed' : 'equal',
      divergence,
      masked: played.comparison?.masked ?? 0,
      expectedEnding: expected.peer,
      actualEnding,
      note: played.note ?? (played.endedBy === null ? 'Nobody called.' : null),
    }
  } catch (error) {
    const note = error instanceof FaultError ? error.fault.summary : String(error)
    return {
      ...common,
      outcome: 'notPlayed',
      divergence: null,
      masked: 0,
      expectedEnding: null,
      actualEnding: null,
      note,
    }
  }
}

/** How the peer ended; null where it was us, so that it cannot be told. */
function actualEndingOf(played: Played): PeerEnding | null {
  const { endedBy: state, isPeerGivenUp } = played
  if (played.conversation.kind === 'udp' || state === null) return null
  // The dial that we gave up has failed by our own hand: it was not answered in time.
  if (state.phase === 'failed')
    return isPeerGivenUp && !played.isCut ? { how: 'timeout' } : failedBy(state.fault)
  if (played.end.failure !== null) return { how: 'open' }
  if (played.hasPeerFinished) return { how: 'fin' }
  if (state.phase !== 'closed' || !('how' in state)) return null
  if (state.how === 'reset')
    return state.by === 'remote' ? { how: 'reset' } : isPeerGivenUp ? { how: 'open' } : null
  if (state.how === 'timeout') return { how: 'timeout' }
  if (state.how === 'error') return failedBy(state.fault ?? null)
  return { how: 'open' }
}

/** Finds the first thing that is not as it was recorded. */
class Judge {
  readonly #played: Played
  readonly #shift: number

  constructor(played: Played) {
    this.#played = played
    this.#shift = played.comparison?.shift ?? 0
  }

  async divergence(expected: RecordedEnding, ending: PeerEnding | null): Promise<Divergence | null> {
    const { comparison, conversation, end, endedBy, expectedBytes, isCut } = this.#played
    // Counted as in the record: without what masks have let be longer or shorter.
    const receivedBytes = this.#played.receivedBytes - this.#shift
    const different = comparison?.difference ?? null
    if (different !== null) return this.#otherBytes(different)
    if (isCut || endedBy === null) return null
    const isRefused = endedBy.phase === 'failed' && end.failure === null
    if (isRefused) return this.#diverged('ending', 0, expected.peer, ending)
    if (receivedBytes < expectedBytes) return this.#diverged('missing', receivedBytes, expected.peer, ending)
    // What came after our own end, or after the recording's, was not recorded either.
    const isJudged = expected.peer !== null || conversation.kind === 'udp'
    if (isJudged && receivedBytes > Math.max(expectedBytes, this.#sentThen))
      return this.#diverged('extra', expectedBytes, expected.peer, ending)
    const boundary = conversation.kind === 'udp' ? await this.#boundary() : null
    if (boundary !== null) return this.#diverged('boundary', boundary, null, null)
    if (end.failure !== null && ending?.how !== expected.peer?.how)
      return this.#diverged('ending', 0, expected.peer, ending)
    if (expected.peer !== null && ending !== null && !isSame(expected.peer, ending))
      return this.#diverged('ending', receivedBytes, expected.peer, ending)
    return null
  }

  /** What the peer had sent as its own record has it, if it is there: a reset may have taken some of it away. */
  get #sentThen(): number {
    const { conversation, side, end } = this.#played
    const other = conversation.ends[otherSide(side)]
    return other === undefined || other === end ? 0 : other.bytes.out
  }

  /** Other bytes, or the same in another order, or without some or with more of them. */
  async #otherBytes(offset: number): Promise<Divergence> {
    const { heard } = this.#played
    if (heard === null) return this.#diverged('bytes', offset, null, null)
    const { expected } = heard
    const actual = { ...heard.actual, shift: this.#shift }
    const order = await otherOrder(expected, actual, offset)
    if (order !== null) return { ...(await this.#diverged('reordered', offset, null, null)), order }
    const shift = await shiftAt(expected, actual, offset)
    if (shift === null) return this.#diverged('bytes', offset, null, null)
    const { kind, lengthBytes } = shift
    return { ...(await this.#diverged(kind, offset, null, null)), lengthBytes }
  }

  async #boundary(): Promise<number | null> {
    const { heard } = this.#played
    return heard === null ? null : otherBoundary(heard.expected, { ...heard.actual, shift: 0 })
  }

  async #diverged(
    kind: Divergence['kind'],
    offset: number,
    expectedEnding: PeerEnding | null,
    actualEnding: PeerEnding | null,
  ): Promise<Divergence> {
    const { comparison, end, side } = this.#played
    const around = await comparison?.around(offset)
    return {
      kind,
      connection: end.id,
      from: otherSide(side),
      direction: otherDirection(streamOf(end, side)),
      offset,
      contextFrom: around?.from ?? 0,
      expected: around?.expected ?? new Uint8Array(0),
      actual: around?.actual ?? new Uint8Array(0),
      expectedEnding,
      actualEnding,
    }
  }
}

function isSame(a: PeerEnding, b: PeerEnding): boolean {
  return a.how === b.how && (a.how !== 'failed' || a.code === b.code)
}
