import { isUntold, matchedDatagrams, type Datagram } from '../../../shared/ladder/datagrams'
import { peerLine } from '../../../shared/ladder/model'
import { type Endpoint } from '../../../shared/model/endpoint'
import { isUdpId } from '../../../shared/model/ids'
import { type DataRow } from '../../../shared/model/record'
import { isAt } from './casting'
import { type Milestones } from './milestones'
import { must, type RawArrow, type Strip } from './strip'

/** Rows before and after those in sight in which the other end of a datagram is looked for. */
const ROWS_BEYOND = 256

/** A datagram, and whom it went to or came from. */
interface Addressed extends Datagram {
  readonly peer: string
  readonly isOut: boolean
}

/** Datagrams between the UDP sockets that are here, and those to and from elsewhere. @param bound where each end is bound */
export async function datagramArrows(
  strip: Strip,
  bound: readonly (Endpoint | null)[],
  milestones: readonly Milestones[],
): Promise<readonly RawArrow[]> {
  const sockets = strip.ends.flatMap(({ id }, end) =>
    isUdpId(id) || bound[end]?.kind === 'udp' ? [end] : [],
  )
  if (sockets.length === 0) return []
  const rows = new Map<number, readonly Addressed[]>()
  for (const end of sockets) rows.set(end, await datagramsOf(strip, end))
  const found: RawArrow[] = []
  const told = new Set<Addressed>()
  for (const a of sockets) {
    for (const b of sockets) {
      if (a === b) continue
      const sent = (rows.get(a) ?? []).filter((each) => each.isOut && isAt(each.peer, bound[b] ?? null))
      const received = (rows.get(b) ?? []).filter(
        (each) =>
          !each.isOut && !told.has(each) && (isUntold(each.peer) || isAt(each.peer, bound[a] ?? null)),
      )
      const isGone = milestones[b]?.ended !== null
      for (const { sent: one, received: other, isOvertaken } of matchedDatagrams(sent, received)) {
        // Nobody knows that it came from here.
        if (one === null && other !== null && isUntold(other.peer)) continue
        for (const each of [one, other]) if (each !== null) told.add(each)
        const lengthBytes = (one ?? other)?.lengthBytes ?? 0
        const fate =
          one === null ? 'untold' : other !== null ? 'arrived' : isOvertaken || isGone ? 'lost' : 'underWay'
        found.push({
          kind: 'datagram',
          from: a,
          to: b,
          sent: one,
          received: other,
          offset: 0,
          lengthBytes,
          fate,
        })
      }
    }
  }
  for (const [end, all] of rows) {
    for (const each of all) {
      if (told.has(each)) continue
      const [from, to] = each.isOut ? [end, peerLine(end)] : [peerLine(end), end]
      const [sent, received] = each.isOut ? [each, null] : [null, each]
      const { lengthBytes } = each
      found.push({ kind: 'datagram', from, to, sent, received, offset: 0, lengthBytes, fate: 'level' })
    }
  }
  return found.filter((each) => strip.touches(each)).map(withoutBytes)
}

async function datagramsOf(strip: Strip, end: number): Promise<readonly Addressed[]> {
  const id = strip.idOf(end)
  const to = Math.min(strip.sizeOf(end).rows, strip.stopOf(end) + ROWS_BEYOND)
  const found: Addressed[] = []
  for (let from = Math.max(0, strip.startOf(end) - ROWS_BEYOND); from < to;) {
    const rows = must(await strip.source.read(id, from, to))
    if (rows.length === 0) break
    from += rows.length
    found.push(...rows.filter((row) => row.kind === 'data').flatMap(addressed))
  }
  return found
}

function addressed({ row, atNanos, lengthBytes, head, peer, direction }: DataRow): readonly Addressed[] {
  if (peer === null) return []
  return [{ row, atNanos, lengthBytes, head, peer, isOut: direction === 'out' }]
}

/** What travels to the page is the place alone. */
function withoutBytes(arrow: RawArrow): RawArrow {
  const spot = (at: RawArrow['sent']): RawArrow['sent'] => at && { row: at.row, atNanos: at.atNanos }
  return { ...arrow, sent: spot(arrow.sent), received: spot(arrow.received) }
}
