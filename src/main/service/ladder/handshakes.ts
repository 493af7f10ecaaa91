import { peerLine, type ArrowFate, type ArrowKind, type Line } from '../../../shared/ladder/model'
import { type EventRow } from '../../../shared/model/record'
import { type Milestones } from './milestones'
import { type RawArrow, type Strip } from './strip'

/** What opens and ends connections. Only what a socket tells is drawn: segments that nobody saw are not. */
export function eventArrows(strip: Strip, milestones: readonly Milestones[]): readonly RawArrow[] {
  const found: RawArrow[] = []
  for (const [end, own] of milestones.entries()) {
    // Listeners and sockets for datagrams have nobody to whom they would be connected.
    if (own.opened !== null && own.opened.event.what !== 'opened') continue
    const other = strip.otherOf(end)
    const theirs = other < 0 ? null : (milestones[other] ?? null)
    if (theirs === null) found.push(...alone(end, own))
    else found.push(...towards(end, own, other, theirs))
  }
  return found.filter((each) => strip.touches(each))
}

/** From one end to the other, both of which are here. */
function towards(end: number, own: Milestones, other: number, theirs: Milestones): RawArrow[] {
  const found: RawArrow[] = []
  const add = (kind: ArrowKind, sent: EventRow | null, received: EventRow | null): void => {
    if (sent !== null || received !== null) found.push(arrow(kind, end, other, sent, received, theirs.ended))
  }
  if (isDialled(own)) add('connect', own.dialling ?? own.opened, theirs.opened)
  add('fin', own.finishedLocal ?? closedBy(theirs.finishedRemote, own.ended), theirs.finishedRemote)
  const didReset = isReset(own.ended, 'local')
  if (isReset(theirs.ended, 'remote'))
    add('reset', didReset ? own.ended : closedBy(theirs.ended, own.ended), theirs.ended)
  else if (didReset) add('reset', own.ended, null)
  return found
}

/** To the line of a peer that is not here, and from there. */
function alone(end: number, own: Milestones): RawArrow[] {
  const peer = peerLine(end)
  const found: RawArrow[] = []
  const level = (kind: ArrowKind, row: EventRow | null, isOut: boolean, fate: ArrowFate = 'level'): void => {
    if (row === null) return
    found.push({
      kind,
      from: isOut ? end : peer,
      to: isOut ? peer : end,
      sent: isOut ? row : null,
      received: isOut ? null : row,
      offset: 0,
      lengthBytes: 0,
      fate,
    })
  }
  if (isDialled(own)) {
    const isUnheard = own.opened === null
    const fate = !isUnheard ? 'level' : own.ended === null ? 'underWay' : 'lost'
    level('connect', own.dialling ?? own.opened, true, fate)
  } else level('connect', own.opened, false)
  level('fin', own.finishedLocal, true)
  level('fin', own.finishedRemote, false)
  if (isReset(own.ended, 'local')) level('reset', own.ended, true)
  if (isReset(own.ended, 'remote')) level('reset', own.ended, false)
  return found
}

function arrow(
  kind: ArrowKind,
  from: Line,
  to: Line,
  sent: EventRow | null,
  received: EventRow | null,
  receiverEnded: EventRow | null,
): RawArrow {
  const fate: ArrowFate =
    received === null ? (receiverEnded === null ? 'underWay' : 'lost') : sent === null ? 'untold' : 'arrived'
  return { kind, from, to, sent, received, offset: 0, lengthBytes: 0, fate }
}

const isDialled = ({ dialling, opened }: Milestones): boolean =>
  dialling !== null || (opened?.event.what === 'opened' && opened.event.by === 'local')

function isReset(row: EventRow | null, by: 'local' | 'remote'): boolean {
  return row?.event.what === 'closed' && row.event.how === 'reset' && row.event.by === by
}

/** What the peer saw of us may have gone with our closing, which the kernel does by a FIN or, with unread bytes, by an RST. */
function closedBy(seen: EventRow | null, ended: EventRow | null): EventRow | null {
  return seen !== null && ended?.event.what === 'closed' && ended.atNanos <= seen.atNanos ? ended : null
}
