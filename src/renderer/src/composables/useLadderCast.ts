import { computed, onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { MAX_MERGED } from '@shared/contract/limits'
import type { LadderEnd } from '@shared/ladder/model'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import { call } from '../bridge/bridge'
import { useSocketsStore } from '../stores/sockets'

/** While connections come and go, it is asked again no more often. */
const AGAIN_MS = 150

export interface LadderCasting {
  readonly ends: Readonly<ShallowRef<readonly LadderEnd[]>>
  /** Sockets that belong to it and found no room. */
  readonly left: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
}

/** Who is in a ladder, also when another connection is accepted, or a dial comes through. */
export function useLadderCast(asked: Readonly<Ref<readonly SocketId[]>>): LadderCasting {
  const sockets = useSocketsStore()
  const ends = shallowRef<readonly LadderEnd[]>([])
  const left = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let latest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    const ticket = ++latest
    const ids = asked.value.slice(0, MAX_MERGED)
    if (ids.length === 0) {
      ends.value = []
      return
    }
    const reply = await call('ladder.cast', { ids: [...ids] })
    if (ticket !== latest) return
    fault.value = reply.ok ? null : reply.fault
    if (!reply.ok) return
    left.value = reply.value.left
    if (JSON.stringify(reply.value.ends) !== JSON.stringify(ends.value)) ends.value = reply.value.ends
  }

  /** What can change who is in it: sockets that appear, and those that come to an address or to nothing. */
  const known = computed(() => {
    let waiting = 0
    for (const { state } of sockets.all.values())
      if (state.phase === 'dialling' || state.phase === 'opening') waiting++
    return `${sockets.all.size} ${waiting}`
  })
  watch(asked, ask, { immediate: true })
  watch(known, () => {
    timer ??= setTimeout(() => {
      timer = undefined
      void ask()
    }, AGAIN_MS)
  })
  onScopeDispose(() => {
    latest++
    clearTimeout(timer)
  })
  return { ends, left, fault }
}
