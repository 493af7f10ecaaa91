import { expect, type Locator, type Page } from '@playwright/test'

/** The panel in which an experiment or a connection is shown as a program. */
export class ProgramPanel {
  readonly region: Locator
  readonly lines: Locator
  readonly chosen: Locator
  readonly lit: Locator
  readonly detail: Locator
  readonly commands: Locator
  readonly part: Locator

  constructor(window: Page) {
    this.region = window.getByRole('region', { name: 'Program', exact: true })
    this.lines = this.region.getByRole('listbox', { name: 'Lines of the program', exact: true })
    this.chosen = this.lines.getByRole('option', { selected: true })
    this.lit = this.lines.locator('.lit')
    this.detail = this.region.getByRole('group', { name: 'What the line does', exact: true })
    this.commands = this.region.getByRole('group', { name: 'How it is run', exact: true })
    this.part = this.region.getByRole('combobox', { name: 'Which part', exact: true })
  }

  /** Opens it by the button of what is to be shown, and waits until it is there. */
  static async open(window: Page, within: Locator): Promise<ProgramPanel> {
    const panel = new ProgramPanel(window)
    await within.getByRole('button', { name: 'Show as a program', exact: true }).click()
    await expect(panel.chosen).toBeVisible()
    return panel
  }

  async choose(language: 'Python' | 'Node' | 'C'): Promise<void> {
    await this.region.getByRole('radio', { name: language, exact: true }).check()
  }

  async press(name: 'Copy the program' | 'Save the program' | 'Close the program'): Promise<void> {
    await this.region.getByRole('button', { name, exact: true }).click()
  }
}
