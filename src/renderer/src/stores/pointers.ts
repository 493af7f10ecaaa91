import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { SocketId } from '@shared/model/ids'
import type { KernelField } from '@shared/model/kernelFields'

/** Something that a lesson points at, by the number that its text has for it. */
export type Pointer = {
  readonly number: number
  readonly text: string
  /** How often one has gone there: each time it is ringed anew. */
  readonly turn: number
} & (
  | { readonly at: 'pane' | 'row'; readonly id: SocketId }
  | { readonly at: 'kernel'; readonly id: SocketId; readonly field: KernelField }
  | { readonly at: 'ladder'; readonly ids: readonly SocketId[] }
)

/** What the window points at just now. */
export const usePointersStore = defineStore('pointers', () => {
  const all = shallowRef<readonly Pointer[]>([])
  const bySocket = computed(() => {
    const found = new Map<SocketId, Pointer[]>()
    for (const each of all.value)
      if (each.at !== 'ladder') found.set(each.id, [...(found.get(each.id) ?? []), each])
    return found
  })
  const ladder = computed(() => all.value.find(({ at }) => at === 'ladder') ?? null)

  function at(id: SocketId, what: 'pane' | 'row'): Pointer | null {
    return bySocket.value.get(id)?.find((each) => each.at === what) ?? null
  }
  function atField(id: SocketId): ReadonlyMap<KernelField, Pointer> {
    const found = bySocket.value.get(id) ?? []
    return new Map(found.flatMap((each) => (each.at === 'kernel' ? [[each.field, each]] : [])))
  }
  function set(to: readonly Pointer[]): void {
    all.value = to
  }
  /** Rings it once more. */
  function again(number: number): void {
    all.value = all.value.map((each) => (each.number === number ? { ...each, turn: each.turn + 1 } : each))
  }
  return { all, ladder, at, atField, set, again }
})
