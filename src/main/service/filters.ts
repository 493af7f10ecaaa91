import { MAX_FILTERED_ROWS_A_READ } from '../../shared/contract/limits'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type FilterStatus } from '../../shared/model/filter'
import { type SocketId } from '../../shared/model/ids'
import { type Row } from '../../shared/model/record'
import { parseFilterLine } from '../../shared/wire/filterLine'
import { type CaptureReader } from '../capture/types'
import { type Scan, type Scans } from './scans'

export interface FiltersOptions {
  readonly scans: Scans
  readonly capture: Pick<CaptureReader, 'read'>
  /** Rows that carry a mark. */
  readonly markedRows: (id: SocketId) => readonly number[]
  readonly onProgress: (status: FilterStatus) => void
}

interface OpenFilter {
  readonly id: SocketId
  scan: Scan<'filter'> | null
}

/** Rows that lie so close together are read with those between. */
const NEAR_ROWS = 8

/** The filters that panes look through. */
export class Filters {
  readonly #options: FiltersOptions
  readonly #open = new Map<number, OpenFilter>()
  #last = 0

  constructor(options: FiltersOptions) {
    this.#options = options
  }

  /** Begins to tell one socket's rows apart. The number answered names the filter from now on. */
  begin(id: SocketId, line: string): Reply<{ readonly filter: number }> {
    const parsed = parseFilterLine(line)
    if (!parsed.ok) return refuse(`Character ${parsed.error.from + 1}: ${parsed.error.summary}`)
    if (parsed.filter === null) return refuse('A filter of nothing shows everything.')
    const filter = this.#last + 1
    const open: OpenFilter = { id, scan: null }
    const tell = (matching: number, lookedAt: number, of?: Fault): void =>
      this.#options.onProgress({
        filter,
        id,
        matching,
        lookedAt,
        isDone: of !== undefined || open.scan?.isDone === true,
        ...(of !== undefined && { fault: of }),
      })
    let [matching, lookedAt] = [0, 0]
    const began = this.#options.scans.begin({
      ids: [id],
      task: { kind: 'filter', filter: parsed.filter, marked: this.#options.markedRows(id) },
      onTold: (told) => {
        ;({ matching, lookedAt } = told)
        tell(matching, lookedAt)
      },
      onFailed: (of) => tell(matching, lookedAt, of),
      stuck: 'The filter’s expression has been at the same row',
    })
    if (!began.ok) return began
    open.scan = began.value
    this.#last = filter
    this.#open.set(filter, open)
    return { ok: true, value: { filter } }
  }

  /** Matching rows `from` to `to`, counted among themselves. */
  async rows(filter: number, from: number, to: number): Promise<Reply<readonly Row[]>> {
    const open = this.#open.get(filter)
    if (!open?.scan) return unknown(filter)
    const upTo = Math.min(to, from + MAX_FILTERED_ROWS_A_READ)
    const numbers = await open.scan.ask({ ask: 'rows', from, to: upTo })
    return numbers.ok ? this.#read(open.id, numbers.value) : numbers
  }

  /** How many matching rows come before a row, and whether it is one. */
  async rank(filter: number, row: number): Promise<Reply<{ readonly rank: number; readonly fits: boolean }>> {
    const open = this.#open.get(filter)
    if (!open?.scan) return unknown(filter)
    const found = await open.scan.ask({ ask: 'rank', row })
    if (!found.ok) return found
    const [rank = 0, fits = 0] = found.value
    return { ok: true, value: { rank, fits: fits === 1 } }
  }

  /** Ends a filter, wherever it is. One that has ended already is fine. */
  async end(filter: number): Promise<void> {
    const open = this.#open.get(filter)
    this.#open.delete(filter)
    await open?.scan?.end()
  }

  async #read(id: SocketId, numbers: Float64Array): Promise<Reply<readonly Row[]>> {
    const found: Row[] = []
    for (let at = 0; at < numbers.length;) {
      let end = at + 1
      while (end < numbers.length && number(numbers, end) - number(numbers, end - 1) <= NEAR_ROWS) {
        // One read answers so many rows.
        if (number(numbers, end) - number(numbers, at) >= MAX_FILTERED_ROWS_A_READ) break
        end++
      }
      const wanted = new Set(numbers.subarray(at, end))
      const reply = await this.#options.capture.read(id, number(numbers, at), number(numbers, end - 1) + 1)
      if (!reply.ok) return reply
      for (const row of reply.value) if (wanted.has(row.row)) found.push(row)
      at = end
    }
    return { ok: true, value: found }
  }
}

const number = (numbers: Float64Array, at: number): number => numbers[at] as number

function refuse(summary: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary) }
}

function unknown(filter: number): Reply<never> {
  return { ok: false, fault: fault('SB_UNKNOWN', `There is no filter ${filter}.`) }
}
