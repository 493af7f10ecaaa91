import { exportEndings, type ExportFormat, type ExportScope } from '@shared/model/export'
import type { Reply } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import { call, host } from '../bridge/bridge'
import { useExportsStore, type ExportOffer } from '../stores/exports'
import { useOpenedStore } from '../stores/opened'
import { useProblemsStore } from '../stores/problems'
import { useRecordingStore } from '../stores/recording'

/** Opens the dialog in which one chooses what to export, and as what. */
export function askToExport(offer: ExportOffer): void {
  useExportsStore().offer = offer
}

/**
 * Asks for a file and writes it. False where the user chose none.
 * @param beside where all sockets are wanted: one of the recording that is meant; null for what is being recorded
 */
export async function exportAs(
  scope: ExportScope,
  format: ExportFormat,
  beside: SocketId | null = scope.id,
): Promise<boolean> {
  const chosen = told(await host('export.pick', { name: nameOf(scope, beside, format), format }))
  if (chosen === null) return false
  const began = told(await call('export.begin', { scope, beside, format, grant: chosen.grant }))
  if (began !== null) useExportsStore().progressed(began)
  return true
}

/** Stops an export; nothing is left of its file. */
export async function cancelExport(number: number): Promise<void> {
  told(await call('export.cancel', { number }))
}

/** A name that tells what is in the file: `recording-C1-in.pcapng`. */
function nameOf(
  { id, stream, rows, bytes }: ExportScope,
  beside: SocketId | null,
  format: ExportFormat,
): string {
  const opened = beside === null ? undefined : useOpenedStore().bySocket.get(beside)
  const file = opened?.file ?? useRecordingStore().status?.file ?? 'session'
  const recording = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.swb$/, '')
  const part = bytes !== undefined ? `at-${bytes.from}` : rows !== undefined ? `row-${rows.from}` : null
  const words = [recording, id, stream === 'both' ? null : stream, part]
  return `${words.filter((word) => word !== null).join('-')}.${exportEndings[format]}`
}

function told<T>(reply: Reply<T>): T | null {
  if (reply.ok) return reply.value
  useProblemsStore().arose(null, reply.fault)
  return null
}
