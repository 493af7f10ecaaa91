import { MAX_ROWS_A_READ } from '../../../shared/contract/limits'
import { endOf, type Line, type LadderArrow } from '../../../shared/ladder/model'
import { FaultError, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { type CaptureSize, type Direction, type Row } from '../../../shared/model/record'
import { type Piece } from '../../../shared/ladder/carry'
import { entriesOf } from '../../capture/entries'
import { type CaptureReader } from '../../capture/types'
import { readMerged } from '../merging'

export type LadderSource = Pick<
  CaptureReader,
  'ids' | 'fileOf' | 'size' | 'read' | 'records' | 'rowAtTime' | 'rowAtOffset'
>

/** One end as the question names it. */
export interface AskedEnd {
  readonly id: SocketId
  readonly other: SocketId | null
}

/** A row of a record whose rank is not known yet. */
export interface Spot {
  readonly row: number
  readonly atNanos: number
}

export interface RawArrow extends Omit<LadderArrow, 'sent' | 'received'> {
  readonly sent: Spot | null
  readonly received: Spot | null
}

/** Where a row lies: before the strip, in it, or after it. */
export type Side = -1 | 0 | 1

/** Some consecutive rows of all sockets of a ladder, and what is asked of their records around them. */
export class Strip {
  readonly source: LadderSource
  readonly ends: readonly AskedEnd[]
  /** Rank of the first row. */
  readonly from: number
  readonly rows: readonly Row[]
  readonly owners: readonly number[]
  readonly total: number
  /** Of each end, its first row here, and the one after its last. */
  readonly starts: readonly number[]
  readonly stops: readonly number[]
  /** How much there was of each when this began: what comes meanwhile is for the next time. */
  readonly sizes: readonly CaptureSize[]

  private constructor(
    source: LadderSource,
    ends: readonly AskedEnd[],
    sizes: readonly CaptureSize[],
    from: number,
    merged: Awaited<ReturnType<typeof readMerged>> & { ok: true },
  ) {
    const { rows, owners, total, starts } = merged.value
    this.source = source
    this.ends = ends
    this.sizes = sizes
    this.from = from
    this.rows = rows
    this.owners = owners
    this.total = total
    this.starts = starts
    const stops = [...starts]
    for (const owner of owners) stops[owner] = (stops[owner] ?? 0) + 1
    this.stops = stops
  }

  /** Throws a FaultError. */
  static async read(
    source: LadderSource,
    ends: readonly AskedEnd[],
    from: number,
    to: number,
  ): Promise<Strip> {
    const sizes = ends.map(({ id }) => source.size(id))
    const ids = ends.map(({ id }) => id)
    const merged = await readMerged(source, ids, from, Math.min(to, from + MAX_ROWS_A_READ))
    if (!merged.ok) throw new FaultError(merged.fault)
    return new Strip(source, ends, sizes, from, merged)
  }

  idOf(end: number): SocketId {
    return this.ends[end]?.id ?? 'C1'
  }

  sizeOf(end: number): CaptureSize {
    return this.sizes[end] ?? { rows: 0, inBytes: 0, outBytes: 0 }
  }

  /** The place of another end; -1 where it is not in the ladder. */
  otherOf(end: number): number {
    const other = this.ends[end]?.other ?? null
    return other === null ? -1 : this.ends.findIndex(({ id }) => id === other)
  }

  startOf(end: number): number {
    return this.starts[end] ?? 0
  }

  stopOf(end: number): number {
    return this.stops[end] ?? 0
  }

  sideOf(line: Line, { row }: Spot): Side {
    const end = endOf(line)
    return row < this.startOf(end) ? -1 : row < this.stopOf(end) ? 0 : 1
  }

  /** Whether an arrow has an end here, or passes through. */
  touches({ from, to, sent, received }: RawArrow): boolean {
    const began = sent === null ? null : this.sideOf(from, sent)
    const ended = received === null ? null : this.sideOf(to, received)
    return began === 0 || ended === 0 || (began === -1 && ended === 1)
  }

  /** Bytes of a direction that come before a row. */
  async bytesBefore(end: number, row: number, direction: Direction): Promise<number> {
    const size = this.sizeOf(end)
    const total = direction === 'in' ? size.inBytes : size.outBytes
    if (row >= size.rows) return total
    const [entry] = entriesOf(await this.source.records(this.idOf(end), row, 1), row)
    if (entry === undefined) return total
    return entry.direction === direction ? entry.offset : entry.combinedOffset - entry.offset
  }

  /** The row of an end that holds a byte; the number of its rows where there is none. */
  async rowAt(end: number, direction: Direction, offset: number): Promise<number> {
    const size = this.sizeOf(end)
    if (offset >= (direction === 'in' ? size.inBytes : size.outBytes)) return size.rows
    return must(await this.source.rowAtOffset(this.idOf(end), direction, offset))
  }

  /** What the reads or writes among some rows of an end carried. @param ranges of rows, which may overlap */
  async pieces(
    end: number,
    direction: Direction,
    ranges: readonly (readonly [from: number, to: number])[],
  ): Promise<readonly Piece[]> {
    const found: Piece[] = []
    let done = 0
    for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
      const first = Math.max(from, done)
      const most = Math.min(to, this.sizeOf(end).rows) - first
      if (most <= 0) continue
      done = first + most
      for (const entry of entriesOf(await this.source.records(this.idOf(end), first, most), first)) {
        const { row, atNanos, offset, lengthBytes } = entry
        if (entry.isData && entry.direction === direction && lengthBytes > 0)
          found.push({ row, atNanos, offset, lengthBytes })
      }
    }
    return found
  }
}

export function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value
}
