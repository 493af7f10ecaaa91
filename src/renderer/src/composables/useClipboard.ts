import { shallowRef, type ShallowRef } from 'vue'
import type { Fault } from '@shared/model/fault'
import { host } from '../bridge/bridge'

/**
 * The way to the clipboard, and the word that something is there now.
 * @param fault where the view tells its failures
 */
export function useClipboard(fault: ShallowRef<Fault | null>) {
  const copied = shallowRef('')

  /** @param told what `copied` says once it is there */
  async function write(text: string, told: string): Promise<void> {
    const reply = await host('clipboard.write', { text })
    fault.value = reply.ok ? null : reply.fault
    copied.value = reply.ok ? told : ''
  }

  return { copied, write }
}
