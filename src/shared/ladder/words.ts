import { eventText } from '../model/eventText'
import { type DataRow, type Row, type SocketEvent } from '../model/record'
import { formatBytes, formatLength } from '../model/units'
import { visibleText } from '../wire/escape'
import { decodeUtf8 } from '../wire/utf8'
import { type Columns } from './columns'
import { type LadderAck, type LadderArrow, type Line } from './model'

/** A state change in a word or two. */
export function eventWord(event: SocketEvent): string {
  switch (event.what) {
    case 'accepted':
      return `accepted ${event.connection}`
    case 'dropped':
      return `${event.count} refused`
    case 'dialling':
      return 'connect'
    case 'attempted':
      return event.fault?.code ?? (event.outcome === 'connected' ? 'attempt' : event.outcome)
    case 'opened':
      return event.by === 'local' ? 'connected' : 'accept'
    case 'peerSet':
      return event.peer === null ? 'disconnected' : 'connected'
    case 'groupJoined':
      return 'joined'
    case 'groupLeft':
      return 'left'
    case 'finished':
      return 'FIN'
    case 'closed':
      return { fin: 'closed', reset: 'RST', timeout: 'timed out', error: event.fault?.code ?? 'error' }[
        event.how
      ]
    case 'optionsSet':
      return 'options'
    case 'acceptSet':
      return `accepts ${event.mode}`
    case 'queueMoved':
      return `queue ${event.length} of ${event.limit}`
    case 'behaviourSet':
      return `does ${event.behaviour}`
    case 'passedOn':
      return `to ${event.to}`
    case 'plays':
      return `plays ${event.connection}`
    case 'failed':
      return event.fault.code
    case 'noted':
      return 'note'
    case 'blocked':
      return `${event.call}() blocks`
    case 'called':
      return `${event.call}() ${event.isRaised ? (event.errno ?? 'raised') : 'returned'}`
    case 'handedOver':
      return `to ${event.to}`
    case 'takenOver':
      return `from ${event.from}`
    case 'echoed':
      return 'echo reply'
    case 'listening':
    case 'truncated':
    case 'bound':
    case 'paused':
    case 'resumed':
    case 'gap':
      return event.what
  }
}

/** What is there for the record, and seldom what one looks for. */
export function isAside(event: SocketEvent): boolean {
  return (
    ['attempted', 'optionsSet', 'acceptSet', 'behaviourSet', 'plays', 'noted', 'blocked', 'called'].includes(
      event.what,
    ) && !isBad(event)
  )
}

/** Whether an event is a failure, to be seen at once. */
export function isBad(event: SocketEvent): boolean {
  return (
    event.what === 'failed' || event.what === 'dropped' || (event.what === 'closed' && event.how !== 'fin')
  )
}

/** The beginning of a chunk as text with escapes. @param most characters */
export function previewText({ head, before, offset, peer, lengthBytes }: DataRow, most: number): string {
  if (lengthBytes === 0) return '(empty)'
  // No character is longer than 4 bytes.
  const bytes = head.subarray(0, most * 4)
  const isWhole = bytes.length === lengthBytes
  const text = decodeUtf8(bytes, { before, offset: peer === null ? offset : 0, isWhole })
  return text.length > most || !isWhole ? `${text.slice(0, most)}…` : text
}

/** How long something took from its sending to its being taken; null where one of the two is not known. */
export function lapseOf({ sent, received }: LadderArrow): number | null {
  return sent === null || received === null ? null : Math.max(0, received.atNanos - sent.atNanos)
}

/** The longest of some arrows. */
export function longestLapse(arrows: readonly LadderArrow[]): number | null {
  const lapses = arrows.map(lapseOf).filter((each) => each !== null)
  return lapses.length === 0 ? null : Math.max(...lapses)
}

/** When the kernel first told that all of a chunk was acknowledged; null where it did not, or that is not at hand. */
export function ackOf(
  { row, line }: { readonly row: Row; readonly line: Line },
  acks: readonly LadderAck[],
): LadderAck | null {
  if (row.kind !== 'data' || row.direction !== 'out') return null
  const end = row.offset + row.lengthBytes
  return acks.find((ack) => ack.line === line && ack.atNanos >= row.atNanos && ack.ackedBytes >= end) ?? null
}

/** One row in a sentence: what was sent to whom and what became of it, or what happened. @param arrows those that begin or end with the row */
export function storyOf(row: Row, line: Line, arrows: readonly LadderArrow[], columns: Columns): string {
  const own = columns.of(line).title
  if (row.kind === 'event') {
    const lapse = longestLapse(arrows.filter((each) => each.to === line && each.kind !== 'data'))
    const after = lapse === null ? '' : `, ${formatLength(lapse)} after it was sent`
    return `${own}: ${visibleText(eventText(row.event))}${after}`
  }
  const { direction, lengthBytes } = row
  const first = arrows[0]
  const isOut = direction === 'out'
  const other = first === undefined ? null : columns.of(isOut ? first.to : first.from)
  const name =
    other === null
      ? 'its peer'
      : other.isPeer
        ? `its peer${row.peer === null ? '' : ` ${visibleText(row.peer)}`}`
        : other.title
  const what = `${own} ${isOut ? 'sends' : 'takes'} ${formatBytes(lengthBytes)} ${isOut ? 'to' : 'from'} ${name}`
  return `${what}${becameOf(arrows, isOut)}`
}

function becameOf(arrows: readonly LadderArrow[], isOut: boolean): string {
  const lapse = longestLapse(arrows)
  const fates = new Set(arrows.map(({ fate }) => fate))
  const told: string[] = []
  if (lapse !== null)
    told.push(isOut ? `taken after ${formatLength(lapse)}` : `${formatLength(lapse)} after they were sent`)
  if (fates.has('underWay')) told.push(lapse === null ? 'not taken from the kernel yet' : 'not all taken yet')
  if (fates.has('lost')) told.push('never taken')
  if (fates.has('untold')) told.push('before their sending was recorded')
  return told.map((each) => `, ${each}`).join('')
}
