import { defineStore } from 'pinia'
import { shallowReactive, shallowRef, watch } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { KernelLatest, KernelRate, KernelSampling } from '@shared/model/kernel'
import { MAX_LOOKED_AT } from '@shared/contract/limits'
import { call } from '../bridge/bridge'
import { useArrangementStore } from './arrangement'
import { usePanesStore } from './panes'

/** What is known of a socket, and when that came. */
export interface KernelTold extends KernelLatest {
  readonly toldAtMs: number
}

/** What the kernel says of the sockets that are looked at; the service samples those whose views are open. */
export const useKernelStore = defineStore('kernel', () => {
  const panes = usePanesStore()
  const arrangement = useArrangementStore()
  /** Sockets of which something else shows what the kernel says. */
  const alsoSampled = shallowRef<readonly SocketId[]>([])
  const latest = shallowReactive(new Map<SocketId, KernelTold>())
  const sampling = shallowRef<KernelSampling | null>(null)
  const fault = shallowRef<Fault | null>(null)

  function told(value: KernelLatest): void {
    latest.set(value.id, { ...value, toldAtMs: performance.now() })
  }
  function sampled(value: KernelSampling): void {
    sampling.value = value
  }
  /** Whether a socket's view is open: kept with the session. */
  function isOpen(id: SocketId): boolean {
    return arrangement.stateOf(id).kernel === true
  }
  function toggle(id: SocketId): void {
    const state = arrangement.stateOf(id)
    if (state.kernel === true) delete state.kernel
    else state.kernel = true
  }
  /** Of a socket that has ended no event tells. */
  async function load(id: SocketId): Promise<void> {
    const reply = await call('kernel.latest', { id })
    if (reply.ok && reply.value.sample !== null && !latest.has(id)) told(reply.value)
  }
  async function configure(rate: KernelRate, isAll: boolean): Promise<void> {
    const reply = await call('kernel.configure', { rate, isAll })
    fault.value = reply.ok ? null : reply.fault
    if (reply.ok) sampling.value = reply.value
  }
  async function look(): Promise<void> {
    const shown = panes.open.slice(0, MAX_LOOKED_AT)
    const sampled = [...new Set([...shown.filter(isOpen), ...alsoSampled.value])].slice(0, MAX_LOOKED_AT)
    const reply = await call('kernel.look', { sampled, shown })
    fault.value = reply.ok ? null : reply.fault
    if (reply.ok) sampling.value = reply.value
  }
  const views = (): string => panes.open.filter(isOpen).join()
  watch([views, () => panes.open, alsoSampled], () => void look(), { immediate: true })
  return { alsoSampled, latest, sampling, fault, told, sampled, isOpen, toggle, load, configure }
})
