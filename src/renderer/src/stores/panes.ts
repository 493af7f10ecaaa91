import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { Match } from '@shared/model/search'

/** What the dock offers to whoever wants a pane shown. Set by `PaneDock` while it is there. */
export interface Dock {
  /** @param beside in a place of its own, if there is any room, so that it is seen together with the others */
  open(id: SocketId, focus: boolean, beside?: boolean): void
  close(id: SocketId): void
  /** Puts a pane where another one is, in front of it. */
  placeAt(id: SocketId, other: SocketId): void
  activateAt(index: number): void
  step(by: 1 | -1): void
  resetLayout(): void
}

/** As many as anybody goes back. */
const MAX_PUT_AWAY = 50

/** Which panes are open, and the way to open more. What they show is their own business. */
export const usePanesStore = defineStore('panes', () => {
  const open = shallowRef<readonly SocketId[]>([])
  const active = shallowRef<SocketId | null>(null)
  /** Panes that are not open any more, the one that went last at the end. */
  const putAway = shallowRef<readonly SocketId[]>([])
  /** Payloads to begin with, for panes that are about to open (the phone call's "hello"). */
  const prefills = new Map<SocketId, string>()
  let dock: Dock | null = null
  let waiting: SocketId[] = []

  function attach(to: Dock | null): void {
    dock = to
    if (to === null) return
    for (const id of waiting) to.open(id, true)
    waiting = []
  }
  /** How often a pane has been asked for: what lies over the panes makes way. */
  const shows = shallowRef(0)
  function show(id: SocketId, focus = true): void {
    shows.value++
    if (dock === null) waiting.push(id)
    else dock.open(id, focus)
  }
  /** Shows a pane together with those that are there already. The keyboard stays where it is. */
  function showBeside(id: SocketId): void {
    shows.value++
    if (dock === null) waiting.push(id)
    else dock.open(id, false, true)
  }
  /** A place that its pane is to show, once it is there. */
  const pointed = shallowRef<Match | null>(null)
  function pointAt(match: Match | null): void {
    pointed.value = match
    if (match !== null) show(match.id)
  }
  function prefill(id: SocketId, text: string): void {
    prefills.set(id, text)
  }
  function takePrefill(id: SocketId): string | undefined {
    const text = prefills.get(id)
    prefills.delete(id)
    return text
  }
  function close(id: SocketId): void {
    dock?.close(id)
  }
  /** Shows a pane in the place of another one, which stays behind it. */
  function showAt(id: SocketId, other: SocketId): void {
    show(id)
    dock?.placeAt(id, other)
  }
  function activateAt(index: number): void {
    dock?.activateAt(index)
  }
  function step(by: 1 | -1): void {
    dock?.step(by)
  }
  function resetLayout(): void {
    dock?.resetLayout()
  }
  function changed(ids: readonly SocketId[], nowActive: SocketId | null): void {
    const gone = open.value.filter((id) => !ids.includes(id))
    putAway.value = [...putAway.value, ...gone].filter((id) => !ids.includes(id)).slice(-MAX_PUT_AWAY)
    open.value = ids
    active.value = nowActive
  }
  return {
    open,
    active,
    putAway,
    shows,
    pointed,
    pointAt,
    prefill,
    takePrefill,
    attach,
    show,
    showBeside,
    close,
    showAt,
    activateAt,
    step,
    resetLayout,
    changed,
  }
})
