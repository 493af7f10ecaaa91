import { type LadderSpan } from '../../../shared/ladder/model'
import { type EventRow } from '../../../shared/model/record'
import { entriesOf } from '../../capture/entries'
import { type Milestones } from './milestones'
import { type Spot, type Strip } from './strip'

/** Rows before those in sight in which a pause that still holds is looked for, and how many events among them. */
const ROWS_BACK = 4096
const MOST_EVENTS_BACK = 16

export interface RawSpan extends Omit<LadderSpan, 'from' | 'to'> {
  readonly from: Spot | null
  readonly to: Spot | null
}

/** What was so for a time on the line of one end, as far as that touches the rows in sight. */
export async function spansOf(
  strip: Strip,
  end: number,
  own: Milestones | undefined,
): Promise<readonly RawSpan[]> {
  const spans: RawSpan[] = []
  const add = (kind: LadderSpan['kind'], label: string, from: Spot | null, to: Spot | null): void => {
    spans.push({ line: end, kind, label, from: spot(from), to: spot(to) })
  }
  const ended = own?.ended ?? null
  if (own !== undefined) {
    const { dialling, opened } = own
    if (dialling !== null) add('blocked', 'connecting', dialling, opened ?? ended)
    const fins = [own.finishedLocal, own.finishedRemote].filter((each) => each !== null)
    const first = fins.toSorted((a, b) => a.row - b.row)[0] ?? null
    const isConnection = opened?.event.what === 'opened'
    if (opened !== null) add('open', isConnection ? 'open' : opened.event.what, opened, first ?? ended)
    if (opened !== null && first !== null) {
      const isOurs = first.event.what === 'finished' && first.event.by === 'local'
      add('halfOpen', isOurs ? 'half-closed by us' : 'half-closed by peer', first, ended)
    }
  }
  let paused: EventRow | null = null
  const blocked = new Map<number, EventRow>()
  for (const row of [...(await eventsBefore(strip, end)), ...eventsHere(strip, end)]) {
    const { event } = row
    if (event.what === 'blocked') blocked.set(event.number, row)
    if (event.what === 'called') {
      const from = blocked.get(event.number)
      if (from !== undefined) add('blocked', `${event.call}()`, from, row)
      blocked.delete(event.number)
    }
    if (row.event.what === 'paused') paused ??= row
    else if (row.event.what === 'resumed' && paused !== null) {
      add('paused', 'reading paused', paused, row)
      paused = null
    }
  }
  if (paused !== null) add('paused', 'reading paused', paused, ended)
  for (const row of blocked.values()) {
    if (row.event.what === 'blocked') add('blocked', `${row.event.call}()`, row, ended)
  }
  return spans.filter(({ from, to }) => {
    const hasBegun = from === null || from.row < strip.stopOf(end) || strip.stopOf(end) === 0
    return hasBegun && (to === null || to.row >= strip.startOf(end))
  })
}

const spot = (row: Spot | null): Spot | null => row && { row: row.row, atNanos: row.atNanos }

function eventsHere(strip: Strip, end: number): readonly EventRow[] {
  return strip.rows.filter((row, n): row is EventRow => row.kind === 'event' && strip.owners[n] === end)
}

/** What happened to it last before the rows in sight: what has begun then may go on in them. */
async function eventsBefore(strip: Strip, end: number): Promise<readonly EventRow[]> {
  const to = strip.startOf(end)
  const from = Math.max(0, to - ROWS_BACK)
  if (to === from) return []
  const id = strip.idOf(end)
  const entries = entriesOf(await strip.source.records(id, from, to - from), from)
  const found: EventRow[] = []
  for (const { row } of entries.filter(({ isData }) => !isData).slice(-MOST_EVENTS_BACK)) {
    const read = await strip.source.read(id, row, row + 1)
    const [event] = read.ok ? read.value : []
    if (event?.kind === 'event') found.push(event)
  }
  return found
}
