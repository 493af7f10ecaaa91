import { type DataRow, type EventRow, type Row } from '../model/record'
import { formatBytes, formatLength } from '../model/units'
import { visibleText } from '../wire/escape'
import { type Column, type Columns } from './columns'
import { peerText } from './datagrams'
import {
  endOf,
  type LadderAck,
  type LadderArrow,
  type LadderSpan,
  type Line,
  type Moment,
  type SpanKind,
} from './model'
import { eventWord, isAside, isBad, longestLapse } from './words'

/** `right` and `left`: data that goes that way. */
export type Tone = 'right' | 'left' | 'event' | 'bad' | 'soft'
export type Head = 'arrow' | 'open' | 'cross'

export interface DrawnArrow {
  readonly key: string
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly tone: Tone
  readonly head: Head
  readonly isDashed: boolean
  /** The rows that it belongs to. */
  readonly ranks: readonly number[]
}

export interface DrawnLabel {
  readonly key: string
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
  readonly text: string
  readonly tone: Tone
  readonly rank: number
}

export interface DrawnBar {
  readonly key: string
  readonly x: number
  readonly y1: number
  readonly y2: number
  readonly kind: SpanKind
  readonly label: string
}

export interface DrawnDot {
  readonly key: string
  readonly x: number
  readonly y: number
  readonly tone: Tone
  readonly rank: number
}

/** So many bytes were acknowledged by then, as the kernel said. */
export interface DrawnAck {
  readonly key: string
  /** From the line outwards. */
  readonly x1: number
  readonly x2: number
  readonly y: number
  readonly anchor: 'start' | 'end'
  /** Empty where there is no room for it. */
  readonly text: string
}

export interface Drawing {
  readonly acks: readonly DrawnAck[]
  readonly bars: readonly DrawnBar[]
  readonly arrows: readonly DrawnArrow[]
  readonly dots: readonly DrawnDot[]
  readonly labels: readonly DrawnLabel[]
}

/** A row in its place. */
export interface PlacedRow {
  readonly row: Row
  readonly rank: number
  readonly line: Line
}

export interface DrawingInput {
  readonly rows: readonly PlacedRow[]
  readonly arrows: readonly LadderArrow[]
  readonly spans: readonly LadderSpan[]
  readonly acks: readonly LadderAck[]
  readonly columns: Columns
  readonly yOf: (moment: Pick<Moment, 'rank' | 'atNanos'>) => number
  /** What goes beyond is cut off there. */
  readonly top: number
  readonly bottom: number
  /** The height of a label: where two would cover each other, one is there. With 0 all are there, with Infinity none. */
  readonly labelPx: number
  readonly preview: (row: DataRow, characters: number) => string
  /** What one character takes. */
  readonly charPx: number
}

/** Half of a line's bar: arrows begin and end beside it. */
const BAR_PX = 3
/** What lies over the bar of an open socket is wider. */
export const barPx = (kind: SpanKind): number => (kind === 'paused' || kind === 'blocked' ? 4.5 : BAR_PX)
const LABEL_X = 9
const ACK_PX = 7
const LABEL_Y = -4
/** What never arrives stops so far along its way. */
const SHORT_OF = 0.62
const MOST_CHARACTERS = 60
const LEAST_ROOM_PX = 220
/** So far beyond what is drawn, strokes still go on. */
const FAR_PX = 4000

/** Lines, bars and labels of a part of a ladder. */
export function drawLadder(input: DrawingInput): Drawing {
  const { arrows, spans, rows } = input
  const byRank = arrowsByRank(arrows)
  const room = new LabelRoom(input.labelPx, input.charPx)
  const labels: DrawnLabel[] = []
  const dots: DrawnDot[] = []
  for (const each of rows) {
    const own = byRank.get(each.rank) ?? []
    const label = labelOf(each, own, input)
    if (room.take(label)) labels.push(label)
    if (each.row.kind === 'event') dots.push(dotOf(each, input))
  }
  return {
    acks: input.acks.map((ack) => drawnAck(ack, input)),
    bars: spans.map((span, n) => barOf(span, n, input)).filter((bar) => bar.y2 > bar.y1),
    arrows: arrows.map((arrow, n) => drawnArrow(arrow, n, input)),
    dots,
    labels,
  }
}

