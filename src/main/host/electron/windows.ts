import { BrowserWindow, type WebContents } from 'electron'
import { type ServiceEvent } from '../../../shared/contract/events'
import { openWindow, type AppWindow, type WindowParts } from './window'

/** All windows of the app. One today; everything here would do for several. */
export class Windows {
  readonly #parts: WindowParts
  readonly #open = new Map<number, AppWindow>()

  constructor(parts: WindowParts) {
    this.#parts = parts
    parts.service.onEvents((events) => this.tell(events))
  }

  open(): AppWindow {
    const opened = openWindow(this.#parts)
    const { id } = opened.browser.webContents
    this.#open.set(id, opened)
    opened.browser.on('closed', () => this.#open.delete(id))
    return opened
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
    if (window.browser.isMinimized()) window.browser.restore()
    window.browser.focus()
    return window
  }
}
