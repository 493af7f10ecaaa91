import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ConnectionSummary, FileProgress, SocketSummary } from '@shared/model/summary'
import type { Fault } from '@shared/model/fault'
import type { BenchSocketSummary } from '@shared/model/bench'
import {
  type BenchId,
  compareIds,
  type ConnectionId,
  type ListenerId,
  type SocketId,
} from '@shared/model/ids'

/** A file being sent on a connection. */
export interface Sending {
  readonly progress: FileProgress
  readonly fault: Fault | null
}

/** Every socket of the session, as last told. Maps are replaced, never mutated, and once for a whole batch of events. */
export const useSocketsStore = defineStore('sockets', () => {
  const all = shallowRef<ReadonlyMap<SocketId, SocketSummary>>(new Map())
  const sendings = shallowRef<ReadonlyMap<ConnectionId, Sending>>(new Map())
  /** False until the first answer to `socket.list`. */
  const isLoaded = shallowRef(false)

  function replaceAll(summaries: readonly SocketSummary[]): void {
    all.value = new Map(summaries.map((each) => [each.id, each]))
    isLoaded.value = true
  }

  /** @param changes null takes a socket off the list */
  function apply(changes: ReadonlyArray<readonly [SocketId, SocketSummary | null]>): void {
    if (changes.length === 0) return
    const next = new Map(all.value)
    for (const [id, summary] of changes) {
      if (summary === null) next.delete(id)
      else next.set(id, summary)
    }
    all.value = next
  }

  /** For what is known before its first event; what an event has told is newer and stays. */
  function appeared(summary: SocketSummary): void {
    if (!all.value.has(summary.id)) apply([[summary.id, summary]])
  }

  function fileProgressed(id: ConnectionId, sending: Sending | null): void {
    const next = new Map(sendings.value)
    if (sending === null) next.delete(id)
    else next.set(id, sending)
    sendings.value = next
  }

  /** Listeners, dialled connections and UDP sockets: what stands at the tree's first level, in natural order. */
  const roots = computed<readonly SocketSummary[]>(() => {
    const listed: SocketSummary[] = []
    for (const each of all.value.values()) {
      const parent = parentOf(each)
      if (parent === null || !all.value.has(parent)) listed.push(each)
    }
    return listed.sort((a, b) => rank(a) - rank(b) || compareIds(a.id, b.id))
  })

  /** Accepted connections by their listener, in the order they came. */
  const accepted = computed<ReadonlyMap<ListenerId, readonly ConnectionSummary[]>>(() => {
    const lists = new Map<ListenerId, ConnectionSummary[]>()
    for (const each of all.value.values()) {
      if (each.kind !== 'connection' || each.listener === null) continue
      const list = lists.get(each.listener)
      if (list === undefined) lists.set(each.listener, [each])
      else list.push(each)
    }
    for (const list of lists.values()) list.sort((a, b) => compareIds(a.id, b.id))
    return lists
  })

  /** The sockets of each bench, in the order they were made. */
  const onBench = computed<ReadonlyMap<BenchId, readonly BenchSocketSummary[]>>(() => {
    const lists = new Map<BenchId, BenchSocketSummary[]>()
    for (const each of all.value.values()) {
      if (each.kind !== 'benchSocket') continue
      const list = lists.get(each.bench)
      if (list === undefined) lists.set(each.bench, [each])
      else list.push(each)
    }
    for (const list of lists.values()) list.sort((a, b) => compareIds(a.id, b.id))
    return lists
  })

  return { onBench, all, sendings, isLoaded, roots, accepted, replaceAll, apply, appeared, fileProgressed }
})

/** Below what it stands in the list. */
function parentOf(summary: SocketSummary): SocketId | null {
  if (summary.kind === 'connection') return summary.listener
  return summary.kind === 'benchSocket' ? summary.bench : null
}

const ranks = { listener: 0, connection: 1, udp: 2, unixgram: 2, raw: 2, bench: 3, benchSocket: 3 } as const
function rank(summary: SocketSummary): number {
  return ranks[summary.kind]
}

/** True once nothing more can happen on it. */
export function hasEnded(summary: SocketSummary): boolean {
  return summary.state.phase === 'closed' || summary.state.phase === 'failed'
}
