import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { MAX_ROWS_A_READ } from '@shared/contract/limits'
import { unpackRows } from '@shared/contract/packedRows'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Row } from '@shared/model/record'
import { call } from '../bridge/bridge'

/** Rows kept around those in sight. */
const MARGIN_ROWS = 64
const MOST_KEPT = 1024

/** A row, and whose it is. */
export interface MergedRow {
  readonly id: SocketId
  readonly row: Row
}

export interface MergedInSight {
  readonly total: Readonly<ShallowRef<number>>
  /** Goes up whenever rows came in. */
  readonly version: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  at(place: number): MergedRow | undefined
  /** Says what is in sight; what is missing is pulled. */
  want(first: number, count: number): void
}

/** The rows in sight of several sockets on one time axis. @param known rows that their counters tell of, together */
export function useMergedRows(ids: readonly SocketId[], known: Readonly<Ref<number>>): MergedInSight {
  const kept = new Map<number, MergedRow>()
  const total = shallowRef(known.value)
  const version = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let wanted = { first: 0, end: 0 }
  let isPulling = false
  let isDisposed = false
  /** What the last pull was asked for: not asked again before something changes. */
  let asked = ''

  async function pull(): Promise<void> {
    if (isPulling || isDisposed) return
    let from = wanted.first
    while (from < wanted.end && kept.has(from)) from++
    const end = Math.min(wanted.end, total.value)
    if (from >= end) return
    from = Math.max(0, from - MARGIN_ROWS)
    const to = Math.min(end + MARGIN_ROWS, from + MAX_ROWS_A_READ)
    const question = `${from}-${to}-${total.value}`
    if (question === asked) return
    asked = question
    isPulling = true
    const reply = await call('merge.read', { ids: [...ids], from, to })
    isPulling = false
    // It may have changed while waiting, whatever the flow analysis says.
    if (isDisposed as boolean) return
    fault.value = reply.ok ? null : reply.fault
    if (reply.ok) {
      if (kept.size > MOST_KEPT) kept.clear()
      const { owners } = reply.value
      unpackRows(reply.value.rows).forEach((row, n) => {
        const id = ids[owners[n] ?? 0]
        if (id !== undefined) kept.set(from + n, { id, row })
      })
      total.value = Math.max(total.value, reply.value.total)
      version.value++
    }
    void pull()
  }

  watch(known, (rows) => {
    total.value = Math.max(total.value, rows)
    void pull()
  })
  onScopeDispose(() => {
    isDisposed = true
    kept.clear()
  })

  return {
    total,
    version,
    fault,
    at: (place) => kept.get(place),
    want(first, count) {
      wanted = { first, end: first + count }
      void pull()
    },
  }
}
