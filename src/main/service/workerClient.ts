import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { type ServiceEvent } from '../../shared/contract/events'
import { type TapMessage } from '../../shared/contract/tap'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import {
  type FromWorker,
  type Log,
  type Opening,
  type Service,
  type ServiceOptions,
  type Tap,
  type ToWorker,
} from './api'

/** How long a close may take before the worker is ended by force: the engine's grace, and the disk's time for what is in memory. */
const CLOSE_MS = 10_000

/** What lives shortly may fill this much before it is collected: thousands of callers at once cost a seventh less than with V8's own limit. */
const YOUNG_MEGABYTES = 64

/** The service in a worker thread, seen from its host. */
export interface WorkerService extends Service {
  /** The capture's path, where it is now. */
  readonly file: string
  /** Resolves when the worker is gone: null after `close()`, else the fault that it died of. */
  readonly ended: Promise<Fault | null>
}

/**
 * Starts the worker and answers once its service is open, or with the fault for which it is not.
 * @param entry the built worker: out/main/worker.js
 * @param log gets the stacks of defects in the worker; standard error if not given
 * @param opening of a recording that is gone on with: told how far the reading of it is, and may end it
 */
export async function startWorkerService(
  entry: string | URL,
  options: ServiceOptions,
  log: Log = (text) => void process.stderr.write(`${text}\n`),
  opening: Opening = {},
): Promise<Reply<WorkerService>> {
  const worker = new Worker(entry, {
    workerData: options,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })
  const client = new WorkerClient(worker, log, opening)
  return client.started
}

class WorkerClient implements WorkerService {
  readonly started: Promise<Reply<WorkerService>>
  readonly ended: Promise<Fault | null>
  file = ''
  readonly #worker: Worker
  readonly #log: Log
  readonly #calls = new Map<number, (reply: Reply<unknown>) => void>()
  readonly #taps = new Map<number, (message: TapMessage) => void>()
  readonly #listeners = new Set<(events: readonly ServiceEvent[]) => void>()
  #lastNumber = 0
  #closing: Promise<void> | null = null
  #hasClosed = false
  readonly #onOpening: Opening['onProgress']
  #death: Fault | null = null
  #onStarted: (reply: Reply<WorkerService>) => void = () => undefined

  constructor(worker: Worker, log: Log, { onProgress, signal }: Opening) {
    this.#worker = worker
    this.#log = log
    this.#onOpening = onProgress
    const cancel = (): void => this.#post({ type: 'cancelOpening' })
    if (signal?.aborted === true) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    this.started = new Promise((resolve) => (this.#onStarted = resolve))
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => resolve(this.#exited(code)))
    })
    worker.on('message', (message: FromWorker) => this.#take(message))
    // The exit that follows settles everything; here is only the reason.
    worker.on('error', (error) => {
      log(`the service's thread died: ${error.stack ?? error.message}`)
      this.#death = fault('SB_BUG', `The service's thread died: ${error.message}`, {
        hint: 'Restart Switchboard; the recording is kept.',
      })
    })
  }

  call(name: string, input: unknown): Promise<Reply<unknown>> {
    const gone = this.#whyGone()
    if (gone !== null) return Promise.resolve({ ok: false, fault: gone })
    const call = ++this.#lastNumber
    return new Promise((resolve) => {
      this.#calls.set(call, resolve)
      try {
        this.#post({ type: 'call', call, name, input: withoutSlack(input) })
      } catch {
        // Functions and the like cannot be cloned. What came over IPC always can.
        this.#calls.delete(call)
        resolve({ ok: false, fault: fault('SB_INPUT', `${name}: the input cannot be sent to the service.`) })
      }
    })
  }

  onEvents(listener: (events: readonly ServiceEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  openTap(id: SocketId, from: number, deliver: (message: TapMessage) => void): Tap {
    const tap = ++this.#lastNumber
    this.#taps.set(tap, deliver)
    this.#post({ type: 'openTap', tap, id, from })
    return {
      settle: (bytes) => this.#post({ type: 'settleTap', tap, bytes }),
      close: () => {
        if (this.#taps.delete(tap)) this.#post({ type: 'closeTap', tap })
      },
    }
  }

  grantFile(path: string, grant: string = randomUUID()): string {
    // Messages arrive in the order they were posted: the grant is there before any call that uses it.
    this.#post({ type: 'grantFile', grant, path })
    return grant
  }

  grantTarget(path: string, grant: string = randomUUID()): string {
    this.#post({ type: 'grantTarget', grant, path })
    return grant
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#post({ type: 'close' })
    const force = setTimeout(() => void this.#worker.terminate(), CLOSE_MS)
    await this.ended
    clearTimeout(force)
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'opening':
        return this.#onOpening?.(message.doneBytes, message.totalBytes)
      case 'moved':
        this.file = message.file
        return
      case 'ready':
        this.file = message.file
        return this.#onStarted({ ok: true, value: this })
      case 'failed':
        // Answered when the thread is gone: one that still winds down must not meet the end of the program.
        this.#death = message.fault
        return void this.#worker.terminate()
      case 'reply': {
        const resolve = this.#calls.get(message.call)
        this.#calls.delete(message.call)
        return resolve?.(message.reply)
      }
      case 'events':
        return this.#tell(JSON.parse(message.json) as ServiceEvent[])
      case 'tap':
        return this.#taps.get(message.tap)?.(message.message)
      case 'log':
        return this.#log(message.text)
      case 'closed':
        this.#hasClosed = true
    }
  }

  /** Nobody waits for ever: every open call is answered. */
  #exited(code: number): Fault | null {
    if (!this.#hasClosed) this.#death ??= fault('SB_BUG', `The service's thread ended with code ${code}.`)
    const reply = {
      ok: false,
      fault: this.#whyGone() ?? fault('SB_CANCELLED', 'Switchboard has closed.'),
    } as const
    for (const resolve of this.#calls.values()) resolve(reply)
    this.#calls.clear()
    this.#taps.clear()
    this.#onStarted(reply)
    if (this.#death !== null) this.#tell([{ name: 'problem.arose', value: { id: null, fault: this.#death } }])
    return this.#death
  }

  #whyGone(): Fault | null {
    if (this.#death !== null) return this.#death
    return this.#closing === null ? null : fault('SB_CANCELLED', 'Switchboard is closing.')
  }

  #tell(events: readonly ServiceEvent[]): void {
    for (const listener of this.#listeners) listener(events)
  }
}

/** Cloning a view clones all the memory that it is a view of: a payload that is a small part of a large buffer is cut out first. */
function withoutSlack(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('bytes' in input)) return input
  const { bytes } = input
  if (!(bytes instanceof Uint8Array) || bytes.byteLength === bytes.buffer.byteLength) return input
  return { ...input, bytes: new Uint8Array(bytes) }
}
