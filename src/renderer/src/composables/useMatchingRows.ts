import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { MAX_FILTERED_ROWS_A_READ } from '@shared/contract/limits'
import { unpackRows } from '@shared/contract/packedRows'
import type { Fault } from '@shared/model/fault'
import type { Row } from '@shared/model/record'
import { call } from '../bridge/bridge'
import type { RowsInSight } from './useRows'

/** Rows kept around those in sight, so that a small movement needs no new pull. */
const MARGIN_ROWS = 48
const MAX_KEPT = 1000

/**
 * The rows in sight among those that fit a filter, by their places there: pulled by range, as far as the filter has come.
 * @param matching how many fit so far
 */
export function useMatchingRows(filter: number, matching: Readonly<Ref<number>>): RowsInSight {
  const cache = new Map<number, Row>()
  const total = shallowRef(matching.value)
  const version = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let wanted = { first: 0, end: 0 }
  let isPulling = false
  let isDisposed = false
  /** The last pull that brought less than asked: not asked again before something changes. */
  let short: string | null = null

  async function pull(): Promise<void> {
    if (isPulling || isDisposed) return
    const end = Math.min(wanted.end, total.value)
    let at = wanted.first
    while (at < end && cache.has(at)) at++
    if (at >= end) return
    const from = Math.max(0, at - MARGIN_ROWS)
    const to = Math.min(end + MARGIN_ROWS, total.value, from + MAX_FILTERED_ROWS_A_READ)
    const key = `${from}-${to}`
    if (key === short) return
    isPulling = true
    const reply = await call('filter.rows', { filter, from, to })
    isPulling = false
    // It may have changed while waiting, whatever the flow analysis says.
    if (isDisposed as boolean) return
    fault.value = reply.ok ? null : reply.fault
    const rows = reply.ok ? unpackRows(reply.value) : []
    short = rows.length < to - from ? key : null
    if (cache.size > MAX_KEPT) cache.clear()
    for (const [n, row] of rows.entries()) cache.set(from + n, row)
    version.value++
    void pull()
  }

  watch(matching, (count) => {
    total.value = count
    void pull()
  })
  onScopeDispose(() => {
    isDisposed = true
    cache.clear()
  })

  return {
    total,
    version,
    fault,
    rowAt: (at) => cache.get(at),
    want(first, count) {
      wanted = { first, end: first + count }
      void pull()
    },
  }
}
