import { MessageChannelMain, type MessagePortMain, type WebContents } from 'electron'
import { channels } from '../../../shared/contract/bridge'
import { type ServiceEvent } from '../../../shared/contract/events'
import { FLUSH_ACTION } from '../../../shared/contract/flush'
import { fault, type Reply } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { type Tap } from '../../service/api'
import { EventMailbox } from './eventMailbox'
import { type ServiceHost } from './serviceHost'

/** More panes than anybody arranges; a page that opens taps without end must not fill main's memory. */
const MAX_TAPS = 256
/** A page that hangs is not waited for any longer. */
const FLUSH_MS = 500

interface OpenTap {
  readonly port: MessagePortMain
  readonly tap: Tap
}

/**
 * What main has towards one page: events, of which one batch at most is under way, and the ports of its taps. Both end with the page,
 * however it goes: reloaded, crashed or closed. The sockets do not notice.
 */
export class PageLink {
  readonly #contents: WebContents
  readonly #service: ServiceHost
  readonly #mailbox = new EventMailbox()
  readonly #taps = new Map<number, OpenTap>()
  #lastTap = 0
  #page: string | null = null
  readonly #pagesBefore = new Set<string>()
  #mayTell = false
  #onFlushed = (): void => undefined

  constructor(contents: WebContents, service: ServiceHost) {
    this.#contents = contents
    this.#service = service
  }

  /** At once if the page has taken the batch before; otherwise when it has. */
  tell(events: readonly ServiceEvent[]): void {
    this.#mailbox.add(events)
    this.#deliver()
  }

  /**
   * The page has taken its last batch, or has begun to listen. Its own name in the message tells a reload: Electron's notices
   * of navigation come for refused ones too, and not in one order with messages.
   */
  taken(page: string): void {
    if (this.#pagesBefore.has(page)) return
    if (page !== this.#page) {
      this.pageGone()
      this.#page = page
    }
    this.#mayTell = true
    this.#deliver()
  }

  /** Lets the page keep what has just changed; resolves when it has, or does not answer. */
  flush(): Promise<void> {
    if (this.#page === null || this.#contents.isDestroyed()) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, FLUSH_MS)
      this.#onFlushed = () => {
        clearTimeout(timer)
        resolve()
      }
      this.act(FLUSH_ACTION)
    })
  }

  flushed(): void {
    this.#onFlushed()
  }

  act(action: string): void {
    if (!this.#contents.isDestroyed()) this.#contents.send(channels.action, action)
  }

  /** The port arrives at the page tagged with the number answered. */
  async openTap(id: SocketId, from: number): Promise<Reply<{ readonly tap: number }>> {
    if (this.#taps.size >= MAX_TAPS) {
      return {
        ok: false,
        fault: fault('SB_STATE', `This window follows ${MAX_TAPS} records already.`, {
          hint: 'Close some panes.',
        }),
      }
    }
    const page = this.#page
    const { port1: port, port2: pagesPort } = new MessageChannelMain()
    const opened = await this.#service.openTap(id, from, (message) => port.postMessage(message))
    if (!opened.ok) return opened
    if (page !== this.#page || this.#contents.isDestroyed()) {
      opened.value.close()
      port.close()
      return { ok: false, fault: fault('SB_CANCELLED', 'The page that asked is gone.') }
    }
    const tap = ++this.#lastTap
    this.#taps.set(tap, { port, tap: opened.value })
    port.on('message', ({ data }) => {
      const bytes = settledBytes(data)
      if (bytes !== null) opened.value.settle(bytes)
    })
    port.on('close', () => this.closeTap(tap))
    port.start()
    this.#contents.postMessage(channels.tap, { tap }, [pagesPort])
    return { ok: true, value: { tap } }
  }

  closeTap(number: number): void {
    const open = this.#taps.get(number)
    if (open === undefined) return
    this.#taps.delete(number)
    open.tap.close()
    open.port.close()
  }

  /** The page is gone; another may come in its place and will say when it listens. Problems, and files that were named, stay for that one; the rest it asks for. */
  pageGone(): void {
    if (this.#page !== null) this.#pagesBefore.add(this.#page)
    this.#page = null
    this.#mayTell = false
    this.#mailbox.forNewPage()
    for (const number of [...this.#taps.keys()]) this.closeTap(number)
  }

  #deliver(): void {
    if (!this.#mayTell || this.#mailbox.isEmpty || this.#contents.isDestroyed()) return
    this.#mayTell = false
    this.#contents.send(channels.events, this.#mailbox.take())
  }
}

function settledBytes(data: unknown): number | null {
  if (typeof data !== 'object' || data === null || !('settleBytes' in data)) return null
  const { settleBytes } = data
  return typeof settleBytes === 'number' && Number.isFinite(settleBytes) && settleBytes >= 0
    ? settleBytes
    : null
}
