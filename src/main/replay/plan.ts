import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import {
  compareIds,
  isListenerId,
  isOfBench,
  isRawId,
  isUdpId,
  isUnixgramId,
  type SocketId,
} from '../../shared/model/ids'
import { type Direction, type Row } from '../../shared/model/record'
import { type PlayedSide } from '../../shared/model/replay'
import { pairedEnds, pairedPaths, type Opening } from '../capture/export/bothEnds'
import { RECORD_FLOATS } from '../capture/indexLog'
import { ROW } from '../capture/rows'
import { type CaptureReader } from '../capture/types'

/** One end of a connection as it was recorded. */
export interface RecordedEnd {
  readonly id: SocketId
  /** Which side of the connection it was. */
  readonly side: PlayedSide
  readonly rows: number
  readonly bytes: Readonly<Record<Direction, number>>
  readonly beganAtNanos: number
  readonly endedAtNanos: number
  readonly opening: Opening | null
  /** The connection that a proxy had dialled for this caller. */
  readonly passedOnTo: SocketId | null
  /** Why its dial came to nothing. */
  readonly failure: Fault | null
  /** A replay played on it. */
  readonly isReplay: boolean
}

/** A recorded connection, or the traffic of a UDP socket: one end of it, or both. */
export interface Conversation {
  readonly kind: 'tcp' | 'unix' | 'udp'
  readonly ends: Readonly<Partial<Record<PlayedSide, RecordedEnd>>>
  readonly beganAtNanos: number
  readonly endedAtNanos: number
}

/** What is to be played, in the order in which it began. */
export interface Plan {
  readonly reader: CaptureReader
  readonly conversations: readonly Conversation[]
  /** Sockets of kinds that are not played. */
  readonly leftOut: readonly SocketId[]
  readonly beganAtNanos: number
  readonly endedAtNanos: number
  /** So many were left out, because they were replays themselves. */
  readonly replayed: number
}

/** Within so many rows a connection has opened, and a UDP socket has carried something. */
const FIRST_ROWS = 32

export const otherSide = (side: PlayedSide): PlayedSide => (side === 'client' ? 'server' : 'client')
export const otherDirection = (direction: Direction): Direction => (direction === 'in' ? 'out' : 'in')

/** The record of a conversation for one of its sides: that side's own, if it is there. */
export function endFor(conversation: Conversation, side: PlayedSide): RecordedEnd {
  const end = conversation.ends[side] ?? conversation.ends[otherSide(side)]
  if (end === undefined) throw new Error('a conversation without ends')
  return end
}

/** The stream of a recorded end that a side sent. */
export function streamOf(end: RecordedEnd, side: PlayedSide): Direction {
  return end.side === side ? 'out' : 'in'
}

/**
 * Finds what can be played in a recording. Of connections both ends of which are there, both are kept together.
 * @param ids only these; with null all. One that is not there is refused.
 * @param isAll replays that were recorded beside what they played are left out
 */
export async function makePlan(
  reader: CaptureReader,
  ids: readonly SocketId[] | null,
  isAll = ids === null,
): Promise<Reply<Plan>> {
  try {
    const there = new Set(reader.ids())
    const unplayable = ids?.find((id) => there.has(id) && isNotPlayedYet(id))
    if (unplayable !== undefined && !isAll) return { ok: false, fault: notPlayed(unplayable) }
    const unknown = ids?.find((id) => !there.has(id) || (!isPlayed(id) && !isNotPlayedYet(id)))
    if (unknown !== undefined) return { ok: false, fault: noSuch(unknown, there) }
    const ends: RecordedEnd[] = []
    for (const id of ids ?? there) if (isPlayed(id)) ends.push(await readEnd(reader, id))
    const found = paired(ends).toSorted(inOrder)
    const originals = found.filter((each) => Object.values(each.ends).some(({ isReplay }) => !isReplay))
    // A replay that was recorded by itself can be played, too.
    const conversations = isAll && originals.length > 0 ? originals : found
    const [first] = conversations
    const leftOut = [...(ids ?? there)].filter(isNotPlayedYet)
    if (first === undefined)
      return { ok: false, fault: leftOut[0] === undefined ? nothing() : notPlayed(leftOut[0]) }
    return {
      ok: true,
      value: {
        reader,
        conversations,
        replayed: found.length - conversations.length,
        leftOut,
        beganAtNanos: first.beganAtNanos,
        endedAtNanos: conversations.reduce((last, each) => Math.max(last, each.endedAtNanos), 0),
      },
    }
  } catch (error) {
    if (error instanceof FaultError) return { ok: false, fault: error.fault }
    throw error
  }
}

async function readEnd(reader: CaptureReader, id: SocketId): Promise<RecordedEnd> {
  const { rows, inBytes, outBytes } = reader.size(id)
  const read = await reader.read(id, 0, Math.min(rows, FIRST_ROWS))
  if (!read.ok) throw new FaultError(read.fault)
  const last = rows === 0 ? [] : await reader.records(id, rows - 1, 1)
  const first = read.value
  const opening = openingOf(first)
  const common = {
    id,
    rows,
    bytes: { in: inBytes, out: outBytes },
    beganAtNanos: first[0]?.atNanos ?? 0,
    isReplay: first.some((row) => row.kind === 'event' && row.event.what === 'plays'),
    endedAtNanos: last.length === RECORD_FLOATS ? (last[ROW.atNanos] as number) : 0,
  }
  if (isUdpId(id)) {
    const data = first.find((row) => row.kind === 'data')
    const isServer = data?.kind === 'data' ? data.direction === 'in' : inBytes > 0
    const side = isServer ? 'server' : 'client'
    return { ...common, side, opening: null, passedOnTo: null, failure: null }
  }
  const passedOnTo = passedOnIn(first)
  return {
    ...common,
    side: opening?.by === 'remote' ? 'server' : 'client',
    opening,
    passedOnTo,
    failure: opening === null ? failureOf(first) : null,
  }
}

