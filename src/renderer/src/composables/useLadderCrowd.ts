import { onScopeDispose, shallowRef, useId, watch, type Ref, type ShallowRef } from 'vue'
import { PART, PART_FLOATS } from '@shared/model/stats'
import { call } from '../bridge/bridge'
import type { ShownPage } from './useLadderPages'
import { isCrowded } from './useLadderScale'

const PARTS = 160

/** Bytes of each socket in equal parts of a time. */
export interface CrowdData {
  readonly fromNanos: number
  readonly partNanos: number
  readonly parts: number
  readonly series: readonly {
    readonly line: number
    readonly in: readonly number[]
    readonly out: readonly number[]
  }[]
}

/** How much went when, where there are too many rows to show each. */
export function useLadderCrowd(page: Readonly<Ref<ShownPage | null>>): {
  readonly data: Readonly<ShallowRef<CrowdData | null>>
} {
  const data = shallowRef<CrowdData | null>(null)
  const asker = `ladder ${useId()}`
  let latest = 0

  watch(page, async (now) => {
    const ticket = ++latest
    if (now === null || !isCrowded(now)) return
    const { wanted, ends } = now
    const fromNanos = Math.floor(wanted.from)
    const toNanos = Math.max(fromNanos + 1, Math.min(Math.ceil(wanted.to), now.lastNanos + 1))
    const ids = ends.map(({ id }) => id)
    const reply = await call('stats.throughput', {
      asker,
      ids,
      fromNanos,
      toNanos,
      parts: PARTS,
      isApart: true,
    })
    if (ticket !== latest || !reply.ok) return
    const { parts, values } = reply.value
    const of = (line: number, field: number): number[] =>
      Array.from({ length: parts }, (_, n) => values[(line * parts + n) * PART_FLOATS + field] ?? 0)
    data.value = {
      fromNanos: reply.value.fromNanos,
      partNanos: (reply.value.toNanos - reply.value.fromNanos) / parts,
      parts,
      series: ends.map((_, line) => ({ line, in: of(line, PART.inBytes), out: of(line, PART.outBytes) })),
    }
  })
  onScopeDispose(() => {
    latest++
    void call('stats.cancelThroughput', { asker })
  })
  return { data }
}
