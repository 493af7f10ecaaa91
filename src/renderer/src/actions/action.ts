import { usePanesStore } from '../stores/panes'
import { useProblemsStore } from '../stores/problems'
import type { Keys } from './keys'
import type { SocketId } from '@shared/model/ids'
import type { Fault, Reply } from '@shared/model/fault'

/** Something that the palette, a key or the application's menu can do. */
export interface Action {
  readonly id: string
  readonly title: string
  readonly keys?: Keys
  /** Where it stands in the palette when nothing has been typed. */
  readonly group: 'Open' | 'Pane' | 'Connection' | 'View' | 'Session' | 'Lesson'
  run(): void
}

/** Elements that actions go to; each belongs to one component. */
export const targets = {
  address: null as HTMLInputElement | null,
  openPalette: (): void => undefined,
  submitAddress: (_act: 'listen' | 'dial' | 'bind'): void => undefined,
}

export async function report(id: SocketId, asked: Promise<Reply<unknown>>): Promise<void> {
  const reply = await asked
  if (!reply.ok) problem(id, reply.fault)
}

export function problem(id: SocketId | null, of: Fault): void {
  useProblemsStore().arose(id, of)
}

export function focusAddress(): void {
  targets.address?.focus()
  targets.address?.select()
}

/** Presses something in the active pane: the pane itself keeps its views and its find bar. False where it has no such thing. */
export function pressInActivePane(selector: string): boolean {
  const { active } = usePanesStore()
  const pane = document.querySelector(`[data-pane="${active ?? ''}"]`)
  const found = pane?.querySelector<HTMLElement>(selector)
  found?.click()
  return found !== null && found !== undefined
}
