import { MAX_ROWS_A_READ } from '../../../shared/contract/limits'
import { packRows } from '../../../shared/contract/packedRows'
import {
  type LadderAck,
  type LadderArrow,
  type LadderCast,
  type LadderPage,
  type LadderSpan,
} from '../../../shared/ladder/model'
import { type Endpoint } from '../../../shared/model/endpoint'
import { fault, FaultError, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { MAX_NANOS } from '../../../shared/model/record'
import { RECORD_FLOATS } from '../../capture/indexLog'
import { ROW } from '../../capture/rows'
import { acksIn, type AckSource } from './acks'
import { Casting } from './casting'
import { datagramArrows } from './datagramArrows'
import { eventArrows } from './handshakes'
import { MilestoneFinder, type Milestones } from './milestones'
import { Ranks } from './ranks'
import { spansOf, type RawSpan } from './spans'
import { inKernelAfter, levelArrows, streamArrows } from './streams'
import { must, Strip, type AskedEnd, type LadderSource, type RawArrow } from './strip'

/** A part of a ladder: rows by their ranks, or those of a time. `from` inclusive, `to` exclusive. */
export interface LadderQuestion {
  readonly ends: readonly AskedEnd[]
  readonly by: 'rank' | 'time'
  readonly from: number
  readonly to: number
}

/** Reads ladders out of records: who is in one, and any part of it. Nothing is kept but what cannot change. */
export class Ladders {
  readonly #source: LadderSource
  readonly #casting: Casting
  readonly #milestones: MilestoneFinder
  readonly #acks: AckSource

  /** @param acks what the kernel told */
  constructor(source: LadderSource, acks: AckSource) {
    this.#source = source
    this.#casting = new Casting(source)
    this.#milestones = new MilestoneFinder(source)
    this.#acks = acks
  }

  cast(ids: readonly SocketId[]): Promise<Reply<LadderCast>> {
    return this.#casting.cast(ids)
  }

  async read(question: LadderQuestion): Promise<Reply<LadderPage>> {
    try {
      return { ok: true, value: await this.#page(question) }
    } catch (error) {
      if (error instanceof FaultError) return { ok: false, fault: error.fault }
      throw error
    }
  }

  async #page({ ends, by, from, to }: LadderQuestion): Promise<LadderPage> {
    if (from > to) throw new FaultError(fault('SB_INPUT', `The range runs backwards: from ${from} to ${to}.`))
    const first = by === 'rank' ? from : await this.#rankAt(ends, from)
    const last = by === 'rank' ? to : await this.#rankAt(ends, to)
    const isCrowded = by === 'time' && last - first > MAX_ROWS_A_READ
    const strip = await Strip.read(this.#source, ends, first, isCrowded ? first : last)
    const milestones: Milestones[] = []
    const bound: (Endpoint | null)[] = []
    for (const { id } of ends) {
      milestones.push(await this.#milestones.of(id))
      bound.push(await this.#casting.boundAt(id))
    }
    const arrows = isCrowded ? [] : await arrowsOf(strip, milestones, bound)
    const spans = isCrowded ? [] : await allSpans(strip, milestones)
    const placed = await placedOf(strip, arrows, spans)
    const { firstNanos, lastNanos } = await this.#extent(ends)
    return {
      from: first,
      rows: packRows(strip.rows),
      owners: Uint8Array.from(strip.owners),
      inKernel: await inKernelAfter(strip),
      ...placed,
      acks: isCrowded ? [] : await this.#acksOf(strip, milestones),
      count: Math.max(0, Math.min(last, strip.total) - first),
      total: strip.total,
      firstNanos,
      lastNanos,
    }
  }

  /** How many rows of all of them were recorded before a moment. */
  async #rankAt(ends: readonly AskedEnd[], atNanos: number): Promise<number> {
    let rank = 0
    for (const { id } of ends) rank += must(await this.#source.rowAtTime(id, atNanos))
    return rank
  }

  async #extent(ends: readonly AskedEnd[]): Promise<Pick<LadderPage, 'firstNanos' | 'lastNanos'>> {
    let firstNanos = Infinity
    let lastNanos = 0
    for (const { id } of ends) {
      const { rows } = this.#source.size(id)
      if (rows === 0) continue
      firstNanos = Math.min(firstNanos, await this.#timeOf(id, 0))
      lastNanos = Math.max(lastNanos, await this.#timeOf(id, rows - 1))
    }
    return { firstNanos: firstNanos === Infinity ? 0 : firstNanos, lastNanos }
  }

  async #timeOf(id: SocketId, row: number): Promise<number> {
    const record = await this.#source.records(id, row, 1)
    return record.length < RECORD_FLOATS ? 0 : (record[ROW.atNanos] as number)
  }

  /** From what came just before these rows to what comes just after them. */
  async #acksOf(strip: Strip, milestones: readonly Milestones[]): Promise<readonly LadderAck[]> {
    const [first, last] = [strip.rows[0], strip.rows.at(-1)]
    if (first === undefined || last === undefined) return []
    const isLast = strip.from + strip.rows.length >= strip.total
    const found: LadderAck[] = []
    for (const [line, { id }] of strip.ends.entries()) {
      const opened = milestones[line]?.opened?.event
      const isDialled = opened?.what === 'opened' && opened.by === 'local'
      const until = isLast ? MAX_NANOS : last.atNanos + 1
      const acks = await acksIn(this.#acks, id, first.atNanos, until, isDialled)
      found.push(...acks.map((each) => ({ ...each, line })))
    }
    return found
  }
}

async function arrowsOf(
  strip: Strip,
  milestones: readonly Milestones[],
  bound: readonly (Endpoint | null)[],
): Promise<readonly RawArrow[]> {
  const arrows = [...eventArrows(strip, milestones), ...levelArrows(strip, (end) => strip.otherOf(end) < 0)]
  for (const end of strip.ends.keys()) {
    const other = strip.otherOf(end)
    if (other < 0) continue
    arrows.push(...(await streamArrows(strip, end, other, milestones[other]?.ended !== null)))
  }
  arrows.push(...(await datagramArrows(strip, bound, milestones)))
  return arrows
}

async function allSpans(strip: Strip, milestones: readonly Milestones[]): Promise<readonly RawSpan[]> {
  const spans: RawSpan[] = []
  for (const end of strip.ends.keys()) spans.push(...(await spansOf(strip, end, milestones[end])))
  return spans
}

/** With the ranks of all their rows, so that they can be drawn at even distances. */
async function placedOf(
  strip: Strip,
  arrows: readonly RawArrow[],
  spans: readonly RawSpan[],
): Promise<{ readonly arrows: readonly LadderArrow[]; readonly spans: readonly LadderSpan[] }> {
  const ranks = new Ranks(strip)
  for (const { from, to, sent, received } of arrows) {
    ranks.want(from, sent)
    ranks.want(to, received)
  }
  for (const { line, from, to } of spans) {
    ranks.want(line, from)
    ranks.want(line, to)
  }
  await ranks.find()
  return {
    arrows: arrows.map((each) => ({
      ...each,
      sent: ranks.at(each.from, each.sent),
      received: ranks.at(each.to, each.received),
    })),
    spans: spans.map((each) => ({
      ...each,
      from: ranks.at(each.line, each.from),
      to: ranks.at(each.line, each.to),
    })),
  }
}
