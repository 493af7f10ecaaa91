import { type Locator } from '@playwright/test'
import { type Pane } from './pane'
import { expect } from './test'

/** The filter line of a pane. */
export class FilterLine {
  readonly region: Locator
  readonly field: Locator
  readonly told: Locator
  readonly error: Locator
  readonly options: Locator

  private constructor(pane: Pane) {
    this.region = pane.region.getByRole('group', { name: 'Filter', exact: true })
    this.field = this.region.getByRole('combobox', { name: 'Filter', exact: true })
    this.told = this.region.getByRole('status', { name: 'Rows shown', exact: true })
    this.error = this.region.getByRole('alert').filter({ hasText: /\S/ })
    this.options = this.region.getByRole('listbox', { name: 'Filter terms', exact: true }).getByRole('option')
  }

  static async open(pane: Pane): Promise<FilterLine> {
    await pane.traffic.press('Control+Shift+F')
    const line = new FilterLine(pane)
    await expect(line.field).toBeFocused()
    return line
  }
}
