import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { unpackLadder } from '@shared/contract/packedLadder'
import { unpackRows } from '@shared/contract/packedRows'
import { arrowsByRank, type PlacedRow } from '@shared/ladder/drawing'
import type { LadderArrow, LadderEnd, LadderPage } from '@shared/ladder/model'
import type { Fault } from '@shared/model/fault'
import { call } from '../bridge/bridge'

/** While traffic comes, what is in sight is read again no more often. */
const AGAIN_MS = 60

/** A part of a ladder, in ranks or in nanoseconds. */
export interface Wanted {
  readonly by: 'rank' | 'time'
  readonly from: number
  readonly to: number
}

/** A page, unpacked. */
export interface ShownPage extends Omit<LadderPage, 'rows' | 'owners'> {
  /** What it was asked for. */
  readonly wanted: Wanted
  readonly ends: readonly LadderEnd[]
  readonly rows: readonly PlacedRow[]
  readonly byRank: ReadonlyMap<number, readonly LadderArrow[]>
}

export interface LadderPages {
  readonly page: Readonly<ShallowRef<ShownPage | null>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  /** Says what is in sight, with what is to be there when one scrolls; what is missing is pulled. */
  want(wanted: Wanted, sight: Wanted): void
  /** A row that may lie far from what is in sight. */
  find(rank: number): Promise<PlacedRow | null>
}

/**
 * The part of a ladder that is in sight.
 * @param known rows that the counters tell of: when they grow, there is more to see
 * @param sampled another value whenever the kernel was asked about one of them
 */
export function useLadderPages(
  ends: Readonly<Ref<readonly LadderEnd[]>>,
  known: Readonly<Ref<number>>,
  sampled: Readonly<Ref<unknown>>,
): LadderPages {
  const page = shallowRef<ShownPage | null>(null)
  const fault = shallowRef<Fault | null>(null)
  let wanted: Wanted | null = null
  let isStale = true
  let isPulling = false
  let isDisposed = false
  let pulledAtMs = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read({ by, from, to }: Wanted): Promise<ShownPage | null> {
    const asked = ends.value
    if (asked.length === 0) return null
    const reply = await call('ladder.read', {
      ends: asked.map(({ id, other }) => ({ id, other })),
      by,
      from: Math.max(0, Math.floor(from)),
      to: Math.max(0, Math.ceil(to)),
    })
    if (isDisposed) return null
    fault.value = reply.ok ? null : reply.fault
    if (!reply.ok || asked !== ends.value) return null
    const { rows, owners, ...told } = unpackLadder(reply.value)
    return {
      ...told,
      wanted: { by, from, to },
      ends: asked,
      rows: unpackRows(rows).map((row, n) => ({ row, rank: told.from + n, line: owners[n] ?? 0 })),
      byRank: arrowsByRank(told.arrows),
    }
  }

  async function pull(): Promise<void> {
    if (isPulling || isDisposed || wanted === null || !isStale) return
    isPulling = true
    isStale = false
    pulledAtMs = performance.now()
    const found = await read(wanted)
    isPulling = false
    if (found !== null) page.value = found
    soon()
  }

  /** At once where it has been a while. */
  function soon(): void {
    if (!isStale || timer !== undefined || isDisposed) return
    const waitMs = Math.max(0, AGAIN_MS - (performance.now() - pulledAtMs))
    timer = setTimeout(() => {
      timer = undefined
      void pull()
    }, waitMs)
  }

  watch([known, ends, sampled], () => {
    isStale = true
    soon()
  })
  onScopeDispose(() => {
    isDisposed = true
    clearTimeout(timer)
  })

  return {
    page,
    fault,
    want(to, sight) {
      const has = page.value?.wanted ?? null
      const covers =
        has !== null &&
        has.by === sight.by &&
        has.from <= sight.from &&
        has.to >= sight.to &&
        // Zoomed in far enough, what was too crowded is read again.
        has.to - has.from < 6 * (sight.to - sight.from + 1) &&
        page.value?.ends === ends.value
      wanted = to
      if (covers) return
      isStale = true
      void pull()
    },
    async find(rank) {
      const near = page.value?.rows[rank - (page.value.rows[0]?.rank ?? 0)]
      if (near?.rank === rank) return near
      const found = await read({ by: 'rank', from: rank, to: rank + 1 })
      return found?.rows[0] ?? null
    },
  }
}

/** Rows before and after those in sight that are read along. */
export const MARGIN_ROWS = 48