/** The arrows that begin or end with each row. */
export function arrowsByRank(arrows: readonly LadderArrow[]): ReadonlyMap<number, readonly LadderArrow[]> {
  const found = new Map<number, LadderArrow[]>()
  for (const arrow of arrows) {
    for (const moment of [arrow.sent, arrow.received]) {
      if (moment === null) continue
      const known = found.get(moment.rank)
      if (known === undefined) found.set(moment.rank, [arrow])
      else if (!known.includes(arrow)) known.push(arrow)
    }
  }
  return found
}

function toneOf(arrow: LadderArrow, isRight: boolean): Tone {
  if (arrow.kind === 'reset' || arrow.fate === 'lost') return 'bad'
  if (arrow.kind === 'connect' || arrow.kind === 'fin') return 'event'
  return isRight ? 'right' : 'left'
}

function drawnArrow(arrow: LadderArrow, n: number, { columns, yOf, top, bottom }: DrawingInput): DrawnArrow {
  const { sent, received, fate, kind, offset } = arrow
  const from = columns.of(arrow.from)
  const to = columns.of(arrow.to)
  const sign = to.x >= from.x ? 1 : -1
  const x1 = from.x + sign * BAR_PX
  const end = to.x - sign * BAR_PX
  const isShort = received === null && (fate === 'underWay' || fate === 'lost')
  const at = sent ?? received ?? { rank: 0, atNanos: 0 }
  const x2 = isShort ? x1 + (end - x1) * SHORT_OF : end
  return {
    key: `${kind} ${arrow.from} ${offset} ${sent?.row ?? ''} ${received?.row ?? ''} ${n}`,
    ...within({ x1, y1: yOf(at), x2, y2: yOf(received ?? at) }, top - FAR_PX, bottom + FAR_PX),
    tone: toneOf(arrow, sign > 0),
    head: fate === 'lost' ? 'cross' : fate === 'underWay' ? 'open' : 'arrow',
    isDashed: fate !== 'arrived' && fate !== 'level',
    ranks: [sent, received].flatMap((moment) => (moment === null ? [] : [moment.rank])),
  }
}

type Stroke = Pick<DrawnArrow, 'x1' | 'y1' | 'x2' | 'y2'>

/** The part of a stroke between two heights: what lies far away would be too large a number to draw with. */
function within(stroke: Stroke, top: number, bottom: number): Stroke {
  const { x1, y1, x2, y2 } = stroke
  const at = (y: number): number => Math.min(bottom, Math.max(top, y))
  const [from, to] = [at(y1), at(y2)]
  if (from === y1 && to === y2) return stroke
  const xAt = (y: number): number => (y2 === y1 ? x1 : x1 + ((y - y1) / (y2 - y1)) * (x2 - x1))
  return { x1: xAt(from), y1: from, x2: to === y2 ? x2 : xAt(to), y2: to }
}

function barOf(span: LadderSpan, n: number, { columns, yOf, top, bottom }: DrawingInput): DrawnBar {
  const within = (y: number): number => Math.min(bottom, Math.max(top, y))
  return {
    key: `${span.line} ${span.kind} ${n}`,
    x: columns.of(span.line).x,
    y1: span.from === null ? top : within(yOf(span.from)),
    y2: span.to === null ? bottom : within(yOf(span.to)),
    kind: span.kind,
    label: span.label,
  }
}

/** Beside its line, between the rows that came before it and after it. */
function drawnAck({ line, atNanos, ackedBytes }: LadderAck, input: DrawingInput): DrawnAck {
  const { columns, yOf, rows, labelPx } = input
  const column = columns.of(line)
  const sign = column.side === 'right' ? 1 : -1
  const after = rows.find(({ row }) => row.atNanos > atNanos)
  const last = rows.at(-1)
  const rank = after === undefined ? (last?.rank ?? 0) + 0.5 : after.rank - 0.5
  return {
    key: `${line} ${atNanos}`,
    x1: column.x + sign * BAR_PX,
    x2: column.x + sign * (BAR_PX + ACK_PX),
    y: yOf({ rank, atNanos }),
    anchor: sign > 0 ? 'start' : 'end',
    text: labelPx === 0 ? `acked ${formatBytes(ackedBytes)}` : '',
  }
}

function dotOf({ row, rank, line }: PlacedRow, { columns, yOf }: DrawingInput): DrawnDot {
  const tone = row.kind === 'event' ? eventTone(row) : 'event'
  return { key: `${rank}`, x: columns.of(line).x, y: yOf({ rank, atNanos: row.atNanos }), tone, rank }
}

