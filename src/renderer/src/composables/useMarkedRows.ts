import { computed, shallowRef, type ComputedRef, type Ref } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { Mark } from '@shared/model/mark'
import { useMarksStore } from '../stores/marks'
import { useProblemsStore } from '../stores/problems'
import { MARK_PARTS } from './useSearch'

export interface MarkedRows {
  /** Whether the bar of marks is open. */
  readonly isOpen: Ref<boolean>
  readonly byRow: ComputedRef<ReadonlyMap<number, Mark>>
  /** As many strokes beside the scroll bar as a search has. */
  readonly strokes: ComputedRef<readonly number[]>
  /** Marks a row, or takes its mark away. */
  toggle(row: number): Promise<void>
  /** The next marked row after one, or the one before it, and around the end; undefined without any. */
  stepFrom(row: number, by: 1 | -1): number | undefined
}

/** The marks of one socket's record. @param rows how many rows there are */
export function useMarkedRows(id: SocketId, rows: () => number): MarkedRows {
  const store = useMarksStore()
  void store.load(id)
  const isOpen = shallowRef(false)
  const byRow = computed(() => new Map((store.all.get(id) ?? []).map((each) => [each.row, each])))
  const strokes = computed(() => {
    const counts = new Array<number>(byRow.value.size === 0 ? 0 : MARK_PARTS).fill(0)
    for (const row of byRow.value.keys())
      counts[Math.min(MARK_PARTS - 1, Math.floor((row / Math.max(1, rows())) * MARK_PARTS))] = 1
    return counts
  })

  async function toggle(row: number): Promise<void> {
    const isMarked = byRow.value.has(row)
    if (!isMarked) isOpen.value = true
    const fault = isMarked ? await store.remove(id, row) : await store.set({ id, row })
    if (fault !== null) useProblemsStore().arose(id, fault)
  }

  function stepFrom(row: number, by: 1 | -1): number | undefined {
    const marked = [...byRow.value.keys()]
    return by > 0
      ? (marked.find((each) => each > row) ?? marked[0])
      : (marked.findLast((each) => each < row) ?? marked.at(-1))
  }

  return { isOpen, byRow, strokes, toggle, stepFrom }
}
