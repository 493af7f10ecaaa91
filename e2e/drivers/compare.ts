import { expect, type Locator, type Page } from '@playwright/test'

/** The dialog in which two sides are compared. */
export class Compare {
  readonly dialog: Locator
  readonly outcome: Locator
  readonly place: Locator
  readonly rows: Locator
  readonly fault: Locator

  constructor(window: Page) {
    this.dialog = window.getByRole('dialog', { name: 'Compare', exact: true })
    this.outcome = this.dialog.getByRole('status', { name: 'Outcome', exact: true })
    this.place = this.dialog.getByRole('status', { name: 'Difference', exact: true })
    this.rows = this.dialog.getByRole('grid', { name: 'Compared bytes', exact: true }).getByRole('row')
    this.fault = this.dialog.getByRole('alert').filter({ hasText: /\S/ })
  }

  async choose(
    side: 'A' | 'B',
    id: string,
    stream: 'in' | 'out' | 'both',
    from = '',
    to = '',
  ): Promise<void> {
    await this.dialog.getByRole('combobox', { name: `Socket ${side}`, exact: true }).selectOption(id)
    await this.dialog.getByRole('combobox', { name: `Stream ${side}`, exact: true }).selectOption(stream)
    await this.dialog.getByRole('textbox', { name: `From byte ${side}`, exact: true }).fill(from)
    await this.dialog.getByRole('textbox', { name: `To byte ${side}`, exact: true }).fill(to)
  }

  async run(): Promise<void> {
    await this.press('Compare')
  }

  async press(name: 'Compare' | 'Next difference' | 'Previous difference'): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click()
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close the comparison', exact: true }).click()
    await expect(this.dialog).toBeHidden()
  }
}
