import { type ServiceEvent } from '../../../shared/contract/events'
import { type TapMessage } from '../../../shared/contract/tap'
import { fault, type Fault, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { type Tap } from '../../service/api'
import { startWorkerService, type WorkerService } from '../../service/workerClient'
import { type Log } from './log'
import { newRecording, removeRecording } from './recordings'

const CLOSING: Reply<WorkerService> = {
  ok: false,
  fault: fault('SB_CANCELLED', 'Switchboard is closing.'),
}

export interface ServiceHostOptions {
  /** The built worker. */
  readonly entry: URL
  /** Where recordings go. */
  readonly folder: string
  readonly application: string
  readonly log: Log
}

/**
 * The service in its worker thread, and what is to be done when that thread dies: say so, and start another when asked.
 * It starts with the first call, which a page makes once it has been drawn: before that, the thread would only take
 * Chromium's time from it.
 */
export class ServiceHost {
  readonly #options: ServiceHostOptions
  readonly #listeners = new Set<(events: readonly ServiceEvent[]) => void>()
  readonly #deathListeners = new Set<(fault: Fault) => void>()
  #started: Promise<Reply<WorkerService>> | null = null
  #hasSockets = false
  #isClosing = false
  #death: Fault | null = null

  constructor(options: ServiceHostOptions) {
    this.#options = options
  }

  get folder(): string {
    return this.#options.folder
  }

  /** The recording of the session that is going on; null where none could be begun. */
  async recording(): Promise<string | null> {
    const started = await this.#service()
    return started.ok ? started.value.file : null
  }

  /** A page may ask before the worker has started: the answer then waits for it. Never rejects. */
  async call(name: string, input: unknown): Promise<Reply<unknown>> {
    const started = await this.#service()
    return started.ok ? started.value.call(name, input) : started
  }

  async grantFile(file: string): Promise<Reply<string>> {
    const started = await this.#service()
    return started.ok ? { ok: true, value: started.value.grantFile(file) } : started
  }

  async grantTarget(file: string): Promise<Reply<string>> {
    const started = await this.#service()
    return started.ok ? { ok: true, value: started.value.grantTarget(file) } : started
  }

  async openTap(id: SocketId, from: number, deliver: (message: TapMessage) => void): Promise<Reply<Tap>> {
    const started = await this.#service()
    return started.ok ? { ok: true, value: started.value.openTap(id, from, deliver) } : started
  }

  onEvents(listener: (events: readonly ServiceEvent[]) => void): void {
    this.#listeners.add(listener)
  }

  /** The service could not start, or its thread died: every socket of the session is gone. */
  onDied(listener: (fault: Fault) => void): void {
    this.#deathListeners.add(listener)
    if (this.#death !== null) listener(this.#death)
  }

  /** Begins a new session with a new recording, after the one before died. */
  async restart(): Promise<Reply<null>> {
    this.#started = this.#start()
    const started = await this.#started
    return started.ok ? { ok: true, value: null } : started
  }

  /** Ends every socket and completes the recording; bounded by the worker's client. A recording without a socket is removed. */
  async close(): Promise<void> {
    this.#isClosing = true
    const started = await this.#started
    if (started?.ok !== true) return
    const { file } = started.value
    await started.value.close()
    this.#options.log.info('recording closed', { file })
    if (!this.#hasSockets) await removeRecording(file)
  }

  #service(): Promise<Reply<WorkerService>> {
    this.#started ??= this.#isClosing ? Promise.resolve(CLOSING) : this.#start()
    return this.#started
  }

  async #start(): Promise<Reply<WorkerService>> {
    const { entry, folder, application, log } = this.#options
    this.#hasSockets = false
    this.#death = null
    let reply: Reply<WorkerService>
    try {
      const file = await newRecording(folder, new Date())
      reply = await startWorkerService(entry, { file, application }, (text) => log.error('service', { text }))
    } catch (error) {
      reply = {
        ok: false,
        fault: fault('SB_CAPTURE', `The folder for recordings cannot be made: ${String(error)}`, {
          endpoint: folder,
        }),
      }
    }
    if (reply.ok) this.#watch(reply.value)
    else this.#died(reply.fault)
    log.info('service started', { ok: reply.ok, file: reply.ok ? reply.value.file : null })
    return reply
  }

  #watch(service: WorkerService): void {
    service.onEvents((events) => {
      this.#hasSockets ||= events.some((event) => event.name === 'socket.changed')
      for (const listener of this.#listeners) listener(events)
    })
    void service.ended.then((death) => {
      if (death !== null) this.#died(death)
    })
  }

  #died(death: Fault): void {
    this.#options.log.error('the service is gone', { code: death.code, summary: death.summary })
    if (this.#isClosing) return
    this.#death = death
    for (const listener of this.#deathListeners) listener(death)
  }
}
