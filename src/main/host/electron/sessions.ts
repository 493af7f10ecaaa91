import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { fault, type Fault, type Reply } from '../../../shared/model/fault'
import { type OpenedRecording } from '../../../shared/model/opened'
import { namesLesson } from '../../lesson/naming'
import { startWorkerService } from '../../service/workerClient'
import { type RecentFiles } from './recent'
import { type ServiceHostOptions } from './serviceHost'
import { type AppWindow } from './window'
import { type Windows } from './windows'

/** Numbers of openings that no service gives: those of files that get a service of their own. */
const FIRST_OPENING = 1_000_000

export interface SessionsParts {
  readonly service: ServiceHostOptions
  readonly windows: Windows
  readonly recent: RecentFiles
}

interface Opening {
  readonly file: string
  readonly window: AppWindow
  readonly cancel: AbortController
}

/** Opens files, each session in a window of its own. What is wrong with one is told in the window that asked. */
export class Sessions {
  readonly #parts: SessionsParts
  readonly #openings = new Map<number, Opening>()
  #last = FIRST_OPENING

  constructor(parts: SessionsParts) {
    this.#parts = parts
  }

  /**
   * Whatever file the user named: an experiment or a lesson is shown, a session is gone on with in a window of its own (in this one, if nothing has
   * happened here yet), and what cannot be gone on with, or is a capture from elsewhere, is opened beside what goes on here.
   */
  async open(named: string, window: AppWindow): Promise<void> {
    // A link, too, is the file that it leads to; of one that is not there whoever opens it will tell.
    const file = await realpath(named).catch(() => path.resolve(named))
    if (/\.ya?ml$/i.test(file)) return this.#tellNamed('experiment.named', file, window)
    if (await namesLesson(file)) return this.#tellNamed('lesson.named', file, window)
    if (!/\.swb$/i.test(file)) return this.#openBeside(file, window, null)
    const already = this.#parts.windows.all().find(({ service }) => service.file === file)
    if (already !== undefined) {
      this.#parts.windows.show(already)
      return
    }
    if ([...this.#openings.values()].some((each) => each.file === file)) return
    return this.#resume(file, window)
  }

  /** One after the other: the first may take the window that nothing has happened in. */
  async openAll(files: readonly string[], window: AppWindow): Promise<void> {
    for (const file of files) await this.open(file, window)
  }

  /**
   * Ends the opening of a file, should the page have meant one of ours.
   * @param input of `session.cancelOpening`, not parsed
   */
  cancel(input: unknown): boolean {
    const opening = typeof input === 'object' && input !== null && 'opening' in input ? input.opening : null
    const found = typeof opening === 'number' ? this.#openings.get(opening) : undefined
    found?.cancel.abort()
    return found !== undefined
  }

  async #resume(file: string, window: AppWindow): Promise<void> {
    const { service: options, windows, recent } = this.#parts
    const opening = ++this.#last
    const cancel = new AbortController()
    this.#openings.set(opening, { file, window, cancel })
    const { entry, application, lessons, log } = options
    const tell = (doneBytes: number, totalBytes: number, isDone: boolean): void =>
      window.link.tell([
        {
          name: 'session.opening',
          value: { opening, name: path.basename(file), phase: 'reading', doneBytes, totalBytes, isDone },
        },
      ])
    const started = await startWorkerService(
      entry,
      { file, application, lessons, mode: 'resume' },
      (text) => log.error('service', { text }),
      { signal: cancel.signal, onProgress: (done, total) => tell(done, total, false) },
    )
    this.#openings.delete(opening)
    tell(0, 0, true)
    log.info('session opened', { file, fault: started.ok ? null : started.fault.code })
    if (!started.ok) {
      if (started.fault.code !== 'SB_CANCELLED') await this.#openBeside(file, window, started.fault)
      return
    }
    recent.add(file)
    if (window.service.isUntouched && !window.browser.isDestroyed()) {
      const { isAsked } = window.service
      const replaced = window.service.replace(started.value)
      // What the page knows is of another session. At once, before it can be told of this one: what one then does in it would be lost.
      if (isAsked) window.browser.webContents.reload()
      await replaced
    } else windows.open(started.value)
  }

  /** @param why it cannot be gone on with */
  async #openBeside(file: string, window: AppWindow, why: Fault | null): Promise<void> {
    const { service, link } = window
    const tell = (id: null, of: Fault): void =>
      link.tell([{ name: 'problem.arose', value: { id, fault: of } }])
    const granted = await service.grantFile(file)
    const opened = granted.ok
      ? ((await service.call('session.open', { grant: granted.value })) as Reply<OpenedRecording>)
      : granted
    if (!opened.ok) return tell(null, opened.fault)
    this.#parts.recent.add(file)
    for (const summary of opened.value.warnings) tell(null, fault('SB_CAPTURE', summary, { endpoint: file }))
    if (why === null) return
    tell(null, {
      ...why,
      summary: `${why.summary} It stands in the list beside this window's own session, to be looked at.`,
    })
  }

  /** The page opens it by its grant. */
  async #tellNamed(
    name: 'experiment.named' | 'lesson.named',
    file: string,
    { service, link }: AppWindow,
  ): Promise<void> {
    const granted = await service.grantFile(file)
    if (granted.ok) link.tell([{ name, value: { grant: granted.value } }])
    else link.tell([{ name: 'problem.arose', value: { id: null, fault: granted.fault } }])
  }
}
