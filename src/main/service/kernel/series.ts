import { type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { SPREAD, SPREAD_FLOATS, type KernelSample, type KernelSeries } from '../../../shared/model/kernel'
import { type KernelField } from '../../../shared/model/kernelFields'
import { MAX_SAMPLE_BLOCKS_A_READ, unpackSamples } from '../../capture/samples'
import { type CaptureReader } from '../../capture/types'
import { type Asked, Askers, CANCELLED, type Turns } from '../turns'

export interface SeriesQuery extends Asked {
  readonly id: SocketId
  readonly fields: readonly KernelField[]
  readonly fromNanos: number
  readonly toNanos: number
  readonly parts: number
}

export interface SampleSource {
  readonly capture: Pick<CaptureReader, 'sampleBlocks' | 'sampleBlocksBefore' | 'readSamples'>
  /** Samples that are not in the capture yet. */
  readonly pending: (id: SocketId) => readonly KernelSample[]
}

/** Reads samples back, folded into parts: of a long record no more is held than the answer and some blocks. */
export class SeriesReader {
  readonly #source: SampleSource
  readonly #askers = new Askers()

  constructor(source: SampleSource) {
    this.#source = source
  }

  read(query: SeriesQuery): Promise<Reply<KernelSeries>> {
    return this.#askers.answer(query, (turns) => this.#fold(query, turns))
  }

  /** Ends what an asker has asked, if it is not answered yet. */
  cancel(asker: string): void {
    this.#askers.cancel(asker)
  }

  async #fold(query: SeriesQuery, turns: Turns): Promise<Reply<KernelSeries>> {
    const { id, fromNanos, toNanos, parts } = query
    const fold = new Fold(query)
    for await (const read of samplesIn(this.#source, id, fromNanos, toNanos)) {
      if (!read.ok) return read
      for (const sample of read.value) fold.take(sample)
      if (!(await turns.next())) return CANCELLED
    }
    return { ok: true, value: { fromNanos, toNanos, parts, count: fold.count, values: fold.values } }
  }
}

/** A socket's samples of a span, block by block, with some before and after it; then what is not in the capture yet. */
export async function* samplesIn(
  { capture, pending }: SampleSource,
  id: SocketId,
  fromNanos: number,
  toNanos: number,
): AsyncGenerator<Reply<readonly KernelSample[]>> {
  // Taken now: what is written meanwhile must not be told twice, or not at all.
  const waiting = pending(id).slice()
  const blocks = capture.sampleBlocks(id)
  if (blocks > 0) {
    const before = await capture.sampleBlocksBefore(id, fromNanos)
    if (!before.ok) return yield before
    for (let block = before.value; block < blocks; block += MAX_SAMPLE_BLOCKS_A_READ) {
      const read = await capture.readSamples(id, block, Math.min(blocks, block + MAX_SAMPLE_BLOCKS_A_READ))
      if (!read.ok) return yield read
      for (const each of read.value) {
        if ((each.atNanos[0] ?? 0) >= toNanos) return yield { ok: true, value: waiting }
        yield { ok: true, value: unpackSamples(each) }
      }
    }
  }
  yield { ok: true, value: waiting }
}

class Fold {
  count = 0
  readonly values: Float64Array
  readonly #query: SeriesQuery

  constructor(query: SeriesQuery) {
    this.#query = query
    this.values = new Float64Array(query.fields.length * query.parts * SPREAD_FLOATS).fill(NaN)
  }

  take({ atNanos, values: told }: KernelSample): void {
    const { fields, fromNanos, toNanos, parts } = this.#query
    if (atNanos < fromNanos || atNanos >= toNanos) return
    this.count++
    const part = Math.min(parts - 1, Math.floor(((atNanos - fromNanos) * parts) / (toNanos - fromNanos)))
    const { values } = this
    for (const [n, field] of fields.entries()) {
      const value = told[field]
      if (value === undefined) continue
      const at = (n * parts + part) * SPREAD_FLOATS
      const { min, max, last } = SPREAD
      if (!((values[at + min] as number) <= value)) values[at + min] = value
      if (!((values[at + max] as number) >= value)) values[at + max] = value
      values[at + last] = value
    }
  }
}
