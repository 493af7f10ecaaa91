import { visibleText } from '../wire/escape'
import { endOf, peerLine, type LadderEnd, type Line } from './model'

/** Where a line stands. */
export interface Column {
  readonly line: Line
  readonly x: number
  /** Its socket's id, or `peer`. */
  readonly title: string
  readonly about: string
  readonly isPeer: boolean
  /** On which side of its conversation: what it says goes to the other side. */
  readonly side: 'left' | 'right' | 'alone'
}

export interface Columns {
  readonly all: readonly Column[]
  readonly widthPx: number
  /** The column of a line; those to whom several sockets speak may share one. */
  of(line: Line): Column
}

/** Beside each conversation: room for what came, and how long it took; and for the longest words, where there is room. */
const LEAST_MARGIN_PX = 92
const MOST_MARGIN_PX = 138
/** Beside a line that stands alone, at its left. */
const LONE_MARGIN_PX = 62
const LEAST_GAP_PX = 134
const MOST_GAP_PX = 460
/** Between two lines so much comes before more room beside them. */
const USUAL_GAP_PX = 150

/** Lines that stand together, from the left. Those of one conversation are neighbours, so that no arrow crosses another conversation. */
function groupsOf(ends: readonly LadderEnd[]): readonly (readonly Line[])[] {
  const groups: Line[][] = []
  const placed = new Set<number>()
  const datagrams = ends.flatMap((end, n) => (end.role === 'datagrams' ? [n] : []))
  for (const [n, { role, other }] of ends.entries()) {
    if (placed.has(n)) continue
    placed.add(n)
    const partner = other === null ? -1 : ends.findIndex(({ id }) => id === other)
    if (role === 'listener') groups.push([n])
    else if (role === 'datagrams') {
      for (const each of datagrams) placed.add(each)
      groups.push([...datagrams, peerLine(datagrams[0] ?? n)])
    } else if (partner >= 0 && !placed.has(partner)) {
      placed.add(partner)
      groups.push(role === 'accepted' ? [partner, n] : [n, partner])
    } else groups.push(role === 'accepted' ? [peerLine(n), n] : [n, peerLine(n)])
  }
  return groups
}

/** The lines of a ladder, side by side. @param roomPx what there is; more is taken where they would not fit */
export function columnsOf(ends: readonly LadderEnd[], roomPx: number): Columns {
  const groups = groupsOf(ends)
  const gaps = groups.reduce((sum, group) => sum + group.length - 1, 0)
  const besidePx = Math.floor((roomPx - gaps * USUAL_GAP_PX) / (groups.length * 2))
  const marginPx = Math.min(MOST_MARGIN_PX, Math.max(LEAST_MARGIN_PX, besidePx))
  const leftOf = (group: readonly Line[]): number => (group.length === 1 ? LONE_MARGIN_PX : marginPx)
  const margins = groups.reduce((sum, group) => sum + leftOf(group) + marginPx, 0)
  const gapPx = Math.min(
    MOST_GAP_PX,
    Math.max(LEAST_GAP_PX, Math.floor((roomPx - margins) / Math.max(1, gaps))),
  )
  const taken = margins + gaps * gapPx
  // What is left over goes beside the conversations.
  const extra = Math.max(0, Math.floor((roomPx - taken) / (groups.length * 2)))
  const all: Column[] = []
  let x = 0
  for (const group of groups) {
    x += leftOf(group) + extra
    for (const [n, line] of group.entries()) {
      if (n > 0) x += gapPx
      const side = group.length === 1 ? 'alone' : n === 0 ? 'left' : 'right'
      all.push({ line, x, side, isPeer: line < 0, ...namesOf(ends, line) })
    }
    x += marginPx + extra
  }
  const byLine = new Map(all.map((column) => [column.line, column]))
  const elsewhere = all.find(({ line }) => line < 0 && ends[endOf(line)]?.role === 'datagrams')
  return {
    all,
    widthPx: x,
    of(line) {
      const found = byLine.get(line) ?? (line < 0 ? elsewhere : undefined) ?? all[0]
      if (found === undefined) throw new Error('a ladder without lines')
      return found
    },
  }
}

/** `tcp://127.0.0.1:8060` without what every line would repeat. */
const bare = (address: string | null): string => visibleText((address ?? '').replace(/^(?:tcp|udp):\/\//, ''))

function toldOf({ local, remote }: LadderEnd): string {
  if (local !== null) return `from ${bare(local)}`
  return remote === null ? '' : `to ${bare(remote)}`
}

function namesOf(ends: readonly LadderEnd[], line: Line): Pick<Column, 'title' | 'about'> {
  const end = ends[endOf(line)]
  if (end === undefined) return { title: '?', about: '' }
  if (line < 0)
    return end.role === 'datagrams'
      ? { title: 'elsewhere', about: 'other addresses' }
      : { title: 'peer', about: bare(end.remote) }
  const words = {
    listener: end.local === null ? '' : `at ${bare(end.local)}`,
    dialled: toldOf(end),
    accepted: `at ${bare(end.local)}`,
    datagrams: `at ${bare(end.local)}`,
  }
  return { title: end.id, about: words[end.role] }
}
