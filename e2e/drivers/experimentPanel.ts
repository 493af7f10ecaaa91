import { expect, type Locator, type Page } from '@playwright/test'
import { type App } from './app'
import { pickFile } from './dialogs'

/** The panel of the experiment that is open. */
export class ExperimentPanel {
  readonly panel: Locator
  readonly verdict: Locator
  readonly steps: Locator
  readonly current: Locator
  readonly faults: Locator

  constructor(window: Page) {
    this.panel = window.getByRole('region', { name: 'Experiment', exact: true })
    this.verdict = this.panel.getByRole('status', { name: 'Verdict', exact: true })
    this.steps = this.panel.getByRole('list', { name: 'Steps', exact: true }).getByRole('listitem')
    this.current = this.panel.locator('[aria-current="step"]')
    this.faults = this.panel.getByRole('list', { name: 'Faults', exact: true }).getByRole('listitem')
  }

  /** Opens a file by its key, and waits for the panel. */
  static async open(app: App, file: string): Promise<ExperimentPanel> {
    await pickFile(app, file)
    await app.window.keyboard.press('ControlOrMeta+Shift+O')
    const panel = new ExperimentPanel(app.window)
    await expect(panel.panel).toBeVisible()
    return panel
  }

  async press(
    name: 'Run' | 'Step' | 'Stop' | 'Read the file again' | 'Put the experiment away',
  ): Promise<void> {
    await this.panel.getByRole('button', { name, exact: true }).click()
  }
}
