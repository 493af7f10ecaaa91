import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Fault, Reply } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { StreamName } from '@shared/model/record'
import type { Match, SearchQuery, SearchStatus } from '@shared/model/search'
import { call } from '../bridge/bridge'
import { useSearchesStore } from '../stores/searches'

/** A pause in typing after which it is looked for. */
const TYPING_MS = 150
/** As many strokes as the marks beside the scroll bar have. */
export const MARK_PARTS = 200

export interface Search {
  readonly status: ComputedRef<SearchStatus | null>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  /** The match that is shown, and its place among those kept, from 0. */
  readonly current: Readonly<ShallowRef<Match | null>>
  readonly index: Readonly<ShallowRef<number>>
  /** How many matches lie in each of MARK_PARTS equal parts of the record. */
  readonly marks: Readonly<ShallowRef<readonly number[]>>
  /** Goes to the next match or the one before, round the end. */
  step(by: 1 | -1): Promise<void>
  goTo(index: number): Promise<void>
  matches(from: number, to: number): Promise<readonly Match[]>
}

/**
 * Looks for a query in a socket's record while it changes and while the record grows, and holds the match that is shown.
 * @param query what to look for; null for nothing
 * @param place the row from which the first match is shown
 * @param stream whose bytes the marks are told of; undefined for rows
 * @param isEverywhere looks through every record of the session; a change of it counts with the next query
 */
export function useSearch(
  id: SocketId,
  query: Readonly<Ref<SearchQuery | null>>,
  place: () => number,
  stream: () => StreamName | undefined,
  isEverywhere: () => boolean = () => false,
): Search {
  const store = useSearchesStore()
  const number = shallowRef<number | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const current = shallowRef<Match | null>(null)
  const index = shallowRef(-1)
  const marks = shallowRef<readonly number[]>([])
  const status = computed(() => (number.value === null ? null : (store.all.get(number.value) ?? null)))
  /** Goes up with each new query: answers to an older one are dropped. */
  let era = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function end(): void {
    era++
    clearTimeout(timer)
    const search = number.value
    number.value = null
    fault.value = null
    current.value = null
    index.value = -1
    marks.value = []
    if (search === null) return
    store.forget(search)
    // Once more when it has ended: a last word of progress may come in between.
    void call('search.end', { search }).then(() => store.forget(search))
  }

  async function begin(asked: SearchQuery): Promise<void> {
    const mine = era
    const reply = await call('search.begin', { id: isEverywhere() ? null : id, query: asked })
    if (mine !== era) {
      if (reply.ok) void call('search.end', { search: reply.value.search })
      return
    }
    if (reply.ok) number.value = reply.value.search
    else fault.value = reply.fault
  }

  watch(
    query,
    (asked) => {
      end()
      if (asked !== null) timer = setTimeout(() => void begin(asked), TYPING_MS)
    },
    { immediate: true },
  )

  /** What an answer brings, unless it answers an older query. */
  async function ask<T>(asking: (search: number) => Promise<Reply<T>>): Promise<T | null> {
    const mine = era
    if (number.value === null) return null
    const reply = await asking(number.value)
    if (mine !== era) return null
    if (!reply.ok) fault.value = reply.fault
    return reply.ok ? reply.value : null
  }

  async function goTo(at: number): Promise<void> {
    const found = await ask((search) => call('search.matches', { search, from: at, to: at + 1 }))
    const match = found?.[0]
    if (match === undefined) return
    index.value = at
    current.value = match
  }

  let isLooking = false
  async function toFirst(): Promise<void> {
    if (isLooking) return
    isLooking = true
    const at = await ask((search) => call('search.firstFrom', { search, id, row: place() }))
    // Behind all that was found so far: the next word of progress asks again, and the last one goes round to the first.
    const kept = status.value?.kept ?? 0
    if (at !== null && (at < kept || status.value?.isDone === true)) await goTo(at < kept ? at : 0)
    isLooking = false
  }

  watch(status, async (now) => {
    if (now === null) return
    if (now.fault !== undefined) fault.value = now.fault
    if (now.kept > 0 && current.value === null) void toFirst()
    if (now.kept > 0) await mark()
  })
  watch(stream, mark)
  async function mark(): Promise<void> {
    const of = stream()
    const counts = await ask((search) => call('search.marks', { search, id, parts: MARK_PARTS, stream: of }))
    if (counts !== null && of === stream()) marks.value = counts
  }

  onScopeDispose(end)

  return {
    status,
    fault,
    current,
    index,
    marks,
    goTo,
    async step(by) {
      const kept = status.value?.kept ?? 0
      if (kept > 0) await goTo(index.value < 0 ? 0 : (index.value + by + kept) % kept)
    },
    async matches(from, to) {
      return (await ask((search) => call('search.matches', { search, from, to }))) ?? []
    },
  }
}
