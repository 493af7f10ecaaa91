import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import { useProblemsStore } from './problems'
import type { ExportScope, ExportStatus } from '@shared/model/export'
import type { SocketId } from '@shared/model/ids'
import type { StreamName } from '@shared/model/record'

/** What the window offers to export: a socket, or a selection in it, or only everything. */
export interface ExportOffer {
  readonly id: SocketId | null
  /** The stream that is in sight. */
  readonly stream: StreamName
  readonly rows?: ExportScope['rows']
  readonly bytes?: ExportScope['bytes']
}

/** The exports that are under way or have just ended, and what the dialog was opened for. */
export const useExportsStore = defineStore('exports', () => {
  const all = shallowReactive(new Map<number, ExportStatus>())
  const offer = shallowRef<ExportOffer | null>(null)

  function progressed(status: ExportStatus): void {
    // What has ended stays as it ended, whatever comes late.
    if ((all.get(status.number)?.phase ?? 'writing') !== 'writing') return
    all.set(status.number, status)
    if (status.fault !== undefined) useProblemsStore().arose(null, status.fault)
  }
  return {
    all,
    offer,
    progressed,
    dismiss: (number: number) => void all.delete(number),
  }
})
