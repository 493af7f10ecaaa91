import { MAX_ROWS_A_READ } from '../../shared/contract/limits'
import { fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type Row } from '../../shared/model/record'
import { RECORD_FLOATS } from '../capture/indexLog'
import { ROW } from '../capture/rows'
import { type CaptureReader } from '../capture/types'

/** Rows of a socket that are looked at together once the search has come so near. */
const NEAR_ROWS = 1024

export interface MergedRows {
  readonly rows: readonly Row[]
  /** For each row the place of its socket among those asked for. */
  readonly owners: readonly number[]
  /** Rows of all of them together. */
  readonly total: number
  /** Of each socket, how many of its rows come before these. */
  readonly starts: readonly number[]
}

type Source = Pick<CaptureReader, 'fileOf' | 'size' | 'read' | 'records' | 'rowAtTime'>

/**
 * Rows `from` to `to` of several sockets on one time axis: in the order of their times, of the same time in the order of the
 * sockets asked for, then of their rows. At most MAX_ROWS_A_READ. No index of its own: where a row stands is found by halving
 * the time, with the count of each socket's rows before it.
 */
export async function readMerged(
  source: Source,
  ids: readonly SocketId[],
  from: number,
  to: number,
): Promise<Reply<MergedRows>> {
  if (new Set(ids).size !== ids.length)
    return { ok: false, fault: fault('SB_INPUT', 'A socket is named twice.') }
  const other = ids.find((id) => source.fileOf(id) !== source.fileOf(ids[0] as SocketId))
  if (other !== undefined) {
    return {
      ok: false,
      fault: fault(
        'SB_INPUT',
        `${other} is of another recording than ${ids[0]}: they have no clock in common.`,
      ),
    }
  }
  // As they are now: what comes in between is for the next read.
  const sizes = ids.map((id) => source.size(id).rows)
  const total = sizes.reduce((sum, rows) => sum + rows, 0)
  const end = Math.min(total, to, from + MAX_ROWS_A_READ)
  if (from >= end) {
    // Tells of a socket that nobody knows.
    for (const id of ids) {
      const known = await source.rowAtTime(id, 0)
      if (!known.ok) return known
    }
    return { ok: true, value: { rows: [], owners: [], total, starts: sizes } }
  }
  const starts = await positionsAt(source, ids, sizes, from)
  if (!starts.ok) return starts
  const owners = await ownersFrom(source, ids, sizes, starts.value, end - from)
  const read = await Promise.all(
    ids.map((id, n) => {
      const first = starts.value[n] as number
      const count = owners.reduce((sum, owner) => sum + (owner === n ? 1 : 0), 0)
      return count === 0 ? Promise.resolve(NO_ROWS) : source.read(id, first, first + count)
    }),
  )
  const next = ids.map(() => 0)
  const rows: Row[] = []
  for (const owner of owners) {
    const reply = read[owner] as Reply<readonly Row[]>
    if (!reply.ok) return reply
    const at = next[owner] as number
    const row = reply.value[at]
    if (row === undefined) break
    next[owner] = at + 1
    rows.push(row)
  }
  return {
    ok: true,
    value: { rows, owners: owners.slice(0, rows.length), total, starts: starts.value },
  }
}

/** Where a row of one socket stands among the rows of all of them. */
export async function rankOf(
  source: Source,
  ids: readonly SocketId[],
  id: SocketId,
  row: number,
): Promise<Reply<number>> {
  const at = ids.indexOf(id)
  const record = await source.records(id, row, 1)
  if (at < 0 || record.length < RECORD_FLOATS)
    return { ok: false, fault: fault('SB_UNKNOWN', `${id} has no row ${row} here.`) }
  const atNanos = record[ROW.atNanos] as number
  let rank = row
  for (const [n, other] of ids.entries()) {
    if (n === at) continue
    const before = await source.rowAtTime(other, n < at ? atNanos + 1 : atNanos)
    if (!before.ok) return before
    rank += before.value
  }
  return { ok: true, value: rank }
}

const NO_ROWS: Reply<readonly Row[]> = { ok: true, value: [] }

