import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Counters } from '@shared/model/summary'

export interface Rate {
  /** Bytes per second, over the last second. */
  readonly inRate: number
  readonly outRate: number
}

const STEP_MS = 250
const STEPS = 4
const still: Rate = { inRate: 0, outRate: 0 }

/**
 * What moved in the last second, told four times a second; replaced only when it changes.
 * @param isKnown false until the counters hold what moved before the page was there: that is no rate
 */
export function useRate(
  counters: Readonly<Ref<Counters>>,
  isKnown: () => boolean = () => true,
): Readonly<ShallowRef<Rate>> {
  const rate = shallowRef<Rate>(still)
  const samples: { at: number; inBytes: number; outBytes: number }[] = []

  function sample(): void {
    if (!isKnown()) return
    const { inBytes, outBytes } = counters.value
    const at = performance.now()
    samples.push({ at, inBytes, outBytes })
    if (samples.length > STEPS + 1) samples.shift()
    const oldest = samples[0]
    if (oldest === undefined || oldest.at === at) return
    const seconds = (at - oldest.at) / 1000
    const inRate = (inBytes - oldest.inBytes) / seconds
    const outRate = (outBytes - oldest.outBytes) / seconds
    if (inRate !== rate.value.inRate || outRate !== rate.value.outRate) rate.value = { inRate, outRate }
  }

  sample()
  const timer = setInterval(sample, STEP_MS)
  onScopeDispose(() => clearInterval(timer))
  return rate
}
