import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type SavingStatus } from '../../shared/model/saving'
import { type Capture, type SaveOptions } from '../capture/types'
import { type Grants } from './grants'

/** Progress is told ten times a second. */
const TELL_EVERY_MS = 100

export interface SavesOptions {
  readonly recording: Pick<Capture, 'saveAs' | 'saveCopy'>
  /** Files that the user chose to write. */
  readonly targets: Grants
  readonly onProgress: (status: SavingStatus) => void
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

interface Running {
  readonly cancel: AbortController
  readonly done: Promise<unknown>
}

/** The saving of the session, which is one at a time. */
export class Saves {
  readonly #options: SavesOptions
  #running: Running | null = null

  constructor(options: SavesOptions) {
    this.#options = options
  }

  /** Answers once it is saved. How far it is, is told by progress. @param isMoved see SaveOptions */
  async save(
    how: 'saveAs' | 'saveCopy',
    grant: string,
    isMoved = false,
  ): Promise<Reply<{ readonly file: string }>> {
    const { targets } = this.#options
    const file = targets.pathOf(grant)
    if (file === undefined)
      return refuse('SB_INPUT', 'This file was not chosen, or has been saved to already.')
    if (this.#running !== null)
      return refuse('SB_STATE', 'The session is being saved already.', 'Wait for that, or cancel it.')
    targets.use(grant)
    const cancel = new AbortController()
    const done = this.#save(how, file, { signal: cancel.signal, isMoved })
    this.#running = { cancel, done }
    try {
      return await done
    } finally {
      this.#running = null
    }
  }

  /** Ends it, and resolves once nothing is left of it. */
  async cancel(): Promise<Reply<null>> {
    this.#running?.cancel.abort()
    await this.#running?.done
    return { ok: true, value: null }
  }

  async #save(
    how: 'saveAs' | 'saveCopy',
    file: string,
    options: Pick<SaveOptions, 'signal' | 'isMoved'>,
  ): Promise<Reply<{ readonly file: string }>> {
    const { recording, onProgress, onBug } = this.#options
    let status: SavingStatus = { copiedBytes: 0, totalBytes: 0, isDone: false }
    let toldAtMs = 0
    const reply = await recording[how](file, {
      ...options,
      onProgress: (copiedBytes, totalBytes) => {
        status = { copiedBytes, totalBytes, isDone: false }
        if (performance.now() - toldAtMs < TELL_EVERY_MS) return
        toldAtMs = performance.now()
        onProgress(status)
      },
    }).catch((error: unknown): Reply<never> => ({ ok: false, fault: onBug(error) }))
    onProgress({ ...status, isDone: true, ...(!reply.ok && { fault: reply.fault }) })
    return reply
  }
}

function refuse(code: 'SB_INPUT' | 'SB_STATE', summary: string, hint?: string): Reply<never> {
  return { ok: false, fault: fault(code, summary, { hint }) }
}
