import { call, host } from '../bridge/bridge'
import { useArrangementStore } from '../stores/arrangement'
import { useProblemsStore } from '../stores/problems'
import { useSavingStore } from '../stores/saving'
import type { Reply } from '@shared/model/fault'

/** Opens another window with a session that is empty. */
export async function newSession(): Promise<void> {
  good(await host('session.new', {}))
}

/** Asks for a session and opens it. */
export async function chooseSession(): Promise<void> {
  good(await host('session.choose', {}))
}

export async function openRecent(file: string): Promise<void> {
  good(await host('recent.open', { file }))
}

/** Everything is in the session's file at all times: saving sees to it that it is on the disk. One without a name gets one. */
export async function saveSession(): Promise<void> {
  const about = good(await host('session.about', {}))
  if (about === null) return
  if (about.isUntitled) return saveSessionAs()
  await useArrangementStore().keep()
  const synced = await call('session.sync', {})
  if (synced.ok) useSavingStore().told('Saved')
  else good(synced)
}

/** Saves the session under another name, and goes on there. */
export async function saveSessionAs(): Promise<void> {
  const target = good(await host('session.target', { suggest: 'name' }))
  if (target === null) return
  await useArrangementStore().keep()
  const saved = good(await call('session.saveAs', { grant: target.grant }))
  if (saved === null) return
  useSavingStore().told(`Saved as ${nameOf(saved.file)}`)
  good(await host('session.saved', {}))
}

/** Saves a copy of the session, and opens that in a window of its own. */
export async function duplicateSession(): Promise<void> {
  const target = good(await host('session.target', { suggest: 'copy' }))
  if (target === null) return
  await useArrangementStore().keep()
  const copied = good(await call('session.saveCopy', { grant: target.grant }))
  if (copied === null) return
  useSavingStore().told(`Copied to ${nameOf(copied.file)}`)
  good(await host('session.openCopy', {}))
}

export async function cancelSaving(): Promise<void> {
  good(await call('session.cancelSaving', {}))
}

const nameOf = (file: string): string => file.split(/[\\/]/).at(-1) ?? file

/** What came of it; what went wrong is told among the problems. */
function good<T>(reply: Reply<T>): T | null {
  if (reply.ok) return reply.value
  if (reply.fault.code !== 'SB_CANCELLED') useProblemsStore().arose(null, reply.fault)
  return null
}
