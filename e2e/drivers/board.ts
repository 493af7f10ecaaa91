import { expect, type Locator, type Page } from '@playwright/test'
import { EndpointTree } from './endpointTree'
import { ListenerPane } from './listenerPane'
import { Palette } from './palette'
import { ConnectionPane } from './pane'
import { Panes } from './panes'
import { Toolbar } from './toolbar'
import { UdpPane } from './udpPane'

const letters = {
  listener: 'L',
  'dialled connection': 'C',
  'accepted connection': 'C',
  'UDP socket': 'U',
  'Unix datagram socket': 'D',
  'raw socket': 'R',
} as const
type Kind = keyof typeof letters

/** The whole window: its areas, and what one does across them. */
export class Board {
  readonly window: Page
  readonly toolbar: Toolbar
  readonly tree: EndpointTree
  readonly palette: Palette
  readonly panes: Panes
  /** Every failure told anywhere. */
  readonly faults: Locator
  /** What has been forgotten is not listed any more, and its number is not used again. */
  readonly #newest: Record<Kind, number> = {
    listener: 0,
    'dialled connection': 0,
    'accepted connection': 0,
    'UDP socket': 0,
    'Unix datagram socket': 0,
    'raw socket': 0,
  }

  constructor(window: Page) {
    this.window = window
    this.toolbar = new Toolbar(window)
    this.tree = new EndpointTree(window)
    this.palette = new Palette(window)
    this.panes = new Panes(window)
    // The dock keeps an empty live region of its own about.
    this.faults = window.getByRole('alert').filter({ hasText: /\S/ })
  }

  connection(id: string): ConnectionPane {
    return new ConnectionPane(this.window, id)
  }

  listener(id: string): ListenerPane {
    return new ListenerPane(this.window, id)
  }

  /** Opens a listener and waits until it listens. */
  async listen(url: string, behaviour = 'none'): Promise<ListenerPane> {
    const id = await this.#next('listener', () => this.toolbar.listen(url))
    const pane = this.listener(id)
    await expect(pane.state).toHaveText(/^listening on /)
    if (behaviour !== 'none') await pane.behave(behaviour)
    return pane
  }

  /** Dials; how it comes out is for the caller to look at. */
  async dial(url: string): Promise<ConnectionPane> {
    return this.connection(await this.#next('dialled connection', () => this.toolbar.dial(url)))
  }

  async bind(url: string): Promise<UdpPane> {
    const kind = url.startsWith('raw:')
      ? 'raw socket'
      : url.startsWith('unixgram:')
        ? 'Unix datagram socket'
        : 'UDP socket'
    const pane = new UdpPane(this.window, await this.#next(kind, () => this.toolbar.bind(url)))
    await expect(pane.state).toHaveText(/^bound to /)
    return pane
  }

  /** The datagram socket with the highest number, once there is one. */
  async newestDatagram(letter: 'U' | 'D' | 'R'): Promise<UdpPane> {
    const entries = this.tree.items.filter({ hasText: new RegExp(`^${letter}\\d`) })
    await expect(entries.last()).toBeVisible()
    return new UdpPane(this.window, /^\w\d+/.exec(await entries.last().innerText())?.[0] ?? '')
  }

  /** The next connection that a listener of ours accepts, its pane opened; `act` makes somebody call. */
  async accepted<T>(act: () => Promise<T>): Promise<{ readonly pane: ConnectionPane; readonly caller: T }> {
    let caller: T | undefined
    const id = await this.#next('accepted connection', async () => {
      caller = await act()
    })
    return { pane: await this.open(id), caller: caller as T }
  }

  /** The newest connection of a listener, its pane opened: for callers in this very window. */
  async acceptedBy(listener: ListenerPane): Promise<ConnectionPane> {
    const newest = listener.connections.getByRole('listitem').last()
    await expect(newest).toBeVisible()
    return this.open(/C\d+/.exec(await newest.innerText())?.[0] ?? '')
  }

  /** Opens a connection's pane by its entry in the list. */
  async open(id: string): Promise<ConnectionPane> {
    await this.tree.open(id)
    const pane = this.connection(id)
    await expect(pane.region).toBeVisible()
    return pane
  }

  /** The id of what appears through an act: ids are handed out in order, and never twice. */
  async #next(kind: Kind, act: () => Promise<void>): Promise<string> {
    const before = await this.#highest(kind)
    await act()
    let newest = before
    await expect
      .poll(async () => (newest = await this.#highest(kind)), { message: `a new ${kind} in the list` })
      .toBeGreaterThan(before)
    return `${letters[kind]}${newest}`
  }

  async #highest(kind: Kind): Promise<number> {
    // Accepted connections hang below their listener.
    const level = kind === 'accepted connection' ? 2 : 1
    const names = await this.tree.items.evaluateAll(
      (items, wanted) =>
        items
          .filter((item) => item.getAttribute('aria-level') === String(wanted))
          .map((item) => item.getAttribute('aria-label') ?? ''),
      level,
    )
    const numbers = names.map((name) => new RegExp(`^${letters[kind]}(\\d+)\\b`).exec(name)?.[1]).map(Number)
    this.#newest[kind] = Math.max(this.#newest[kind], ...numbers.filter((number) => number > 0))
    return this.#newest[kind]
  }

  /** Closes and forgets everything, over the bridge: for tests that share an app. */
  async clear(): Promise<void> {
    await this.window.evaluate(async () => {
      type Answer = { ok: boolean; value?: { sockets: { id: string; state: { phase: string } }[] } }
      const bridge = (
        globalThis as unknown as { switchboard: { call(name: string, input: object): Promise<Answer> } }
      ).switchboard
      const sockets = (await bridge.call('socket.list', {})).value?.sockets ?? []
      for (const { id } of sockets) {
        const end = id.startsWith('L')
          ? 'listener.close'
          : /^[UDR]/.test(id)
            ? 'udp.close'
            : 'connection.reset'
        await bridge.call(end, { id })
        await bridge.call('socket.forget', { id })
      }
    })
    await expect(this.tree.items).toHaveCount(0)
  }
}
