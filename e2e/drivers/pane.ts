import { expect, type Locator, type Page } from '@playwright/test'
import { Composer } from './composer'

/** What one direction's counter shows: bytes, and chunks or datagrams. */
export type Count = readonly [bytes: number, chunks: number]

/** One socket's pane: the region whose name begins with its id. */
export class Pane {
  readonly id: string
  readonly region: Locator
  readonly state: Locator
  readonly counters: Locator
  readonly composer: Composer
  readonly traffic: Locator
  readonly rows: Locator
  /** A failure told in this pane. */
  readonly fault: Locator
  protected readonly window: Page

  constructor(window: Page, id: string) {
    this.window = window
    this.id = id
    this.region = window.getByRole('region', { name: new RegExp(`^${id}\\b`) })
    this.state = this.region.getByRole('status', { name: 'State', exact: true })
    this.counters = this.region.getByRole('status', { name: 'Counters', exact: true })
    this.composer = new Composer(this.region)
    this.traffic = this.region.getByRole('grid', { name: 'Traffic', exact: true })
    this.rows = this.traffic.getByRole('row')
    this.fault = this.region.getByRole('alert').filter({ hasText: /\S/ })
  }

  async show(view: 'Conversation' | 'Hex' | 'Text' | 'Frames'): Promise<void> {
    await this.region
      .getByRole('radiogroup', { name: 'View' })
      .getByRole('radio', { name: view, exact: true })
      .check()
  }

  /** Waits until the counters read so; a direction left out is not looked at. */
  async counts({ in: received, out: sent }: { readonly in?: Count; readonly out?: Count }): Promise<void> {
    if (received !== undefined)
      await expect(this.counters).toContainText(`in ${received[0]} B (${received[1]})`)
    if (sent !== undefined) await expect(this.counters).toContainText(`out ${sent[0]} B (${sent[1]})`)
  }

  /** Waits until so many bytes came and went, in however many chunks. */
  async carries({ in: received, out: sent }: { readonly in?: number; readonly out?: number }): Promise<void> {
    if (received !== undefined) await expect(this.counters).toContainText(`in ${received} B (`)
    if (sent !== undefined) await expect(this.counters).toContainText(`out ${sent} B (`)
  }

  /** How many bytes and chunks the counters show now. */
  async readCounters(): Promise<{ readonly in: Count; readonly out: Count }> {
    const text = await this.counters.innerText()
    const read = (label: string): Count => {
      const match = new RegExp(`${label} (\\d+) B \\((\\d+)\\)`).exec(text)
      if (match === null) throw new Error(`no counter "${label}" in "${text}"`)
      return [Number(match[1]), Number(match[2])]
    }
    return { in: read('in'), out: read('out') }
  }

  /** Moves the scroll bar. @param part 0 for the top, 1 for the end */
  async scrollTo(part: number): Promise<void> {
    await this.traffic.evaluate((grid, where) => {
      const all = [grid, ...grid.querySelectorAll('*')]
      const scroller = all.find(
        (each) => each.scrollHeight > each.clientHeight + 1 && getComputedStyle(each).overflowY !== 'visible',
      )
      if (scroller === undefined) throw new Error('nothing to scroll in the traffic')
      scroller.scrollTop = where * (scroller.scrollHeight - scroller.clientHeight)
    }, part)
  }

  button(name: string): Locator {
    return this.region.getByRole('button', { name, exact: true })
  }

  async close(): Promise<void> {
    await this.button('Close').click()
  }
}

/** A TCP or Unix-domain connection's pane. */
export class ConnectionPane extends Pane {
  readonly fileProgress: Locator

  constructor(window: Page, id: string) {
    super(window, id)
    this.fileProgress = this.region.getByRole('status', { name: 'File', exact: true })
  }

  async sendFile(): Promise<void> {
    await this.button('Send file').click()
  }

  async cancelFile(): Promise<void> {
    await this.button('Cancel file').click()
  }

  async halfClose(): Promise<void> {
    await this.button('Half-close').click()
  }

  async reset(): Promise<void> {
    await this.button('Reset').click()
  }

  async isOpen(): Promise<void> {
    await expect(this.state).toHaveText('open')
  }
}
