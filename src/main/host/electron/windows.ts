import { BrowserWindow, type WebContents } from 'electron'
import { type ServiceEvent } from '../../../shared/contract/events'
import { type WorkerService } from '../../service/workerClient'
import { ServiceHost, type ServiceHostOptions } from './serviceHost'
import { openWindow, type AppWindow, type WindowParts } from './window'

export interface WindowsParts extends Omit<WindowParts, 'service' | 'beside'> {
  readonly service: ServiceHostOptions
  /** Told of each window once it is there. */
  readonly onOpened: (window: AppWindow) => void
}

/** All windows of the app, each with a session of its own. */
export class Windows {
  readonly #parts: WindowsParts
  readonly #open = new Map<number, AppWindow>()
  /** Of windows that are gone: what was recorded last may not be in its file yet. */
  readonly #closing = new Set<Promise<void>>()

  constructor(parts: WindowsParts) {
    this.#parts = parts
  }

  /** @param worker of a session that is open already; else a new one begins */
  open(worker: WorkerService | null = null): AppWindow {
    const { service: options, onOpened, ...parts } = this.#parts
    const service = new ServiceHost(options, worker)
    const opened = openWindow({ ...parts, service, beside: this.current?.browser ?? null })
    const { id } = opened.browser.webContents
    this.#open.set(id, opened)
    service.onEvents((events) => opened.link.tell(events))
    opened.browser.on('closed', () => {
      this.#open.delete(id)
      const closing = service
        .close()
        .catch((error: unknown) => parts.log.error('the service did not close', { error: String(error) }))
        .finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    })
    onOpened(opened)
    return opened
  }

  /** Ends every session, those of windows that are gone included. Never rejects. */
  async closeSessions(): Promise<void> {
    await Promise.all(this.all().map(({ link }) => link.flush()))
    const all = this.all().map(({ service }) => service.close())
    for (const ended of await Promise.allSettled([...all, ...this.#closing]))
      if (ended.status === 'rejected')
        this.#parts.log.error('the service did not close', { error: String(ended.reason) })
  }

  /** The window that shows this page; undefined for any page that is not one of ours. */
  of(contents: WebContents): AppWindow | undefined {
    return this.#open.get(contents.id)
  }

  /** The one in front, else any. */
  get current(): AppWindow | undefined {
    const focused = BrowserWindow.getFocusedWindow()
    return (focused === null ? undefined : this.of(focused.webContents)) ?? this.#open.values().next().value
  }

  all(): AppWindow[] {
    return [...this.#open.values()]
  }

  tell(events: readonly ServiceEvent[]): void {
    for (const { link } of this.#open.values()) link.tell(events)
  }

  /** Brings the window to the front, or opens one where there is none. */
  focus(): AppWindow {
    const window = this.current ?? this.open()
    this.show(window)
    return window
  }

  show({ browser }: AppWindow): void {
    if (browser.isMinimized()) browser.restore()
    browser.focus()
  }
}
