import { type Locator } from '@playwright/test'
import { type Pane } from './pane'
import { expect } from './test'

/** The field that goes to a row, an offset, a time or a mark. */
export class JumpBar {
  readonly region: Locator
  readonly field: Locator
  readonly told: Locator

  private constructor(pane: Pane) {
    this.region = pane.region.getByRole('group', { name: 'Go to', exact: true })
    this.field = this.region.getByRole('textbox', { name: 'Go to', exact: true })
    this.told = this.region.getByRole('status')
  }

  static async open(pane: Pane): Promise<JumpBar> {
    await pane.traffic.press('Control+g')
    const bar = new JumpBar(pane)
    await expect(bar.field).toBeFocused()
    return bar
  }

  async go(words: string): Promise<void> {
    await this.field.fill(words)
    await this.field.press('Enter')
    await expect(this.region).toBeHidden()
  }
}