/** What is sent is told beside its arrow's beginning; what arrives, on the other side of the line. */
function labelOf(placed: PlacedRow, arrows: readonly LadderArrow[], input: DrawingInput): DrawnLabel {
  const { row, rank, line } = placed
  const { columns, yOf } = input
  const column = columns.of(line)
  const begins = arrows.find((each) => each.sent?.rank === rank && endOf(each.from) === endOf(line))
  const ends = arrows.filter((each) => each.received?.rank === rank && endOf(each.to) === endOf(line))
  const arrow = begins ?? ends[0]
  // A level arrow has its words at the end that is here.
  const isInner = begins !== undefined || (arrow !== undefined && arrow.fate !== 'arrived')
  const partner = arrow === undefined ? null : columns.of(begins === undefined ? arrow.from : arrow.to)
  const isRightward = sideOf(column, partner) === (isInner ? 'right' : 'left')
  const lapse = begins === undefined ? longestLapse(ends) : null
  const x = column.x + (isRightward ? LABEL_X : -LABEL_X)
  const y = yOf({ rank, atNanos: row.atNanos }) + (arrow === undefined || !isInner ? 4 : LABEL_Y)
  const text = textOf(row, isInner, lapse, partner, column, input)
  return {
    key: `${rank}`,
    x,
    y,
    anchor: isRightward ? 'start' : 'end',
    text: cutTo(isRightward ? columns.widthPx - x : x, text, input.charPx),
    tone: labelTone(row, arrow, column, partner),
    rank,
  }
}

/** What goes beyond the drawing's edge would be cut off there in the midst of a letter. */
function cutTo(roomPx: number, text: string, charPx: number): string {
  const most = Math.floor(roomPx / charPx)
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1)).trimEnd()}…`
}

/** On which side of a line its partner stands. */
function sideOf(column: Column, partner: Column | null): 'left' | 'right' {
  if (partner !== null && partner.x !== column.x) return partner.x > column.x ? 'right' : 'left'
  return column.side === 'right' ? 'left' : column.side === 'left' ? 'right' : 'left'
}

const eventTone = ({ event }: EventRow): Tone => (isBad(event) ? 'bad' : isAside(event) ? 'soft' : 'event')

function labelTone(row: Row, arrow: LadderArrow | undefined, column: Column, partner: Column | null): Tone {
  if (row.kind === 'event') return eventTone(row)
  if (arrow?.fate === 'lost') return 'bad'
  const isRight = (partner?.x ?? column.x) > column.x === (row.direction === 'out')
  return isRight ? 'right' : 'left'
}

function textOf(
  row: Row,
  isInner: boolean,
  lapse: number | null,
  partner: Column | null,
  column: Column,
  { preview, charPx }: DrawingInput,
): string {
  const after = lapse === null ? '' : ` +${formatLength(lapse)}`
  if (row.kind === 'event') return `${visibleText(eventWord(row.event))}${after}`
  const size = formatBytes(row.lengthBytes)
  if (!isInner) return `${size}${after}`
  const wholePx = Math.abs((partner?.x ?? column.x + 160) - column.x) - 2 * LABEL_X
  // Where there is much room, arrows that come from above cross the rest of it.
  const roomPx = Math.max(Math.min(wholePx, LEAST_ROOM_PX), wholePx * 0.6)
  const most = Math.min(MOST_CHARACTERS, Math.floor(roomPx / charPx) - size.length - 3)
  const peer = partner?.isPeer === true ? peerText(row.peer) : ''
  const who = peer === '' ? '' : ` ${visibleText(peer)}`
  return most < 3 ? size : `${size}${who}  ${preview(row, Math.max(3, most - who.length))}`
}

/** Where times are to scale, rows may fall upon each other: of words that would cover each other the first are told. */
class LabelRoom {
  readonly #leastPx: number
  readonly #charPx: number
  readonly #taken: (readonly [left: number, right: number, y: number])[] = []

  constructor(leastPx: number, charPx: number) {
    this.#leastPx = leastPx
    this.#charPx = charPx
  }

  take({ x, y, anchor, text }: DrawnLabel): boolean {
    if (this.#leastPx === 0) return true
    const widthPx = text.length * this.#charPx
    const left = anchor === 'start' ? x : x - widthPx
    const right = left + widthPx
    const isTaken = this.#taken.some(
      ([from, to, at]) => Math.abs(y - at) < this.#leastPx && left < to && right > from,
    )
    if (!isTaken && this.#leastPx < Infinity) this.#taken.push([left, right, y])
    return !isTaken && this.#leastPx < Infinity
  }
}