function openingOf(rows: readonly Row[]): Opening | null {
  for (const row of rows) {
    if (row.kind !== 'event' || row.event.what !== 'opened') continue
    const { local, remote, by } = row.event
    return { local, remote, by, atNanos: row.atNanos }
  }
  return null
}

function passedOnIn(rows: readonly Row[]): SocketId | null {
  for (const row of rows) if (row.kind === 'event' && row.event.what === 'passedOn') return row.event.to
  return null
}

function failureOf(rows: readonly Row[]): Fault | null {
  for (const row of rows) if (row.kind === 'event' && row.event.what === 'failed') return row.event.fault
  return null
}

function paired(ends: readonly RecordedEnd[]): Conversation[] {
  const known = new Map(ends.map((end) => [end.id, end]))
  const openings = new Map(
    ends.flatMap((end) => (end.opening === null ? [] : [[end.id, end.opening] as const])),
  )
  const sameBytes = (accepted: SocketId, dialled: SocketId): boolean => {
    const [one, other] = [known.get(accepted)?.bytes, known.get(dialled)?.bytes]
    return one?.in === other?.out && one?.out === other?.in
  }
  const pairs = new Map([...pairedEnds(openings), ...pairedPaths(openings, sameBytes)])
  for (const [caller, dialled] of passedOn(ends, pairs)) pairs.set(caller, dialled)
  const second = new Set(pairs.values())
  return ends.flatMap((end): Conversation[] => {
    // A dial that was cancelled, or that the end of the recording cut off, tells nothing of the other side.
    const isUnheard = !isUdpId(end.id) && end.opening === null
    if (isUnheard && (end.failure === null || end.failure.code === 'SB_CANCELLED')) return []
    if (second.has(end.id)) return []
    const other = known.get(pairs.get(end.id) ?? end.id)
    const ends =
      other === undefined || other === end
        ? { [end.side]: end }
        : ({ server: end, client: other } satisfies Conversation['ends'])
    return [
      {
        kind: isUdpId(end.id) ? 'udp' : (end.opening?.local.kind ?? 'tcp') === 'unix' ? 'unix' : 'tcp',
        ends,
        beganAtNanos: Math.min(end.beganAtNanos, other?.beganAtNanos ?? Infinity),
        endedAtNanos: Math.max(end.endedAtNanos, other?.endedAtNanos ?? 0),
      },
    ]
  })
}

/**
 * What a proxy took and what it dialled for that are two ends of one conversation, too: the first was its server, the second its client. Where
 * their own other ends are there, each is played by itself.
 */
function passedOn(
  ends: readonly RecordedEnd[],
  pairs: ReadonlyMap<SocketId, SocketId>,
): (readonly [SocketId, SocketId])[] {
  const paired = new Set([...pairs.keys(), ...pairs.values()])
  const dialled = new Set(ends.filter(({ opening }) => opening?.by === 'local').map(({ id }) => id))
  return ends.flatMap(({ id, passedOnTo: to }) =>
    to === null || !dialled.has(to) || paired.has(id) || paired.has(to) ? [] : [[id, to] as const],
  )
}

function inOrder(a: Conversation, b: Conversation): number {
  return (
    a.beganAtNanos - b.beganAtNanos ||
    compareIds((a.ends.client ?? a.ends.server)?.id ?? '', (b.ends.client ?? b.ends.server)?.id ?? '')
  )
}

/** What is done by hand, one call at a time, is no conversation that could be played. */
function isPlayed(id: SocketId): boolean {
  return !isListenerId(id) && !isOfBench(id) && !isNotPlayedYet(id)
}

function noSuch(id: SocketId, there: ReadonlySet<SocketId>): Fault {
  const some = [...there].filter(isPlayed)
  const list = `${some.slice(0, 8).join(', ')}${some.length > 8 ? ' …' : ''}`
  return fault('SB_UNKNOWN', `The recording holds no connection ${id}.`, {
    hint: some.length === 0 ? 'It holds none at all.' : `It holds ${list}.`,
  })
}

/** Unix datagram and raw sockets are shown, searched and exported, and not played. */
function isNotPlayedYet(id: SocketId): boolean {
  return isUnixgramId(id) || isRawId(id)
}

function notPlayed(id: SocketId): Fault {
  const kind = isRawId(id) ? 'raw socket' : 'Unix datagram socket'
  return fault('SB_UNSUPPORTED', `${id} is a ${kind}: such sockets are not replayed.`, {
    hint: 'Connections and UDP sockets of the recording can be replayed.',
  })
}

function nothing(): Fault {
  return fault('SB_INPUT', 'The recording holds no connection that could be played.')
}
