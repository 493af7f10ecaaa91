import { type Reply } from '../../shared/model/fault'
import { isBenchId, isListenerId, type SocketId } from '../../shared/model/ids'
import { PART, PART_FLOATS, type Throughput } from '../../shared/model/stats'
import { RECORD_FLOATS } from '../capture/indexLog'
import { ROW, TOTAL, TOTAL_FLOATS } from '../capture/rows'
import { type CaptureReader } from '../capture/types'
import { type Asked, Askers, CANCELLED, type Turns } from './turns'

export interface ThroughputQuery extends Asked {
  /** Null for all that this session recorded. */
  readonly ids: readonly SocketId[] | null
  /** All that a recording holds that was opened beside this session: the one that this socket is of. */
  readonly beside?: SocketId | undefined
  readonly parts: number
  /** One series for each socket; otherwise one for all together. */
  readonly isApart: boolean
}

/** The record of one socket as it was when it was last looked at. */
interface Extent {
  readonly rows: number
  readonly inBytes: number
  readonly outBytes: number
  readonly firstNanos: number
  readonly lastNanos: number
}

/** Counts traffic in parts of a span, from the index alone: of a long record as many blocks are read as there are parts. */
export class Throughputs {
  readonly #capture: CaptureReader
  readonly #extents = new Map<SocketId, Extent>()
  readonly #askers = new Askers()

  constructor(capture: CaptureReader) {
    this.#capture = capture
  }

  read(query: ThroughputQuery): Promise<Reply<Throughput>> {
    return this.#askers.answer(query, (turns) => this.#count(query, turns))
  }

  /** Ends what an asker has asked, if it is not answered yet. */
  cancel(asker: string): void {
    this.#askers.cancel(asker)
  }

  async #count(query: ThroughputQuery, turns: Turns): Promise<Reply<Throughput>> {
    const { parts, isApart } = query
    // A listener's record says who called, and carries nothing. What was opened beside this session has another clock.
    const capture = this.#capture
    const file = query.beside === undefined ? capture.file : capture.fileOf(query.beside)
    const ids =
      query.ids ??
      capture.ids().filter((id) => !isListenerId(id) && !isBenchId(id) && capture.fileOf(id) === file)
    let first = Infinity
    let last = 0
    const extents: (Extent | null)[] = []
    for (const id of ids) {
      const extent = await this.#extentOf(id)
      if (!extent.ok) return extent
      if (extent.value !== null) {
        first = Math.min(first, extent.value.firstNanos)
        last = Math.max(last, extent.value.lastNanos)
      }
      extents.push(extent.value)
      if (!(await turns.next())) return CANCELLED
    }
    const fromNanos = query.fromNanos ?? (first === Infinity ? 0 : first)
    const toNanos = Math.max(fromNanos + 1, query.toNanos ?? last + 1)
    const edges = Array.from({ length: parts + 1 }, (_, n) =>
      n === parts ? toNanos : fromNanos + Math.floor(((toNanos - fromNanos) / parts) * n),
    )
    const values = new Float64Array((isApart ? ids.length : 1) * parts * PART_FLOATS)
    for (const [n, id] of ids.entries()) {
      const extent = extents[n] ?? null
      if (extent === null || extent.lastNanos < fromNanos || extent.firstNanos >= toNanos) continue
      const series = values.subarray(isApart ? n * parts * PART_FLOATS : 0)
      const part = partOf(edges, extent.firstNanos)
      if (part >= 0 && part === partOf(edges, extent.lastNanos)) addWhole(series, part, extent)
      else {
        const totals = await this.#capture.totalsBefore(id, edges)
        if (!totals.ok) return totals
        addTotals(series, totals.value)
      }
      if (!(await turns.next())) return CANCELLED
    }
    return { ok: true, value: { fromNanos, toNanos, parts, values } }
  }

  async #extentOf(id: SocketId): Promise<Reply<Extent | null>> {
    const size = this.#capture.size(id)
    if (size.rows === 0) {
      // Of a socket that nobody knows this tells the fault.
      const known = await this.#capture.rowAtTime(id, 0)
      return known.ok ? { ok: true, value: null } : known
    }
    const known = this.#extents.get(id)
    if (known?.rows === size.rows) return { ok: true, value: known }
    const begin = known?.firstNanos ?? (await this.#timeOf(id, 0))
    const extent = { ...size, firstNanos: begin, lastNanos: await this.#timeOf(id, size.rows - 1) }
    this.#extents.set(id, extent)
    return { ok: true, value: extent }
  }

  async #timeOf(id: SocketId, row: number): Promise<number> {
    const record = await this.#capture.records(id, row, 1)
    return record.length < RECORD_FLOATS ? 0 : (record[ROW.atNanos] as number)
  }
}

/** The part in which a moment lies; -1 if in none. */
export function partOf(edges: readonly number[], atNanos: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edges[middle] as number) <= atNanos) low = middle + 1
    else high = middle
  }
  return low === edges.length ? -1 : low - 1
}

function addWhole(series: Float64Array, part: number, { rows, inBytes, outBytes }: Extent): void {
  const at = part * PART_FLOATS
  series[at + PART.inBytes] = (series[at + PART.inBytes] as number) + inBytes
  series[at + PART.outBytes] = (series[at + PART.outBytes] as number) + outBytes
  series[at + PART.rows] = (series[at + PART.rows] as number) + rows
}

/** @param totals before each edge */
function addTotals(series: Float64Array, totals: Float64Array): void {
  const parts = totals.length / TOTAL_FLOATS - 1
  for (let part = 0; part < parts; part++) {
    const at = part * PART_FLOATS
    const before = part * TOTAL_FLOATS
    const moved = (field: number): number =>
      (totals[before + TOTAL_FLOATS + field] as number) - (totals[before + field] as number)
    series[at + PART.inBytes] = (series[at + PART.inBytes] as number) + moved(TOTAL.inBytes)
    series[at + PART.outBytes] = (series[at + PART.outBytes] as number) + moved(TOTAL.outBytes)
    series[at + PART.rows] = (series[at + PART.rows] as number) + moved(TOTAL.rows)
  }
}
