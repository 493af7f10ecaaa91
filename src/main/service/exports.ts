import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type ExportFormat, type ExportScope, type ExportStatus } from '../../shared/model/export'
import { type SocketId } from '../../shared/model/ids'
import { exportToFile, type WrittenFile } from '../capture/export/exportFile'
import { type SessionRecord } from '../session/sessionRecord'
import { piecesOf } from './exportPieces'
import { type Grants } from './grants'

/** Each takes the thread's time from the sockets: nobody waits for more of them at once. */
const MAX_AT_ONCE = 4
/** Progress is told ten times a second. */
const TELL_EVERY_MS = 100

export interface ExportsOptions {
  readonly record: Pick<SessionRecord, 'placeOf' | 'live'>
  readonly application: string
  /** Files that the user chose to write. */
  readonly targets: Grants
  readonly onProgress: (status: ExportStatus) => void
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

interface Running {
  readonly cancel: AbortController
  readonly done: Promise<void>
}

/** The exports that are under way. */
export class Exports {
  readonly #options: ExportsOptions
  readonly #running = new Map<number, Running>()
  #last = 0

  constructor(options: ExportsOptions) {
    this.#options = options
  }

  /**
   * Begins to write; how it goes on is told by progress, the last of which is `done`, `cancelled` or `failed`.
   * @param beside where all sockets are wanted: one of the recording that is meant, or null for what is being recorded
   */
  begin(
    scope: ExportScope,
    beside: SocketId | null,
    format: ExportFormat,
    grant: string,
  ): Reply<ExportStatus> {
    const { targets } = this.#options
    const file = targets.pathOf(grant)
    if (file === undefined)
      return refuse('SB_INPUT', 'This file was not chosen, or has been written already.')
    if (this.#running.size >= MAX_AT_ONCE) {
      return refuse(
        'SB_STATE',
        `${MAX_AT_ONCE} exports are under way already.`,
        'Wait for one, or cancel one.',
      )
    }
    targets.use(grant)
    const number = ++this.#last
    const status: ExportStatus = {
      number,
      file,
      format,
      doneBytes: 0,
      totalBytes: 0,
      writtenBytes: 0,
      phase: 'writing',
    }
    const cancel = new AbortController()
    const done = this.#run(status, scope, beside, cancel.signal).finally(() => this.#running.delete(number))
    this.#running.set(number, { cancel, done })
    return { ok: true, value: status }
  }

  /** Ends an export, and resolves once nothing is left of its file. One that has ended already is fine. */
  async cancel(number: number): Promise<void> {
    const found = this.#running.get(number)
    found?.cancel.abort()
    await found?.done
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((number) => this.cancel(number)))
  }

  async #run(
    began: ExportStatus,
    scope: ExportScope,
    beside: SocketId | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { record, application, onProgress, onBug } = this.#options
    // Each recording has a clock of its own: those that are opened are never mixed with what goes on.
    const named = scope.id ?? beside
    const place = named === null ? null : record.placeOf(named)
    const reader = place?.reader ?? record.live
    const id = scope.id === null ? null : (place?.id ?? scope.id)
    let status = began
    let toldAtMs = -Infinity
    const ids = scope.ids?.map((each) => record.placeOf(each).id)
    const of = { reader, scope: { ...scope, id, ids } }
    const pieces = piecesOf({
      ...of,
      application,
      format: began.format,
      signal,
      onProgress: (doneBytes, totalBytes) => {
        status = { ...status, doneBytes, totalBytes }
        if (performance.now() - toldAtMs < TELL_EVERY_MS) return
        toldAtMs = performance.now()
        onProgress(status)
      },
    })
    const written = await exportToFile(pieces, of, began.file).catch(
      (error: unknown): Reply<WrittenFile> => ({ ok: false, fault: onBug(error) }),
    )
    if (written.ok) {
      onProgress({ ...status, phase: 'done', writtenBytes: written.value.writtenBytes })
    } else if (written.fault.code === 'SB_CANCELLED') {
      onProgress({ ...status, phase: 'cancelled' })
    } else {
      onProgress({ ...status, phase: 'failed', fault: written.fault })
    }
  }
}

function refuse(code: 'SB_INPUT' | 'SB_STATE', summary: string, hint?: string): Reply<never> {
  return { ok: false, fault: fault(code, summary, { hint }) }
}
