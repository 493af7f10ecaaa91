import { type Locator } from '@playwright/test'
import { expect } from './test'
import { type Pane } from './pane'

/** The frames view of a pane. */
export class FramesView {
  readonly region: Locator
  readonly count: Locator
  readonly rows: Locator
  readonly grid: Locator
  readonly detail: Locator
  readonly refusal: Locator
  readonly #form: Locator

  private constructor(pane: Pane) {
    this.region = pane.region
    this.count = pane.region.getByRole('status', { name: 'Frames', exact: true })
    this.grid = pane.traffic
    this.rows = this.grid.getByRole('row').filter({ has: pane.region.page().getByRole('gridcell') })
    this.detail = pane.region.getByRole('group', { name: 'Selected frame', exact: true })
    this.#form = pane.region.getByRole('group', { name: 'Framing', exact: true })
    this.refusal = this.#form.getByRole('alert')
  }

  static async open(pane: Pane): Promise<FramesView> {
    await pane.show('Frames')
    const view = new FramesView(pane)
    await expect(view.count).toBeVisible()
    return view
  }

  async cutBy(kind: string): Promise<void> {
    await this.field('Cut by').selectOption(kind)
  }

  /** A field of the form by its label. */
  field(label: string): Locator {
    return this.#form.getByLabel(label, { exact: true })
  }

  /** Waits until the view tells of so many frames. */
  async counts(told: string | RegExp): Promise<void> {
    await expect(this.count).toHaveText(told)
  }
}
