import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import {
  differencesOf,
  MAX_DIFFERENCES,
  type ComparedRange,
  type ComparedSide,
  type CompareStatus,
  type Difference,
} from '@shared/model/compare'
import type { Fault } from '@shared/model/fault'
import { call } from '../bridge/bridge'
import { useComparesStore } from '../stores/compares'

/** A comparison with its outcome, once it has come to its end. */
export interface Compared {
  readonly sides: { readonly a: ComparedSide; readonly b: ComparedSide }
  readonly a: ComparedRange
  readonly b: ComparedRange
  /** The first ones, and how many there are in all. */
  readonly differences: readonly Difference[]
  readonly count: number
}

export interface Comparison {
  readonly status: ComputedRef<CompareStatus | null>
  readonly outcome: Readonly<ShallowRef<Compared | null>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  /** Compares what both sides hold by now; what was under way before is ended. */
  begin(a: ComparedSide, b: ComparedSide): Promise<void>
  end(): void
}

/** One comparison at a time. */
export function useCompare(): Comparison {
  const store = useComparesStore()
  const begun = shallowRef<{
    readonly compare: number
    readonly sides: Compared['sides']
    readonly a: ComparedRange
    readonly b: ComparedRange
  } | null>(null)
  const outcome = shallowRef<Compared | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const status = computed(() => (begun.value === null ? null : (store.all.get(begun.value.compare) ?? null)))
  /** Answers to an older question are dropped. */
  let era = 0

  function end(): void {
    era++
    const before = begun.value
    begun.value = null
    outcome.value = null
    fault.value = null
    if (before === null) return
    store.forget(before.compare)
    void call('compare.end', { compare: before.compare }).then(() => store.forget(before.compare))
  }

  async function begin(a: ComparedSide, b: ComparedSide): Promise<void> {
    end()
    const mine = era
    const reply = await call('compare.begin', { a, b })
    if (mine !== era) {
      if (reply.ok) void call('compare.end', { compare: reply.value.compare })
      return
    }
    if (reply.ok) begun.value = { ...reply.value, sides: { a, b } }
    else fault.value = reply.fault
  }

  watch(status, async (now) => {
    const of = begun.value
    if (now?.isDone !== true || of === null) return
    const mine = era
    if (now.fault !== undefined) {
      fault.value = now.fault
      return
    }
    const reply = await call('compare.regions', { compare: of.compare, from: 0, to: MAX_DIFFERENCES })
    if (mine !== era) return
    if (!reply.ok) {
      fault.value = reply.fault
      return
    }
    const { sides, a, b } = of
    outcome.value = { sides, a, b, differences: differencesOf(reply.value), count: now.differences }
  })

  return { status, outcome, fault, begin, end }
}
