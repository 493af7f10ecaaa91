import { onScopeDispose, shallowRef, useId, watch, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Throughput } from '@shared/model/stats'
import { call } from '../bridge/bridge'
import type { Span } from '../format/span'

/** While traffic comes, a picture is drawn anew so often. */
const EVERY_MS = 400

export interface ThroughputOf {
  readonly data: Readonly<ShallowRef<Throughput | null>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
}

/**
 * Traffic in parts of a span, asked again while it moves.
 * @param asked whose, and of which span (null for the whole record); null while nothing is to be shown
 * @param moved changes when there is more traffic
 */
export function useThroughput(
  asked: Readonly<
    Ref<{
      readonly ids: readonly SocketId[] | null
      readonly span: Span | null
      readonly isApart: boolean
      /** All are those of the recording that this one is of. */
      readonly beside?: SocketId | undefined
    } | null>
  >,
  parts: number,
  moved: Readonly<Ref<unknown>>,
): ThroughputOf {
  const asker = `throughput ${useId()}`
  const data = shallowRef<Throughput | null>(null)
  const fault = shallowRef<Fault | null>(null)
  let isAsking = false
  let isStale = false
  let latest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const what = asked.value
    const mine = ++latest
    isStale = false
    if (what === null) return
    isAsking = true
    const { ids, span, isApart, beside } = what
    const reply = await call('stats.throughput', {
      asker,
      ids: ids === null ? null : [...ids],
      beside,
      fromNanos: span?.fromNanos ?? null,
      toNanos: span?.toNanos ?? null,
      parts,
      isApart,
    })
    if (mine !== latest) return
    isAsking = false
    if (reply.ok) data.value = reply.value
    fault.value = reply.ok ? null : reply.fault
    if (isStale) later()
  }
  function later(): void {
    if (isAsking) isStale = true
    else timer ??= setTimeout(() => void ask(), EVERY_MS)
  }

  watch(asked, () => void ask(), { immediate: true })
  watch(moved, later)
  onScopeDispose(() => {
    latest++
    clearTimeout(timer)
    void call('stats.cancelThroughput', { asker })
  })
  return { data, fault }
}
