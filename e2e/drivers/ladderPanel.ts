import { expect, type Locator, type Page } from '@playwright/test'
import { type Pane } from './pane'

/** The ladder beside the panes. */
export class LadderPanel {
  readonly region: Locator
  readonly grid: Locator
  readonly rows: Locator
  readonly detail: Locator

  constructor(window: Page) {
    this.region = window.getByRole('region', { name: 'Ladder', exact: true })
    this.grid = this.region.getByRole('grid', { name: 'Ladder', exact: true })
    this.rows = this.grid.getByRole('row')
    this.detail = this.region.getByRole('group', { name: 'Selected in the ladder' })
  }

  static async open(window: Page, pane: Pane): Promise<LadderPanel> {
    await pane.button('Ladder').click()
    const ladder = new LadderPanel(window)
    await expect(ladder.grid).toBeVisible()
    return ladder
  }

  /** The row that tells so. */
  row(story: string | RegExp): Locator {
    return this.rows.filter({ hasText: story })
  }

  button(name: string): Locator {
    return this.region.getByRole('button', { name, exact: true })
  }

  async space(how: 'Even' | 'To scale'): Promise<void> {
    await this.region.getByRole('radio', { name: how, exact: true }).check()
  }

  /** Names of the lines, from the left. */
  async lines(): Promise<string[]> {
    return this.grid.locator('.name b').allInnerTexts()
  }
}
