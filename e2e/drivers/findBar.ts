import { type Locator } from '@playwright/test'
import { expect } from './test'
import { type Pane } from './pane'

/** The find bar of a pane. */
export class FindBar {
  readonly region: Locator
  readonly field: Locator
  readonly told: Locator
  readonly list: Locator
  readonly fault: Locator

  private constructor(pane: Pane) {
    this.region = pane.region.getByRole('search', { name: 'Find in this record', exact: true })
    this.field = this.region.getByRole('textbox', { name: 'Find', exact: true })
    this.told = this.region.getByRole('status', { name: 'Matches', exact: true })
    this.list = this.region.getByRole('list', { name: 'Matches found', exact: true })
    this.fault = this.region.getByRole('alert').filter({ hasText: /\S/ })
  }

  static async open(pane: Pane): Promise<FindBar> {
    await pane.traffic.press('Control+f')
    const bar = new FindBar(pane)
    await expect(bar.field).toBeFocused()
    return bar
  }

  async find(pattern: string, kind: 'Text' | 'Hex' | 'Regex' = 'Text'): Promise<void> {
    await this.region.getByRole('combobox', { name: 'Find what', exact: true }).selectOption(kind)
    await this.field.fill(pattern)
  }

  async press(name: 'Next match' | 'Previous match' | 'Match case' | 'List the matches'): Promise<void> {
    await this.region.getByRole('button', { name, exact: true }).click()
  }
}
