import { computed, type ComputedRef, type Ref } from 'vue'
import type { DataRow, Row } from '@shared/model/record'
import { formatCount } from '@shared/model/units'
import type { Encoding } from '@shared/wire/encodings'
import { previewOf } from '../format/row'
import type { Preview } from '../stores/settings'
import type { Folds } from './useFolds'
import type { RowsInSight } from './useRows'
import type { VirtualRows } from './useVirtualRows'

/** A row as it is drawn: one line, or where its chunk is unfolded several. */
export interface Line {
  /** Its row's place in the grid. */
  readonly row: number
  readonly found: Row | undefined
  readonly before: Row | undefined
  /** How many lines of the grid it takes, as far as they are in sight. */
  readonly height: number
  readonly unfolded: Unfolded | null
}
/** Of a chunk that is unfolded, what is in sight. */
interface Unfolded {
  readonly text: string
  /** What the line below the text says; null where that is not in sight. */
  readonly rest: string | null
  readonly canMore: boolean
}

/** The lines of a conversation that are in sight. */
export function useConversationLines(options: {
  readonly rows: RowsInSight
  readonly folds: Folds
  readonly view: VirtualRows
  /** Characters that fit into the payload's column. */
  readonly room: () => number
  readonly preview: Readonly<Ref<Preview>>
  readonly encoding: () => Encoding
  readonly follow: Ref<boolean>
}): {
  readonly lines: ComputedRef<readonly Line[]>
  /** Whether a chunk is one that a single line does not hold. */
  readonly isLong: (found: Row) => found is DataRow
  readonly unfold: (row: number) => Promise<void>
  readonly fold: (row: number) => void
} {
  const { rows, folds, view, room, preview, encoding, follow } = options

  const lines = computed<readonly Line[]>(() => {
    // Rows live outside of Vue's sight; the version says that they changed.
    void rows.version.value
    const map = folds.map.value
    const shown: Line[] = []
    const end = view.first.value + view.count.value
    for (let line = view.first.value; line < end;) {
      const { row, sub } = map.placeOf(line)
      const height = Math.min(end, map.lineOf(row + 1)) - line
      const before = row > 0 ? rows.rowAt(row - 1) : undefined
      shown.push({ row, found: rows.rowAt(row), before, height, unfolded: unfoldedAt(row, sub, height) })
      line += height
    }
    return shown
  })

  function unfoldedAt(row: number, sub: number, height: number): Unfolded | null {
    const of = folds.at(row)
    if (of === undefined) return null
    const isRestInSight = of.restBytes > 0 && sub + height > of.lines.length
    return {
      text: of.lines.slice(sub, sub + height).join('\n'),
      rest: isRestInSight ? `${formatCount(of.restBytes)} B more` : null,
      canMore: of.canMore,
    }
  }

  function isLong(found: Row): found is DataRow {
    if (found.kind !== 'data' || found.lengthBytes === 0) return false
    if (preview.value === 'hex') return found.lengthBytes * 3 > room()
    const lineFeed = found.head.indexOf(0x0a)
    return (
      (lineFeed >= 0 && lineFeed < found.lengthBytes - 1) ||
      previewOf(found, 'text', room(), encoding()).length > room()
    )
  }

  async function unfold(row: number): Promise<void> {
    const found = rows.rowAt(row)
    if (found === undefined || !isLong(found)) return
    // What one reads must not move away.
    follow.value = false
    await folds.unfold(found, row)
  }

  function fold(row: number): void {
    folds.fold(row)
    view.reveal(folds.map.value.lineOf(row))
  }

  return { lines, isLong, unfold, fold }
}
