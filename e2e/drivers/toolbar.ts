import { type Locator, type Page } from '@playwright/test'

/** The address field and what opens an address. */
export class Toolbar {
  readonly address: Locator
  readonly listenButton: Locator
  readonly dialButton: Locator
  readonly bindButton: Locator
  readonly newBench: Locator

  constructor(window: Page) {
    this.address = window.getByRole('textbox', { name: 'Address', exact: true })
    this.listenButton = window.getByRole('button', { name: 'Listen', exact: true })
    this.dialButton = window.getByRole('button', { name: 'Dial', exact: true })
    this.bindButton = window.getByRole('button', { name: 'Bind', exact: true })
    this.newBench = window.getByRole('button', { name: 'New syscall bench', exact: true })
  }

  async listen(url: string): Promise<void> {
    await this.address.fill(url)
    await this.listenButton.click()
  }

  async dial(url: string): Promise<void> {
    await this.address.fill(url)
    await this.dialButton.click()
  }

  async bind(url: string): Promise<void> {
    await this.address.fill(url)
    await this.bindButton.click()
  }
}
