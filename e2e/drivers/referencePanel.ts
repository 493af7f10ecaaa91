import { expect, type Locator, type Page } from '@playwright/test'

/** The reference beside the panes: its search, and the page it is at. */
export class ReferencePanel {
  readonly region: Locator
  readonly search: Locator
  readonly results: Locator
  /** The word whose page is shown. */
  readonly word: Locator
  readonly back: Locator
  readonly forward: Locator
  readonly close: Locator

  constructor(window: Page) {
    this.region = window.getByRole('region', { name: 'Reference', exact: true })
    this.search = this.region.getByRole('combobox', { name: 'Search the reference' })
    this.results = this.region.getByRole('listbox', { name: 'Pages found' })
    this.word = this.region.getByRole('heading', { level: 3 })
    this.back = this.region.getByRole('button', { name: 'Page before' })
    this.forward = this.region.getByRole('button', { name: 'Page after' })
    this.close = this.region.getByRole('button', { name: 'Close the reference' })
  }

  /** It is at this page. */
  async isAt(word: string): Promise<void> {
    await expect(this.word).toContainText(word)
  }

  async option(word: string): Promise<Locator> {
    const found = this.results
      .getByRole('option')
      .filter({ has: this.region.page().getByText(word, { exact: true }) })
    await expect(found).toHaveCount(1)
    return found
  }

  link(word: string): Locator {
    return this.region.getByRole('link', { name: word, exact: true })
  }
}
