import { type Locator, type Page } from '@playwright/test'
import { type App } from './app'
import { expect } from './test'

/** Answers the system's next questions for a file to write: `path`, or null for Cancel. Tells which names were offered. */
export async function saveAs(app: App, path: string | null): Promise<{ offered(): Promise<string[]> }> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    const names: string[] = []
    Object.assign(globalThis, { offeredNames: names })
    dialog.showSaveDialog = async (...words: unknown[]) => {
      const options = words.at(-1) as { defaultPath?: string }
      names.push(options.defaultPath ?? '')
      return { canceled: chosen === null, filePath: chosen ?? '' }
    }
  }, path)
  return {
    offered: () =>
      app.electron.evaluate(() => (globalThis as unknown as { offeredNames: string[] }).offeredNames),
  }
}

/** The dialog in which one chooses what to export, and what the status bar tells of it. */
export class ExportDialog {
  readonly dialog: Locator
  readonly told: Locator
  readonly #window: Page

  constructor(window: Page) {
    this.#window = window
    this.dialog = window.getByRole('dialog', { name: 'Export', exact: true })
    this.told = window.getByRole('status', { name: 'Export', exact: true })
  }

  /** By its key, as seen from wherever the keyboard is. */
  static async open(window: Page): Promise<ExportDialog> {
    const exporting = new ExportDialog(window)
    await window.keyboard.press('ControlOrMeta+e')
    await expect(exporting.dialog).toBeVisible()
    return exporting
  }

  async choose(choice: string | RegExp): Promise<void> {
    await this.dialog.getByRole('radio', { name: choice }).check()
  }

  async direction(direction: 'both' | 'in' | 'out'): Promise<void> {
    await this.dialog.getByRole('combobox', { name: 'Direction' }).selectOption(direction)
  }

  async submit(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Choose a file…' }).click()
  }

  async cancelExport(): Promise<void> {
    await this.#window.getByRole('button', { name: 'Cancel export', exact: true }).click()
  }

  async dismiss(): Promise<void> {
    await this.#window.getByRole('button', { name: 'Dismiss the export', exact: true }).first().click()
  }
}
