import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Mark, MarkChange } from '@shared/model/mark'
import { call } from '../bridge/bridge'

/** The marks of each socket whose pane asked for them, in the order of their rows. */
export const useMarksStore = defineStore('marks', () => {
  const all = shallowReactive(new Map<SocketId, readonly Mark[]>())
  /** What was taken away last, to be put back. */
  const removed = shallowReactive(new Map<SocketId, Mark>())

  async function load(id: SocketId): Promise<void> {
    const reply = await call('marks.list', { id })
    if (reply.ok) all.set(id, reply.value)
  }
  /** The fault where it could not. */
  async function set(change: MarkChange): Promise<Fault | null> {
    const reply = await call('marks.set', change)
    const last = removed.get(change.id)
    if (reply.ok && last?.row === change.row) removed.delete(change.id)
    return reply.ok ? null : reply.fault
  }
  async function remove(id: SocketId, row: number): Promise<Fault | null> {
    const reply = await call('marks.remove', { id, row })
    // As it was when it went: what is shown may be of before the last word.
    if (reply.ok && reply.value !== null) removed.set(id, reply.value)
    return reply.ok ? null : reply.fault
  }
  /** Somebody changed them: read again where they are shown. */
  function changed(id: SocketId): void {
    if (all.has(id)) void load(id)
  }
  return { all, removed, load, set, remove, changed }
})
