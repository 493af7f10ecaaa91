import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { FilterStatus } from '@shared/model/filter'
import type { SocketId } from '@shared/model/ids'
import { parseFilterLine, type FilterError } from '@shared/wire/filterLine'
import { call } from '../bridge/bridge'
import { useFiltersStore } from '../stores/filters'
import { useMarksStore } from '../stores/marks'

/** A pause in typing after which it is filtered. */
const TYPING_MS = 200

export interface UsedFilter {
  /** Names the filter that is in force; null without one. */
  readonly number: Readonly<ShallowRef<number | null>>
  /** Its line: the last one that could be read. */
  readonly applied: Readonly<ShallowRef<string>>
  readonly status: ComputedRef<FilterStatus | null>
  /** What is wrong with the line as it stands; the filter before stays in force. */
  readonly error: Readonly<ShallowRef<FilterError | null>>
  readonly fault: ComputedRef<Fault | null>
}

/** Filters one socket's rows by a line while it is typed. */
export function useFilter(id: SocketId, line: Readonly<Ref<string>>): UsedFilter {
  const store = useFiltersStore()
  const marks = useMarksStore()
  const number = shallowRef<number | null>(null)
  const applied = shallowRef('')
  const error = shallowRef<FilterError | null>(null)
  const refusal = shallowRef<Fault | null>(null)
  const status = computed(() => (number.value === null ? null : (store.all.get(number.value) ?? null)))
  /** Goes up with each line: answers to an older one are dropped. */
  let era = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function replace(by: number | null, text: string): void {
    const before = number.value
    number.value = by
    applied.value = text
    if (before !== null) void call('filter.end', { filter: before }).then(() => store.forget(before))
  }

  async function begin(text: string): Promise<void> {
    const mine = ++era
    const parsed = parseFilterLine(text)
    error.value = parsed.ok ? null : parsed.error
    refusal.value = null
    if (!parsed.ok) return
    if (parsed.filter === null) return replace(null, '')
    const reply = await call('filter.begin', { id, line: text })
    if (mine !== era) {
      if (reply.ok) void call('filter.end', { filter: reply.value.filter })
      return
    }
    if (reply.ok) replace(reply.value.filter, text)
    else refusal.value = reply.fault
  }

  watch(line, (text) => {
    clearTimeout(timer)
    // What is emptied shows everything at once.
    timer = setTimeout(() => void begin(text), text === '' ? 0 : TYPING_MS)
  })
  if (line.value !== '') void begin(line.value)
  // What is marked is told to a filter as it begins.
  watch(
    () => marks.all.get(id),
    () => {
      if (/\bmark\b/i.test(applied.value)) void begin(line.value)
    },
  )
  onScopeDispose(() => {
    era++
    clearTimeout(timer)
    replace(null, '')
  })

  return {
    number,
    applied,
    status,
    error,
    fault: computed(() => refusal.value ?? status.value?.fault ?? null),
  }
}
