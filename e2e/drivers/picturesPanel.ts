import { type Locator } from '@playwright/test'
import { type Pane } from './pane'

/** The pictures of a pane's record. */
export class PicturesPanel {
  readonly region: Locator
  readonly map: Locator
  readonly plot: Locator
  readonly totals: Locator

  private constructor(pane: Pane) {
    this.region = pane.region.getByRole('region', { name: 'Pictures', exact: true })
    this.map = this.region.getByRole('slider', { name: /^Map of / })
    this.plot = this.region.getByRole('img', { name: /^Throughput from / })
    this.totals = this.region.getByRole('status', { name: 'Totals', exact: true })
  }

  static async open(pane: Pane): Promise<PicturesPanel> {
    await pane.button('Pictures').click()
    const panel = new PicturesPanel(pane)
    await panel.plot.waitFor()
    return panel
  }

  /** Chooses a span by dragging across the plot. @param from 0 for its left edge, 1 for its right one */
  async drag(from: number, to: number): Promise<void> {
    const area = this.plot.locator('.u-over')
    const box = await area.boundingBox()
    if (box === null) throw new Error('the plot is not in sight')
    const { mouse } = this.plot.page()
    const y = box.y + box.height / 2
    await mouse.move(box.x + box.width * from, y)
    await mouse.down()
    await mouse.move(box.x + box.width * ((from + to) / 2), y)
    await mouse.move(box.x + box.width * to, y)
    await mouse.up()
  }

  histogram(title: 'Chunks by size' | 'Gaps between chunks'): Locator {
    return this.region.getByRole('table', { name: title, exact: true })
  }

  button(name: string): Locator {
    return this.region.getByRole('button', { name, exact: true })
  }
}
