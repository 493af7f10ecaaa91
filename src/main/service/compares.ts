import {
  DIFFERENCE_FLOATS,
  type ComparedRange,
  type ComparedSide,
  type CompareStatus,
} from '../../shared/model/compare'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type CompareTold } from '../capture/compare/messages'
import { type CaptureReader } from '../capture/types'
import { type Scan, type Scans } from './scans'

/** What is kept of each is small, but a window asks for one at a time. */
const MAX_COMPARES = 8

export interface ComparesOptions {
  readonly scans: Scans
  readonly capture: Pick<CaptureReader, 'ids' | 'size'>
  readonly onProgress: (status: CompareStatus) => void
}

/** The comparisons that are under way, or whose differences are still asked for. */
export class Compares {
  readonly #options: ComparesOptions
  readonly #open = new Map<number, Compare>()
  #last = 0

  constructor(options: ComparesOptions) {
    this.#options = options
  }

  /** Begins to compare what is recorded of both sides by now. The number answered names the comparison. */
  begin(
    a: ComparedSide,
    b: ComparedSide,
  ): Reply<{ readonly compare: number; readonly a: ComparedRange; readonly b: ComparedRange }> {
    const rangeA = this.#rangeOf('A', a)
    if (!rangeA.ok) return rangeA
    const rangeB = this.#rangeOf('B', b)
    if (!rangeB.ok) return rangeB
    if (this.#open.size >= MAX_COMPARES) {
      return { ok: false, fault: fault('SB_STATE', `${MAX_COMPARES} comparisons are open already.`) }
    }
    const number = ++this.#last
    const compare = new Compare(number, rangeA.value, rangeB.value, this.#options.onProgress)
    const ids = [...new Set([a.id, b.id])]
    const began = this.#options.scans.begin({
      ids,
      task: {
        kind: 'compare',
        a: { socket: ids.indexOf(a.id), stream: a.stream, range: rangeA.value },
        b: { socket: ids.indexOf(b.id), stream: b.stream, range: rangeB.value },
      },
      onTold: (told) => compare.take(told),
      onFailed: (of) => compare.fail(of),
    })
    if (!began.ok) return began
    compare.scan = began.value
    this.#open.set(number, compare)
    return { ok: true, value: { compare: number, a: rangeA.value, b: rangeB.value } }
  }

  /** Differences `from` to `to` of those kept, DIFFERENCE_FLOATS floats each, in order. */
  regions(compare: number, from: number, to: number): Reply<Float64Array> {
    const found = this.#open.get(compare)
    if (found === undefined)
      return { ok: false, fault: fault('SB_UNKNOWN', `There is no comparison ${compare}.`) }
    return { ok: true, value: found.floats(from, to) }
  }

  /** Ends a comparison, wherever it is. One that has ended already is fine. */
  async end(compare: number): Promise<void> {
    const found = this.#open.get(compare)
    this.#open.delete(compare)
    await found?.scan?.end()
  }

  #rangeOf(name: string, { id, stream, from, to }: ComparedSide): Reply<ComparedRange> {
    const { capture } = this.#options
    if (!capture.ids().includes(id))
      return { ok: false, fault: fault('SB_UNKNOWN', `Nothing is recorded of ${id}.`) }
    const { inBytes, outBytes } = capture.size(id)
    const all = (stream === 'out' ? 0 : inBytes) + (stream === 'in' ? 0 : outBytes)
    const range = { from: from ?? 0, to: to ?? all }
    if (range.from <= range.to && range.to <= all) return { ok: true, value: range }
    return {
      ok: false,
      fault: fault('SB_INPUT', `${name} has no bytes ${range.from} to ${range.to}: it holds ${all}.`, {
        hint: 'Offsets count from 0; the second is where the range ends, and not part of it.',
      }),
    }
  }
}

/** One comparison: keeps what its thread finds. */
class Compare {
  scan: Scan<'compare'> | null = null
  readonly #number: number
  readonly #totalBytes: number
  readonly #onProgress: (status: CompareStatus) => void
  #floats: number[] = []
  #told: Omit<CompareTold, 'found'> = { differences: 0, comparedBytes: 0, isDone: false }

  constructor(
    number: number,
    a: ComparedRange,
    b: ComparedRange,
    onProgress: (status: CompareStatus) => void,
  ) {
    this.#number = number
    this.#totalBytes = a.to - a.from + b.to - b.from
    this.#onProgress = onProgress
  }

  floats(from: number, to: number): Float64Array {
    return Float64Array.from(this.#floats.slice(from * DIFFERENCE_FLOATS, to * DIFFERENCE_FLOATS))
  }

  take({ found, ...told }: CompareTold): void {
    if (this.#told.isDone) return
    for (const each of found) this.#floats.push(each)
    this.#told = told
    this.#tell()
    // What was recorded when it began has been compared: its thread is free.
    if (told.isDone) void this.scan?.end()
  }

  fail(of: Fault): void {
    this.#told = { ...this.#told, isDone: true }
    this.#tell(of)
  }

  #tell(of?: Fault): void {
    this.#onProgress({
      compare: this.#number,
      comparedBytes: this.#told.comparedBytes,
      totalBytes: this.#totalBytes,
      differences: this.#told.differences,
      kept: this.#floats.length / DIFFERENCE_FLOATS,
      isDone: this.#told.isDone,
      ...(of !== undefined && { fault: of }),
    })
  }
}
