import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { DataRow } from '@shared/model/record'
import { decodeText } from '@shared/wire/decodeText'
import { schemes, type Encoding } from '@shared/wire/encodings'
import { call } from '../bridge/bridge'
import { contextOf } from '../format/row'
import { breakLines, hexLines, MAX_UNFOLDED_LINES } from '../format/unfold'
import type { Preview } from '../stores/settings'
import { FoldMap } from './foldMap'

/** What an unfolded chunk shows at first; each "more" shows eight times as much. */
const FIRST_BYTES = 4096
const MORE_TIMES = 8
/** Past this the one unfolded first folds again: what is held stays small. */
const MAX_FOLDS = 100

interface Fold {
  readonly data: DataRow
  readonly bytes: Uint8Array
}

/** An unfolded chunk as it lies in the grid. */
export interface UnfoldedLines {
  readonly lines: readonly string[]
  /** Bytes that are not shown yet; the line after the last tells of them. */
  readonly restBytes: number
  /** False where there are more lines than a list can show. */
  readonly canMore: boolean
}

export interface Folds {
  readonly map: ComputedRef<FoldMap>
  /** Lines that all unfolded rows take beyond their first. */
  readonly extraLines: ComputedRef<number>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  at(row: number): UnfoldedLines | undefined
  /** Unfolds, or where it is unfolded shows more. @param at where its row stands, if not at its own number */
  unfold(data: DataRow, at?: number): Promise<void>
  fold(row: number): void
}

/** The chunks of one socket that are shown in several lines, in the place of their row. */
export function useFolds(
  id: SocketId,
  room: () => number,
  preview: Readonly<ShallowRef<Preview>>,
  encoding: () => Encoding,
): Folds {
  const folds = shallowRef<ReadonlyMap<number, Fold>>(new Map())
  const fault = shallowRef<Fault | null>(null)
  const laid = computed(() => new Map([...folds.value].map(([row, fold]) => [row, layOut(fold)])))
  const extras = computed(() =>
    [...laid.value].map(([row, { lines, restBytes }]) => ({
      row,
      extra: Math.max(0, lines.length + (restBytes > 0 ? 1 : 0) - 1),
    })),
  )

  function layOut({ data, bytes }: Fold): UnfoldedLines {
    const isWhole = bytes.length >= data.lengthBytes
    const lines =
      preview.value === 'hex'
        ? hexLines(bytes, room())
        : breakLines(
            decodeText(schemes[encoding()], bytes, { ...contextOf(data), isWhole, mode: 'lines' }),
            room(),
          )
    const canMore = lines.length < MAX_UNFOLDED_LINES
    return { lines, restBytes: data.lengthBytes - bytes.length, canMore }
  }

  async function unfold(data: DataRow, at = data.row): Promise<void> {
    const shown = folds.value.get(at)?.bytes.length ?? 0
    if (shown >= data.lengthBytes && shown > 0) return
    if (laid.value.get(at)?.canMore === false) return
    const most = Math.min(data.lengthBytes, shown === 0 ? FIRST_BYTES : shown * MORE_TIMES)
    if (most <= data.head.length) return put(at, { data, bytes: data.head.subarray(0, most) })
    const { direction, offset } = data
    const reply = await call('capture.bytes', { id, stream: direction, from: offset, to: offset + most })
    fault.value = reply.ok ? null : reply.fault
    if (reply.ok) put(at, { data, bytes: reply.value.bytes })
  }

  function put(at: number, fold: Fold): void {
    const next = new Map(folds.value)
    next.set(at, fold)
    const [oldest] = next.keys()
    if (next.size > MAX_FOLDS && oldest !== undefined) next.delete(oldest)
    folds.value = next
  }

  return {
    map: computed(() => new FoldMap(extras.value)),
    extraLines: computed(() => extras.value.reduce((sum, { extra }) => sum + extra, 0)),
    fault,
    at: (row) => laid.value.get(row),
    unfold,
    fold(row) {
      if (!folds.value.has(row)) return
      const next = new Map(folds.value)
      next.delete(row)
      folds.value = next
    },
  }
}
