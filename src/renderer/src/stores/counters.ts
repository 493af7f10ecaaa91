import { defineStore } from 'pinia'
import { shallowRef, type ShallowRef } from 'vue'
import { isBenchId, isListenerId, type SocketId } from '@shared/model/ids'
import type { Counters } from '@shared/model/summary'
import { useOpenedStore } from './opened'

const ZERO: Counters = { inBytes: 0, inChunks: 0, outBytes: 0, outChunks: 0, rows: 0 }

/**
 * Running totals, one reference a socket: a tick touches only what shows the sockets that moved, however many there are.
 */
export const useCountersStore = defineStore('counters', () => {
  const cells = new Map<SocketId, ShallowRef<Counters>>()
  /** All connections and UDP sockets together; listeners only repeat what their connections carried. */
  const total = shallowRef<Counters>(ZERO)
  /** The same without what had been recorded before it was told of: what a rate is taken of. */
  const moved = shallowRef<Counters>(ZERO)

  function of(id: SocketId): Readonly<ShallowRef<Counters>> {
    let cell = cells.get(id)
    if (cell === undefined) {
      cell = shallowRef(ZERO)
      cells.set(id, cell)
    }
    return cell
  }

  /** @param isPast the window has just loaded: nothing of it moves */
  function ticked(told: ReadonlyArray<readonly [SocketId, Counters]>, isPast = false): void {
    const opened = useOpenedStore().bySocket
    const all = { ...total.value }
    const live = { ...moved.value }
    for (const [id, now] of told) {
      const cell = cells.get(id)
      const was = cell?.value ?? ZERO
      if (cell === undefined) cells.set(id, shallowRef(now))
      else cell.value = now
      if (isListenerId(id) || isBenchId(id)) continue
      add(all, now, was)
      if (!isPast && !opened.has(id)) add(live, now, was)
    }
    total.value = all
    moved.value = live
  }

  function forget(id: SocketId): void {
    cells.delete(id)
  }

  return { total, moved, of, ticked, forget }
})

function add(sum: { -readonly [Name in keyof Counters]: number }, now: Counters, was: Counters): void {
  sum.inBytes += now.inBytes - was.inBytes
  sum.inChunks += now.inChunks - was.inChunks
  sum.outBytes += now.outBytes - was.outBytes
  sum.outChunks += now.outChunks - was.outChunks
  sum.rows += now.rows - was.rows
}
