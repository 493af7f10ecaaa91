import { expect, type Locator } from '@playwright/test'
import { type Pane } from './pane'

/** The kernel's view in a pane. */
export class KernelPanel {
  readonly region: Locator
  readonly rate: Locator
  readonly span: Locator
  readonly sampling: Locator
  readonly numbers: Locator
  /** Beside the pane's own state. */
  readonly state: Locator

  constructor(pane: Pane) {
    this.region = pane.region.getByRole('region', { name: 'Kernel', exact: true })
    this.rate = this.region.getByRole('combobox', { name: 'Sampling rate', exact: true })
    this.span = this.region.getByRole('combobox', { name: 'Span', exact: true })
    this.sampling = this.region.getByRole('status', { name: 'Sampling', exact: true })
    this.numbers = this.region.getByRole('table', { name: 'Kernel numbers', exact: true })
    this.state = pane.region.getByRole('status', { name: 'Kernel state', exact: true })
  }

  static async open(pane: Pane): Promise<KernelPanel> {
    await pane.button('Kernel').click()
    const panel = new KernelPanel(pane)
    await panel.region.waitFor()
    return panel
  }

  /** A number by the kernel's name for it. */
  value(name: string): Locator {
    return this.numbers
      .getByRole('row')
      .filter({ has: this.row(name) })
      .getByRole('cell')
      .first()
  }

  private row(name: string): Locator {
    return this.region.page().getByRole('rowheader', { name, exact: true })
  }

  /** Its digits, without units and separators. */
  async number(name: string): Promise<number> {
    return Number((await this.value(name).innerText()).replace(/[^\d.-]/g, ''))
  }

  plot(title: string): Locator {
    return this.region.getByRole('img', { name: new RegExp(`^${title} from `) })
  }

  async drawn(...titles: string[]): Promise<void> {
    for (const title of titles) await expect(this.plot(title)).toBeVisible()
  }

  /** Chooses a span by dragging across a plot. @param from 0 for its left edge, 1 for its right one */
  async drag(title: string, from: number, to: number): Promise<void> {
    const area = this.plot(title).locator('.u-over')
    await area.scrollIntoViewIfNeeded()
    const box = await area.boundingBox()
    if (box === null) throw new Error('the plot is not in sight')
    const { mouse } = this.region.page()
    const y = box.y + box.height / 2
    await mouse.move(box.x + box.width * from, y)
    await mouse.down()
    await mouse.move(box.x + box.width * ((from + to) / 2), y)
    await mouse.move(box.x + box.width * to, y)
    await mouse.up()
  }
}
