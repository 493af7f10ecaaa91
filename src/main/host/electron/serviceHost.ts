import path from 'node:path'
import { type ServiceEvent } from '../../../shared/contract/events'
import { type TapMessage } from '../../../shared/contract/tap'
import { fault, type Fault, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { type LessonFolders, type Tap } from '../../service/api'
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
  readonly lessons: Required<LessonFolders>
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
  readonly #fileListeners = new Set<(file: string) => void>()
  #started: Promise<Reply<WorkerService>> | null = null
  /** The one that is at work. */
  #worker: WorkerService | null = null
  #file: string | null = null
  #copy: string | null = null
  #hasSockets = false
  #closing: Promise<void> | null = null
  #death: Fault | null = null

  /** @param worker one that is at work already; else one is started with a new session */
  constructor(options: ServiceHostOptions, worker: WorkerService | null = null) {
    this.#options = options
    if (worker !== null) this.#take(worker)
  }

  get folder(): string {
    return this.#options.folder
  }

  get lessons(): Required<LessonFolders> {
    return this.#options.lessons
  }

  /** Where the session is recorded just now; null before it has begun. */
  get file(): string | null {
    return this.#file
  }

  /** The copy of the session that was saved last. */
  get copy(): string | null {
    return this.#copy
  }

  /** Nobody has named its file: it lies in the folder for recordings. */
  get isUntitled(): boolean {
    return this.#file === null || path.dirname(this.#file) === this.#options.folder
  }

  /** No socket was opened in it: nothing is lost when another session takes its place. */
  get isUntouched(): boolean {
    return !this.#hasSockets && this.isUntitled
  }

  /** The page has asked something of the session: what it shows is that one. */
  get isAsked(): boolean {
    return this.#started !== null
  }

  /** Told when the session has begun in a file, or goes on in another. */
  onFile(listener: (file: string) => void): void {
    this.#fileListeners.add(listener)
    if (this.#file !== null) listener(this.#file)
  }

  /** The recording of the session that is going on; null where none could be begun. */
  async recording(): Promise<string | null> {
    const started = await this.#service()
    return started.ok ? started.value.file : null
  }

  /** A page may ask before the worker has started: the answer then waits for it. Never rejects. */
  async call(name: string, input: unknown): Promise<Reply<unknown>> {
    const started = await this.#service()
    if (!started.ok) return started
    const reply = await started.value.call(name, name === 'session.saveAs' ? this.#saving(input) : input)
    if (name === 'session.saveCopy' && reply.ok) this.#copy = (reply.value as { file: string }).file
    await this.#lookForFile(started.value)
    return reply
  }

  /** A recording that nobody has named may be moved: that is ours to say, and not a page's. */
  #saving(input: unknown): unknown {
    return typeof input === 'object' && input !== null ? { ...input, isMoved: this.isUntitled } : input
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
    const started = await this.#begin()
    return started.ok ? { ok: true, value: null } : started
  }

  /** Puts another session in the place of one that is untouched, at once; resolves when that has ended, and its recording is removed. */
  async replace(worker: WorkerService): Promise<void> {
    const before = this.#started
    this.#take(worker)
    const started = await before
    if (started?.ok === true) await this.#end(started.value, false)
  }

  /** Ends every socket and completes the recording; bounded by the worker's client. A recording without a socket is removed. */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const started = await this.#started
    if (started?.ok === true) await this.#end(started.value, this.#hasSockets)
  }

  async #end(worker: WorkerService, isKept: boolean): Promise<void> {
    await worker.close()
    const { file } = worker
    this.#options.log.info('recording closed', { file })
    if (!isKept) await removeRecording(file)
  }

  #service(): Promise<Reply<WorkerService>> {
    if (this.#started !== null) return this.#started
    return this.#closing === null ? this.#begin() : Promise.resolve(CLOSING)
  }

  #begin(): Promise<Reply<WorkerService>> {
    const starting: Promise<Reply<WorkerService>> = this.#start().then((reply) => {
      // Another session may have taken its place meanwhile.
      if (this.#started !== starting) return reply
      if (reply.ok) this.#watch(reply.value)
      else this.#died(reply.fault)
      return reply
    })
    this.#started = starting
    return starting
  }

  /** Saved under another name, it goes on there; what it was in, if nobody had named that, is of no more use. */
  async #lookForFile({ file }: WorkerService): Promise<void> {
    const before = this.#file
    if (this.#closing !== null || before === null || this.#worker?.file !== file || file === before) return
    const wasUntitled = this.isUntitled
    this.#nowIn(file)
    this.#options.log.info('recording moved', { from: before, to: file })
    if (wasUntitled) await removeRecording(before)
  }

  #nowIn(file: string): void {
    this.#file = file
    for (const listener of this.#fileListeners) listener(file)
  }

  #take(worker: WorkerService): void {
    this.#started = Promise.resolve({ ok: true, value: worker })
    this.#hasSockets = true
    this.#death = null
    this.#watch(worker)
  }

  async #start(): Promise<Reply<WorkerService>> {
    const { entry, folder, application, lessons, log } = this.#options
    this.#hasSockets = false
    this.#death = null
    let reply: Reply<WorkerService>
    try {
      const file = await newRecording(folder, new Date())
      reply = await startWorkerService(entry, { file, application, lessons }, (text) =>
        log.error('service', { text }),
      )
    } catch (error) {
      reply = {
        ok: false,
        fault: fault('SB_CAPTURE', `The folder for recordings cannot be made: ${String(error)}`, {
          endpoint: folder,
        }),
      }
    }
    log.info('service started', { ok: reply.ok, file: reply.ok ? reply.value.file : null })
    return reply
  }

  #watch(service: WorkerService): void {
    this.#worker = service
    this.#nowIn(service.file)
    service.onEvents((events) => {
      if (this.#worker !== service) return
      this.#hasSockets ||= events.some((event) => event.name === 'socket.changed')
      for (const listener of this.#listeners) listener(events)
    })
    void service.ended.then((death) => {
      if (death !== null && this.#worker === service) this.#died(death)
    })
  }

  #died(death: Fault): void {
    this.#options.log.error('the service is gone', { code: death.code, summary: death.summary })
    if (this.#closing !== null) return
    this.#death = death
    for (const listener of this.#deathListeners) listener(death)
  }
}
