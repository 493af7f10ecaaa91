import { fault, FaultError } from '../../../shared/model/fault'
import { compareIds, isConnectionId, type SocketId } from '../../../shared/model/ids'
import { type SocketEvent } from '../../../shared/model/record'
import { pairOf, type Pair } from '../addresses'
import { type CaptureReader } from '../types'

/** When and between which addresses a connection opened. */
export interface Opening extends Omit<Extract<SocketEvent, { what: 'opened' }>, 'what'> {
  readonly atNanos: number
}

/** A connection opens within so many rows, or after as many attempts as nobody makes. */
const FIRST_ROWS = 16

/** How each connection opened, as far as its first rows tell. Throws a FaultError. */
export async function openingsOf(
  reader: CaptureReader,
  ids: readonly SocketId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<SocketId, Opening>> {
  const openings = new Map<SocketId, Opening>()
  for (const id of ids.filter(isConnectionId)) {
    if (signal.aborted) throw new FaultError(fault('SB_CANCELLED', 'The export was cancelled.'))
    const reply = await reader.read(id, 0, FIRST_ROWS)
    if (!reply.ok) throw new FaultError(reply.fault)
    for (const row of reply.value) {
      if (row.kind !== 'event' || row.event.what !== 'opened') continue
      const { local, remote, by } = row.event
      openings.set(id, { local, remote, by, atNanos: row.atNanos })
      break
    }
  }
  return openings
}

/** Of TCP connections both ends of which are there, the end to leave out: that with fewer bytes, or else the accepted one. */
export function secondEnds(
  openings: ReadonlyMap<SocketId, Opening>,
  bytesOf: (id: SocketId) => number,
): ReadonlySet<SocketId> {
  const left = new Set<SocketId>()
  for (const [accepted, dialled] of pairedEnds(openings))
    left.add(bytesOf(accepted) > bytesOf(dialled) ? dialled : accepted)
  return left
}

/** TCP connections both ends of which are there: the accepted end, and the dialled one. */
export function pairedEnds(openings: ReadonlyMap<SocketId, Opening>): ReadonlyMap<SocketId, SocketId> {
  const dialled = endsBy(openings, 'local', ({ local, remote }) => pairOf(local, remote))
  const accepted = endsBy(openings, 'remote', ({ local, remote }) => pairOf(remote, local))
  const pairs = new Map<SocketId, SocketId>()
  for (const [key, ends] of accepted) {
    const others = dialled.get(key) ?? []
    // The same two ports may have been used again. Where every end has its other, they came in the same order.
    const isWhole = others.length === ends.length
    const paired = new Set<SocketId>()
    for (const [n, [id, opening]] of ends.entries()) {
      const other = isWhole ? others[n]?.[0] : nearest(others, opening.atNanos)
      if (other === undefined || other === null || paired.has(other)) continue
      paired.add(other)
      pairs.set(id, other)
    }
  }
  return pairs
}

/**
 * Unix connections both ends of which are there: the accepted end, and the dialled one. They have no ports: of one listener's, the first to dial is
 * the first to be accepted.
 * @param fits whether the bytes of two ends can be those of one connection
 */
export function pairedPaths(
  openings: ReadonlyMap<SocketId, Opening>,
  fits: (accepted: SocketId, dialled: SocketId) => boolean,
): ReadonlyMap<SocketId, SocketId> {
  const ends = [...openings].filter(([, { local }]) => local.kind === 'unix').toSorted(inOrder)
  const dialled = ends.filter(([, { by }]) => by === 'local')
  const pairs = new Map<SocketId, SocketId>()
  const taken = new Set<SocketId>()
  for (const [id, { by, local }] of ends) {
    if (by !== 'remote' || local.kind !== 'unix') continue
    const other = dialled.find(
      ([each, { remote }]) =>
        !taken.has(each) && remote.kind === 'unix' && remote.path === local.path && fits(id, each),
    )
    if (other === undefined) continue
    taken.add(other[0])
    pairs.set(id, other[0])
  }
  return pairs
}

const inOrder = ([a, one]: End, [b, other]: End): number => one.atNanos - other.atNanos || compareIds(a, b)

type End = readonly [SocketId, Opening]

/** The ends of one side, by the two addresses that they are between, in the order in which they opened. */
function endsBy(
  openings: ReadonlyMap<SocketId, Opening>,
  by: Opening['by'],
  pairFor: (opening: Opening) => Pair,
): ReadonlyMap<string, readonly End[]> {
  const ends = new Map<string, End[]>()
  for (const [id, opening] of openings) {
    if (opening.local.kind !== 'tcp' || opening.by !== by) continue
    const key = keyOf(pairFor(opening))
    const known = ends.get(key)
    if (known === undefined) ends.set(key, [[id, opening]])
    else known.push([id, opening])
  }
  for (const each of ends.values()) each.sort(([, one], [, other]) => one.atNanos - other.atNanos)
  return ends
}

function keyOf({ local, localPort, remote, remotePort }: Pair): string {
  return `${local.join('.')} ${localPort} ${remote.join('.')} ${remotePort}`
}

function nearest(candidates: readonly End[], atNanos: number): SocketId | null {
  let found: SocketId | null = null
  let least = Infinity
  for (const [id, opening] of candidates) {
    const away = Math.abs(opening.atNanos - atNanos)
    if (away < least) [found, least] = [id, away]
  }
  return found
}
