import { fault, type Reply } from '../../shared/model/fault'
import { type ConnectionId } from '../../shared/model/ids'
import { type FileProgress } from '../../shared/model/summary'
import { FileTransfer, openToSend, type FileSendingOptions } from './fileTransfer'
import { type Grants } from './grants'

/** Sends files over connections: by a grant that the host gave for one path, once. One file at a time a connection. */
export class FileSending {
  readonly #options: FileSendingOptions
  readonly #grants: Grants
  readonly #transfers = new Map<ConnectionId, FileTransfer>()
  /** Connections whose file is being opened: they count as busy too. */
  readonly #opening = new Set<ConnectionId>()

  constructor(options: FileSendingOptions, grants: Grants) {
    this.#options = options
    this.#grants = grants
  }

  /**
   * Answers once the file is open and on its way; how it goes on is told by progress events, the last of which
   * has the phase `sent`, `cancelled` or `failed`. The file is sent as long as it was when it was opened.
   */
  async send(id: ConnectionId, grant: string): Promise<Reply<FileProgress>> {
    const path = this.#grants.pathOf(grant)
    if (path === undefined) {
      return refuse('SB_INPUT', 'This file was not picked, or has been sent already.', 'Pick the file again.')
    }
    const state = this.#options.engine.summary(id)
    if (state === null) return refuse('SB_UNKNOWN', `There is no connection ${id}.`)
    if (this.#transfers.has(id) || this.#opening.has(id)) {
      return refuse('SB_STATE', `${id} is sending a file already.`, 'Wait for its end, or cancel it.')
    }
    this.#grants.use(grant)
    this.#opening.add(id)
    const opened = await openToSend(path).finally(() => this.#opening.delete(id))
    if (!opened.ok) return opened
    const transfer = new FileTransfer({ ...this.#options, id, ...opened.value })
    this.#transfers.set(id, transfer)
    void transfer.done.then(() => this.#transfers.delete(id))
    return { ok: true, value: transfer.progress }
  }

  /** Stops reading the file. What was handed to the connection before still goes out. */
  async cancel(id: ConnectionId): Promise<Reply<null>> {
    const transfer = this.#transfers.get(id)
    if (transfer === undefined) return refuse('SB_STATE', `${id} is not sending a file.`)
    transfer.cancel()
    await transfer.done
    return { ok: true, value: null }
  }

  async close(): Promise<void> {
    const transfers = [...this.#transfers.values()]
    for (const transfer of transfers) transfer.cancel()
    await Promise.all(transfers.map((transfer) => transfer.done))
  }
}

function refuse(code: 'SB_INPUT' | 'SB_STATE' | 'SB_UNKNOWN', summary: string, hint?: string): Reply<never> {
  return { ok: false, fault: fault(code, summary, { hint }) }
}
