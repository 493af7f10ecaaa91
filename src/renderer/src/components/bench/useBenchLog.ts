import { computed, onScopeDispose, type Ref, shallowRef, watch } from 'vue'
import type { BenchEntry, BenchSummary } from '@shared/model/bench'
import type { Fault } from '@shared/model/fault'
import { call } from '../../bridge/bridge'

/** How often the time of what is blocked moves on. */
const TICK_MS = 100
/** What returns sooner has not blocked, to the eye. */
const LATE_SECONDS = 0.15
/** How often the kernel is asked how the sockets stand, while the pane is there. */
const LOOK_MS = 1000

/** The calls of a bench, as they come and go. What is blocked is told with how long it has been. */
export function useBenchLog(summary: Ref<BenchSummary>) {
  const entries = shallowRef<readonly BenchEntry[]>([])
  const fault = shallowRef<Fault | null>(null)
  /** When the entries were told, and now, in ms. */
  const toldAt = shallowRef(0)
  const now = shallowRef(0)
  let isAsking = false
  let isStale = false

  async function pull(): Promise<void> {
    if (isAsking) {
      isStale = true
      return
    }
    isAsking = true
    do {
      isStale = false
      const known = entries.value.filter(({ state }) => state === 'done')
      const from = firstMissing(known)
      const reply = await call('bench.log', { id: summary.value.id, from })
      fault.value = reply.ok ? null : reply.fault
      if (!reply.ok) break
      toldAt.value = performance.now()
      now.value = toldAt.value
      entries.value = [...known.filter(({ of }) => of.number < from), ...reply.value.entries]
    } while (isStale)
    isAsking = false
  }
  watch(summary, pull, { immediate: true })

  const blocked = computed(() => entries.value.filter(({ state }) => state === 'blocked'))
  const ticking = setInterval(() => {
    if (blocked.value.length > 0) now.value = performance.now()
  }, TICK_MS)
  const looking = setInterval(() => {
    if (summary.value.state.phase === 'open') void call('bench.look', { id: summary.value.id })
  }, LOOK_MS)
  onScopeDispose(() => {
    clearInterval(ticking)
    clearInterval(looking)
  })

  /** How long it has been blocked, in seconds. */
  const secondsOf = (forNanos: number): number => forNanos / 1e9 + (now.value - toldAt.value) / 1000
  /** Whether it has been under way for so long that it is shown as blocked. */
  const isLate = (entry: BenchEntry): boolean =>
    entry.state === 'blocked' && entry.of.system !== '' && secondsOf(entry.forNanos) > LATE_SECONDS
  return { entries, blocked, fault, now, secondsOf, isLate }
}

/** The number from which on something may be new: all calls before it are done and known. */
function firstMissing(known: readonly BenchEntry[]): number {
  const numbers = new Set(known.map(({ of }) => of.number))
  let next = 1
  while (numbers.has(next)) next++
  return next
}
