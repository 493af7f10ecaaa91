import { carried, InKernel, type Carried } from '../../../shared/ladder/carry'
import { peerLine } from '../../../shared/ladder/model'
import { type Strip, type RawArrow, type Spot } from './strip'

/** Writes or reads beyond the rows in sight that are looked at, for each direction. */
const MOST_BEYOND = 512
/** A write is recorded when it returns, and its bytes may have been read by then. */
const ROWS_AFTER = 32

/** The bytes that one end of a connection sends to the other, both of which are here. */
export async function streamArrows(
  strip: Strip,
  a: number,
  b: number,
  hasEnded: boolean,
): Promise<readonly RawArrow[]> {
  const [a0, a1] = [strip.startOf(a), strip.stopOf(a)]
  const [b0, b1] = [strip.startOf(b), strip.stopOf(b)]
  const sentBefore = await strip.bytesBefore(a, a0, 'out')
  const sentUntil = await strip.bytesBefore(a, a1, 'out')
  const receivedBefore = await strip.bytesBefore(b, b0, 'in')
  const receivedUntil = await strip.bytesBefore(b, b1, 'in')
  const isQuiet = sentUntil === sentBefore && receivedUntil === receivedBefore
  if (isQuiet && sentBefore <= receivedUntil) return []

  const sentRanges: [number, number][] = [[a0, a1 + ROWS_AFTER]]
  if (receivedBefore < sentBefore) {
    const from = await strip.rowAt(a, 'out', receivedBefore)
    sentRanges.push([from, Math.min(a0, from + MOST_BEYOND)])
  }
  const receivedRanges: [number, number][] = [[b0, b1]]
  if (sentUntil > receivedUntil) {
    const from = await strip.rowAt(b, 'in', receivedUntil)
    receivedRanges.push([from, from + MOST_BEYOND])
    const later = await strip.rowAt(b, 'in', Math.max(sentBefore, receivedUntil))
    receivedRanges.push([later, later + MOST_BEYOND])
  }
  const sent = await strip.pieces(a, 'out', sentRanges)
  const received = await strip.pieces(b, 'in', receivedRanges)
  const taken = strip.sizeOf(b).inBytes
  const written = strip.sizeOf(a).outBytes
  return carried(sent, received)
    .map((each) => arrowOf(each, a, b, { taken, written, hasEnded }))
    .filter((each) => each !== null)
    .filter((each) => strip.touches(each))
}

interface Known {
  /** Bytes that the receiver has read by now, and that the sender has written. */
  readonly taken: number
  readonly written: number
  /** The receiver is gone: what it has not read it never will. */
  readonly hasEnded: boolean
}

function arrowOf(
  { sent, received, offset, lengthBytes }: Carried,
  a: number,
  b: number,
  { taken, written, hasEnded }: Known,
): RawArrow | null {
  const common = { kind: 'data', from: a, to: b, sent, received, offset, lengthBytes } as const
  if (sent !== null && received !== null) return { ...common, fate: 'arrived' }
  // What has a partner that was not looked at is told where that is in sight.
  if (sent !== null) return offset >= taken ? { ...common, fate: hasEnded ? 'lost' : 'underWay' } : null
  return offset >= written ? { ...common, fate: 'untold' } : null
}

/** Of a connection only one end of which is here: level, to its peer's line and from there. */
export function levelArrows(strip: Strip, isLevel: (end: number) => boolean): readonly RawArrow[] {
  const found: RawArrow[] = []
  for (const [n, row] of strip.rows.entries()) {
    const end = strip.owners[n] ?? 0
    if (row.kind !== 'data' || row.peer !== null || !isLevel(end)) continue
    const spot: Spot = { row: row.row, atNanos: row.atNanos }
    const isOut = row.direction === 'out'
    found.push({
      kind: 'data',
      from: isOut ? end : peerLine(end),
      to: isOut ? peerLine(end) : end,
      sent: isOut ? spot : null,
      received: isOut ? null : spot,
      offset: row.offset,
      lengthBytes: row.lengthBytes,
      fate: 'level',
    })
  }
  return found
}

/** After each row, the bytes that lie in the kernels in its direction. NaN where only one end is here, and for events. */
export async function inKernelAfter(strip: Strip): Promise<Float64Array> {
  const counts = new Map<number, InKernel>()
  for (const end of strip.ends.keys()) {
    const other = strip.otherOf(end)
    if (other < 0) continue
    const sent = await strip.bytesBefore(end, strip.startOf(end), 'out')
    const received = await strip.bytesBefore(other, strip.startOf(other), 'in')
    counts.set(end, new InKernel(sent, received))
  }
  return Float64Array.from(strip.rows, (row, n) => {
    const end = strip.owners[n] ?? 0
    if (row.kind !== 'data') return NaN
    const count = counts.get(row.direction === 'out' ? end : strip.otherOf(end))
    if (count === undefined) return NaN
    if (row.direction === 'out') count.sent(row.lengthBytes)
    else count.received(row.lengthBytes)
    return count.bytes
  })
}
