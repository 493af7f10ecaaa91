import { defineStore } from 'pinia'
import { reactive, shallowRef, toRaw, watch } from 'vue'
import { MAX_ARRANGEMENT_LENGTH } from '@shared/contract/limits'
import {
  arrangementText,
  isLaterArrangement,
  parseArrangement,
  type OpenedWith,
  type PaneState,
} from '@shared/model/arrangement'
import { fault } from '@shared/model/fault'
import { isOfBench, type SocketId } from '@shared/model/ids'
import type { ReplayRule } from '@shared/model/replay'
import { call } from '../bridge/bridge'
import { usePanesStore } from './panes'
import { useProblemsStore } from './problems'
import { hasEnded, useSocketsStore } from './sockets'

/** A pause after which what has changed is kept. */
const KEEP_AFTER_MS = 400

const later = fault('SB_NEWER', 'How this session was arranged was kept by a later Switchboard.', {
  hint: 'All that was recorded is here. The arrangement stays as that Switchboard left it.',
})

/** How this window is arranged: kept with the session, a moment after each change, and found again when the session is opened. */
export const useArrangementStore = defineStore('arrangement', () => {
  const states = reactive(new Map<SocketId, PaneState>())
  let layout: unknown = null
  /** Sockets that were open when the session ended, and are not now. */
  const wereOpen = shallowRef<readonly SocketId[]>([])
  /** What replays of this session may find otherwise, and send otherwise. Replaced, not changed. */
  const rules = shallowRef<readonly ReplayRule[]>([])
  let kept: string | null = null
  /** Of the session that this page is about; empty until it is known. */
  let run = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Asks for what the session holds. From then on changes are kept. */
  async function load(): Promise<void> {
    const reply = await call('session.arrangement', {})
    // Without a session there is nothing to arrange; its own failure is told.
    if (!reply.ok) return
    const found = reply.value.arrangement === null ? null : parseArrangement(reply.value.arrangement)
    if (found !== null) {
      kept = reply.value.arrangement
      layout = found.layout
      for (const [id, state] of Object.entries(found.states) as [SocketId, PaneState][]) states.set(id, state)
      wereOpen.value = found.open
      rules.value = found.rules
    }
    if (reply.value.arrangement !== null && isLaterArrangement(reply.value.arrangement)) {
      useProblemsStore().arose(null, later)
      return
    }
    run = reply.value.run
    watch(states, keepSoon, { deep: true })
    watch(() => openNow().join(), keepSoon)
    watch(rules, keepSoon)
  }

  /** What one has set and written in a socket's pane. Whoever changes it need do no more. */
  function stateOf(id: SocketId): PaneState {
    if (!states.has(id)) states.set(id, {})
    return states.get(id) as PaneState
  }

  /** A socket takes the place of one that has ended. */
  function inherit(id: SocketId, from: SocketId): void {
    const state = states.get(from)
    // Into the state that its pane may have taken up already.
    if (state !== undefined) Object.assign(stateOf(id), structuredClone(toRaw(state)))
    wereOpen.value = wereOpen.value.filter((each) => each !== from)
  }

  /** What a socket was opened with, or was given since: what is not named stays. */
  function openedWith(id: SocketId, what: OpenedWith): void {
    const state = stateOf(id)
    const before = toRaw(state).openedWith
    const options = { ...before?.options, ...what.options }
    state.openedWith = { ...before, ...what, ...(Object.keys(options).length > 0 ? { options } : {}) }
  }

  function arranged(to: unknown): void {
    layout = to
    keepSoon()
  }

  function keepSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void keep(), KEEP_AFTER_MS)
  }

  /** Keeps what has changed, now. */
  async function keep(): Promise<void> {
    clearTimeout(timer)
    if (run === '') return
    const shown = new Set(usePanesStore().open)
    // As long as nobody has opened them again, they are still those that were open.
    const open = [...new Set([...openNow(), ...wereOpen.value])]
    const text = arrangementText(
      { layout, states: Object.fromEntries(toRaw(states)), open, rules: rules.value },
      shown,
      MAX_ARRANGEMENT_LENGTH,
    )
    if (text === null || text === kept) return
    const before = kept
    kept = text
    const reply = await call('session.arrange', { arrangement: text, run })
    if (reply.ok) return
    kept = before
    if (reply.fault.code !== 'SB_CANCELLED') useProblemsStore().arose(null, reply.fault)
  }

  /** The sockets are known: those that are open still, after the page was loaded anew, need not be opened again. */
  function settled(): void {
    const { all } = useSocketsStore()
    wereOpen.value = wereOpen.value.filter((id) => {
      const found = all.get(id)
      return found !== undefined && hasEnded(found)
    })
  }

  function forgetOpen(): void {
    wereOpen.value = []
    keepSoon()
  }

  return {
    wereOpen,
    rules,
    load,
    layout: (): unknown => layout,
    stateOf,
    peek: (id: SocketId): PaneState | undefined => states.get(id),
    inherit,
    openedWith,
    arranged,
    keep,
    settled,
    forgetOpen,
  }
})

/** What can be opened again is what nobody else has opened: accepted connections end with their callers. */
function openNow(): SocketId[] {
  return (
    useSocketsStore()
      // The sockets of a bench are made anew, by hand.
      .roots.filter((each) => !hasEnded(each) && !isOfBench(each.id))
      .map(({ id }) => id)
  )
}
