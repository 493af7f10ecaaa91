import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Mark } from '@shared/model/mark'
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
  async function set(mark: Mark): Promise<Fault | null> {
    const reply = await call('marks.set', mark)
    const last = removed.get(mark.id)
    if (reply.ok && last?.row === mark.row) removed.delete(mark.id)
    return reply.ok ? null : reply.fault
  }
  async function remove(mark: Mark): Promise<Fault | null> {
    const reply = await call('marks.remove', { id: mark.id, row: mark.row })
    if (reply.ok) removed.set(mark.id, mark)
    return reply.ok ? null : reply.fault
  }
  /** Somebody changed them: read again where they are shown. */
  function changed(id: SocketId): void {
    if (all.has(id)) void load(id)
  }
  return { all, removed, load, set, remove, changed }
})
