import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type ConnectionId } from '../../shared/model/ids'
import { type FileProgress } from '../../shared/model/summary'
import { toFault } from '../engine/fault'
import { type Engine } from '../engine/types'

/** One read, and one chunk of the record. */
const SLICE_BYTES = 128 * 1024
/** Past this much waiting in the connection the file is not read any further: the peer is slower than the disk. */
const MAX_QUEUED_BYTES = 512 * 1024
/** Progress is told, and the file looked at, ten times a second. */
const TICK_MS = 100

export interface FileSendingOptions {
  readonly engine: Pick<Engine, 'send' | 'drained' | 'summary'>
  /** Resolves when the recording has room: a file that is read faster than the disk writes must not fill the memory. */
  readonly whenRoom: () => Promise<void>
  readonly onProgress: (id: ConnectionId, progress: FileProgress, fault?: Fault) => void
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

interface OpenedFile {
  readonly path: string
  readonly file: FileHandle
  readonly totalBytes: number
  /** Device and inode: another file under the same name is not the one that was picked. */
  readonly identity: string
}

/** Opens a regular file for reading. Faults carry the errno and the call: open ENOENT, open EACCES … */
export async function openToSend(path: string): Promise<Reply<OpenedFile>> {
  let file: FileHandle | null = null
  try {
    file = await open(path, 'r')
    const found = await file.stat()
    if (found.isFile()) {
      return {
        ok: true,
        value: { path, file, totalBytes: found.size, identity: `${found.dev}:${found.ino}` },
      }
    }
    await file.close()
    const what = found.isDirectory() ? 'a directory' : 'not a regular file'
    return {
      ok: false,
      fault: fault('SB_INPUT', `${path} is ${what} and cannot be sent.`, { syscall: 'open' }),
    }
  } catch (error) {
    await file?.close()
    return { ok: false, fault: toFault(error, { endpoint: path }) }
  }
}

interface TransferOptions extends FileSendingOptions, OpenedFile {
  readonly id: ConnectionId
}

type End = { readonly phase: 'sent' | 'cancelled' } | { readonly phase: 'failed'; readonly fault: Fault }

/** One file on its way into one connection: read a slice, hand it over, wait until the connection has taken it. */
export class FileTransfer {
  /** Resolves when the file has been sent, cancelled or given up, and is closed. Never rejects. */
  readonly done: Promise<void>
  readonly #options: TransferOptions
  /** Set from outside the loop: cancelled by the user, or the file is gone. */
  #stopped: End | null = null
  /** Ends the wait that the loop is in. */
  #wake: (() => void) | null = null
  #handedBytes = 0
  #toldBytes = 0

  constructor(options: TransferOptions) {
    this.#options = options
    this.done = this.#run()
  }

  /** What the kernel has taken so far. */
  get progress(): FileProgress {
    const summary = this.#options.engine.summary(this.#options.id)
    const queued = summary?.kind === 'connection' ? summary.queuedBytes : 0
    return this.#report('sending', Math.max(0, this.#handedBytes - queued))
  }

  cancel(): void {
    this.#end({ phase: 'cancelled' })
  }

