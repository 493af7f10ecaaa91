import { defineStore } from 'pinia'
import { shallowRef, type ShallowRef } from 'vue'
import { isBenchId, isListenerId, type SocketId } from '@shared/model/ids'
import type { Counters } from '@shared/model/summary'

const ZERO: Counters = { inBytes: 0, inChunks: 0, outBytes: 0, outChunks: 0, rows: 0 }

/**
 * Running totals, one reference a socket: a tick touches only what shows the sockets that moved, however many there are.
 */
export const useCountersStore = defineStore('counters', () => {
  const cells = new Map<SocketId, ShallowRef<Counters>>()
  /** All connections and UDP sockets together; listeners only repeat what their connections carried. */
  const total = shallowRef<Counters>(ZERO)

  function of(id: SocketId): Readonly<ShallowRef<Counters>> {
    let cell = cells.get(id)
    if (cell === undefined) {
      cell = shallowRef(ZERO)
      cells.set(id, cell)
    }
    return cell
  }

  function ticked(moved: ReadonlyArray<readonly [SocketId, Counters]>): void {
    let { inBytes, inChunks, outBytes, outChunks, rows } = total.value
    for (const [id, now] of moved) {
      const cell = cells.get(id)
      const was = cell?.value ?? ZERO
      if (cell === undefined) cells.set(id, shallowRef(now))
      else cell.value = now
      if (isListenerId(id) || isBenchId(id)) continue
      inBytes += now.inBytes - was.inBytes
      inChunks += now.inChunks - was.inChunks
      outBytes += now.outBytes - was.outBytes
      outChunks += now.outChunks - was.outChunks
      rows += now.rows - was.rows
    }
    total.value = { inBytes, inChunks, outBytes, outChunks, rows }
  }

  function forget(id: SocketId): void {
    cells.delete(id)
  }

  return { total, of, ticked, forget }
})
