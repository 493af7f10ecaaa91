import { onScopeDispose, shallowRef, useId, watch, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { KernelSeries } from '@shared/model/kernel'
import type { KernelField } from '@shared/model/kernelFields'
import { call } from '../bridge/bridge'
import type { Span } from '../format/span'

/** Between an answer and the next question at least so long, and three times as long as the answer took: a long record is not read all the time. */
const EVERY_MS = 100
const TIMES = 3

export interface KernelSeriesOf {
  readonly data: Readonly<ShallowRef<KernelSeries | null>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
}

/**
 * Fields of one socket's samples in parts of a span, asked again whenever the span is another one.
 * @param span null while nothing is to be shown
 */
export function useKernelSeries(
  id: SocketId,
  fields: Readonly<Ref<readonly KernelField[]>>,
  span: Readonly<Ref<Span | null>>,
  parts: number,
): KernelSeriesOf {
  const asker = `kernel ${useId()}`
  const data = shallowRef<KernelSeries | null>(null)
  const fault = shallowRef<Fault | null>(null)
  let isAsking = false
  let isStale = false
  let isOver = false

  async function ask(): Promise<void> {
    const now = span.value
    isStale = false
    if (now === null || fields.value.length === 0 || isOver) return
    isAsking = true
    const began = performance.now()
    const reply = await call('kernel.series', { asker, id, fields: [...fields.value], parts, ...now })
    if (isOver) return
    if (reply.ok) data.value = reply.value
    fault.value = reply.ok ? null : reply.fault
    const tookMs = performance.now() - began
    setTimeout(
      () => {
        isAsking = false
        if (isStale) void ask()
      },
      Math.max(EVERY_MS, tookMs * TIMES),
    )
  }
  watch(
    [span, fields],
    () => {
      if (isAsking) isStale = true
      else void ask()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    isOver = true
    void call('kernel.cancelSeries', { asker })
  })
  return { data, fault }
}
