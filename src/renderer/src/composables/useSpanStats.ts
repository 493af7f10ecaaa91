import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { StatsStatus } from '@shared/model/stats'
import { call } from '../bridge/bridge'
import type { Span } from '../format/span'
import { useStatisticsStore } from '../stores/statistics'

export interface SpanStats {
  readonly status: ComputedRef<StatsStatus | null>
  readonly fault: Readonly<ShallowRef<Fault | null>>
}

/**
 * Counts the chunks of a span by length and gap while it is shown, also what comes later.
 * @param id null for all sockets
 * @param span null for the whole record
 * @param beside all sockets are those of the recording that this one is of
 */
export function useSpanStats(
  id: SocketId | null,
  span: Readonly<Ref<Span | null>>,
  beside?: SocketId,
): SpanStats {
  const store = useStatisticsStore()
  const number = shallowRef<number | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const status = computed(() => (number.value === null ? null : (store.all.get(number.value) ?? null)))
  let era = 0

  function end(): void {
    era++
    const stats = number.value
    number.value = null
    if (stats === null) return
    store.forget(stats)
    // Once more when it has ended: a last word of progress may come in between.
    void call('stats.end', { stats }).then(() => store.forget(stats))
  }
  watch(
    span,
    async (now) => {
      end()
      const mine = era
      const reply = await call('stats.begin', {
        id,
        beside,
        fromNanos: now?.fromNanos ?? 0,
        toNanos: now?.toNanos ?? null,
      })
      if (mine !== era) {
        if (reply.ok) void call('stats.end', { stats: reply.value.stats })
        return
      }
      fault.value = reply.ok ? null : reply.fault
      if (reply.ok) number.value = reply.value.stats
    },
    { immediate: true },
  )
  watch(status, (now) => {
    if (now?.fault !== undefined) fault.value = now.fault
  })
  onScopeDispose(end)
  return { status, fault }
}
