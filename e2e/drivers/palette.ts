import { expect, type Locator, type Page } from '@playwright/test'

/** Ctrl-K, or Cmd-K: every action by its name. */
export class Palette {
  readonly dialog: Locator
  readonly #window: Page

  constructor(window: Page) {
    this.#window = window
    this.dialog = window.getByRole('dialog', { name: 'Commands', exact: true })
  }

  async open(): Promise<void> {
    await this.#window.keyboard.press('ControlOrMeta+k')
    await expect(this.dialog).toBeVisible()
  }

  /** Types part of an action's name and takes the first that fits. */
  async run(words: string): Promise<void> {
    await this.open()
    await this.#window.keyboard.type(words)
    await this.#window.keyboard.press('Enter')
    await expect(this.dialog).toBeHidden()
  }
}