/** Of each socket, how many of its rows come before a row of all. */
async function positionsAt(
  source: Source,
  ids: readonly SocketId[],
  sizes: readonly number[],
  rank: number,
): Promise<Reply<readonly number[]>> {
  if (rank === 0) return { ok: true, value: ids.map(() => 0) }
  const windows = ids.map((id, n) => new Window(source, id, sizes[n] as number))
  let low = 0
  let high = 1
  for (const window of windows) high = Math.max(high, (await window.lastNanos()) + 1)
  // The latest moment before which no more rows than that came: the row that is looked for was recorded then.
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    const counts = await countsAt(windows, middle)
    if (!counts.ok) return counts
    const isAfter = sum(counts.value) > rank
    for (const [n, window] of windows.entries()) window.narrow(counts.value[n] as number, isAfter)
    if (isAfter) high = middle - 1
    else low = middle
  }
  const before = await countsAt(windows, low)
  if (!before.ok) return before
  const until = await countsAt(windows, low + 1)
  if (!until.ok) return until
  let rest = rank - sum(before.value)
  return {
    ok: true,
    value: before.value.map((count, n) => {
      const same = Math.min(rest, (until.value[n] as number) - count)
      rest -= same
      return count + same
    }),
  }
}

async function countsAt(windows: readonly Window[], atNanos: number): Promise<Reply<readonly number[]>> {
  const counts: number[] = []
  for (const window of windows) {
    const count = await window.countBefore(atNanos)
    if (!count.ok) return count
    counts.push(count.value)
  }
  return { ok: true, value: counts }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

/** Whose row each of the next so many is. */
async function ownersFrom(
  source: Source,
  ids: readonly SocketId[],
  sizes: readonly number[],
  starts: readonly number[],
  count: number,
): Promise<readonly number[]> {
  const records = await Promise.all(
    ids.map((id, n) => {
      const first = starts[n] as number
      return source.records(id, first, Math.min(count, (sizes[n] as number) - first))
    }),
  )
  const next = ids.map(() => 0)
  const owners: number[] = []
  while (owners.length < count) {
    let owner = -1
    let earliest = Infinity
    for (const [n, each] of records.entries()) {
      const atNanos = each[(next[n] as number) * RECORD_FLOATS + ROW.atNanos]
      if (atNanos === undefined || atNanos >= earliest) continue
      earliest = atNanos
      owner = n
    }
    if (owner < 0) break
    next[owner] = (next[owner] as number) + 1
    owners.push(owner)
  }
  return owners
}

/** The rows of one socket among which the search still is. */
class Window {
  readonly #source: Source
  readonly #id: SocketId
  readonly #size: number
  #low = 0
  #high: number
  #records: Float64Array | null = null
  #recordsFrom = 0

  constructor(source: Source, id: SocketId, size: number) {
    this.#source = source
    this.#id = id
    this.#size = size
    this.#high = size
  }

  async lastNanos(): Promise<number> {
    if (this.#size === 0) return 0
    const record = await this.#source.records(this.#id, this.#size - 1, 1)
    return record[ROW.atNanos] ?? 0
  }

  /** What is before the moment, or after it, is not looked at any more. */
  narrow(count: number, isAfter: boolean): void {
    if (isAfter) this.#high = Math.min(this.#size, Math.max(count, this.#low))
    else this.#low = count
  }

  async countBefore(atNanos: number): Promise<Reply<number>> {
    if (this.#size === 0) return this.#source.rowAtTime(this.#id, 0)
    if (this.#high - this.#low > NEAR_ROWS) {
      const row = await this.#source.rowAtTime(this.#id, atNanos)
      return row.ok ? { ok: true, value: Math.min(row.value, this.#size) } : row
    }
    this.#records ??= await this.#near()
    let low = this.#recordsFrom
    let high = low + this.#records.length / RECORD_FLOATS
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = (middle - this.#recordsFrom) * RECORD_FLOATS + ROW.atNanos
      if ((this.#records[at] as number) < atNanos) low = middle + 1
      else high = middle
    }
    return { ok: true, value: low }
  }

  /** All that can still be asked about, and the rows of the same time after it. */
  async #near(): Promise<Float64Array> {
    this.#recordsFrom = this.#low
    return this.#source.records(this.#id, this.#low, this.#high - this.#low + 1)
  }
}