  async #run(): Promise<void> {
    const ticker = setInterval(() => void this.#tick(), TICK_MS)
    let end: End
    try {
      end = await this.#send()
    } catch (error) {
      end = { phase: 'failed', fault: this.#options.onBug(error) }
    }
    clearInterval(ticker)
    this.#stopped ??= end // a tick that still waits for its stat must not tell anything after the end
    await this.#options.file.close().catch((error: unknown) => this.#options.onBug(error))
    const { id, onProgress } = this.#options
    onProgress(
      id,
      this.#report(end.phase, this.#finalBytes()),
      end.phase === 'failed' ? end.fault : undefined,
    )
  }

  async #send(): Promise<End> {
    const { engine, id, file, totalBytes, whenRoom, path } = this.#options
    // Used again and again: the engine copies what the kernel does not take at once.
    const slice = new Uint8Array(SLICE_BYTES)
    while (this.#handedBytes < totalBytes) {
      const wanted = Math.min(SLICE_BYTES, totalBytes - this.#handedBytes)
      let bytesRead: number
      try {
        bytesRead = (await file.read(slice, 0, wanted, this.#handedBytes)).bytesRead
      } catch (error) {
        return { phase: 'failed', fault: toFault(error, { syscall: 'read', endpoint: path }) }
      }
      if (this.#stopped !== null) return this.#stopped
      if (bytesRead === 0) return { phase: 'failed', fault: this.#shrunk() }
      const sent = engine.send(id, slice.subarray(0, bytesRead))
      if (!sent.ok) return { phase: 'failed', fault: sent.fault }
      this.#handedBytes += bytesRead
      if (sent.value.queuedBytes > MAX_QUEUED_BYTES) await this.#unlessStopped(engine.drained(id))
      await this.#unlessStopped(whenRoom())
      if (this.#stopped !== null) return this.#stopped
    }
    await this.#unlessStopped(engine.drained(id))
    return this.#stopped ?? this.#afterLastSlice()
  }

  /** All was handed over and the queue is empty: taken by the kernel, unless the connection ended with it. */
  #afterLastSlice(): End {
    const { engine, id, totalBytes } = this.#options
    const summary = engine.summary(id)
    const state = summary?.kind === 'connection' ? summary.state : null
    const isLost = state?.phase === 'failed' || (state?.phase === 'closed' && state.unsentBytes > 0)
    if (!isLost) return { phase: 'sent' }
    const gone = fault('SB_STATE', `${id} ended before all ${totalBytes} bytes of the file were taken.`)
    return { phase: 'failed', fault: state.fault ?? gone }
  }

  /** Cancelled or failed, what was handed over still goes out; unless the connection ended and left some of it unsent. */
  #finalBytes(): number {
    const summary = this.#options.engine.summary(this.#options.id)
    const state = summary?.kind === 'connection' ? summary.state : null
    const unsent = state?.phase === 'closed' ? state.unsentBytes : 0
    return Math.max(0, this.#handedBytes - unsent)
  }

  /** Waits, or returns early when the transfer is stopped. (A race with one lasting promise would keep every loser in memory.) */
  #unlessStopped(wait: Promise<void>): Promise<void> {
    if (this.#stopped !== null) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#wake = resolve
      wait.then(resolve, reject)
    })
  }

  #end(end: End): void {
    if (this.#stopped !== null) return
    this.#stopped = end
    this.#wake?.()
  }

  async #tick(): Promise<void> {
    const { path, identity, id, onProgress } = this.#options
    const { progress } = this
    if (progress.sentBytes !== this.#toldBytes && this.#stopped === null) {
      this.#toldBytes = progress.sentBytes
      onProgress(id, progress)
    }
    // An unlinked file can still be read on Unix; but what goes out then is nothing that the user could look at, so it is told.
    try {
      const now = await stat(path)
      if (`${now.dev}:${now.ino}` !== identity) this.#end({ phase: 'failed', fault: this.#replaced() })
      else if (now.size < this.#options.totalBytes) this.#end({ phase: 'failed', fault: this.#shrunk() })
    } catch (error) {
      this.#end({ phase: 'failed', fault: toFault(error, { syscall: 'stat', endpoint: path }) })
    }
  }

  #shrunk(): Fault {
    return this.#changed('became shorter')
  }

  #replaced(): Fault {
    return this.#changed('was replaced by another')
  }

  #changed(how: string): Fault {
    const { path, totalBytes } = this.#options
    const summary = `The file ${how} while it was sent: ${this.#handedBytes} of ${totalBytes} bytes went out.`
    return fault('SB_STATE', summary, {
      syscall: 'read',
      endpoint: path,
      hint: 'Send it again once nothing writes to it.',
    })
  }

  #report(phase: FileProgress['phase'], sentBytes: number): FileProgress {
    return { name: basename(this.#options.path), sentBytes, totalBytes: this.#options.totalBytes, phase }
  }
}
