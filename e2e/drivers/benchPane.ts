import { expect, type Locator, type Page } from '@playwright/test'

/** A syscall bench's pane: its sockets, its log, and the form by which calls are made. */
export class BenchPane {
  readonly region: Locator
  readonly state: Locator
  readonly form: Locator
  readonly rows: Locator
  readonly sockets: Locator

  constructor(window: Page, id: string) {
    this.region = window.getByRole('region', { name: new RegExp(`^${id}\\b`) })
    this.state = this.region.getByRole('status', { name: 'State', exact: true })
    this.form = this.region.getByRole('form', { name: 'Call', exact: true })
    this.rows = this.region.getByRole('table', { name: 'Calls', exact: true }).locator('tbody > tr')
    this.sockets = this.region.getByRole('group', { name: 'Sockets of the bench' })
  }

  field(name: string): Locator {
    return this.form.getByLabel(name, { exact: true })
  }

  /** Picks a call and fills what it takes: text, numbers, and of selects the value. */
  async fill(call: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.field('Call').selectOption(call)
    for (const [name, value] of Object.entries(fields)) {
      const field = this.field(name)
      const isSelect = await field.evaluate((element) => element.tagName === 'SELECT')
      if (isSelect) await field.selectOption({ label: value })
      else await field.fill(value)
    }
  }

  async press(): Promise<void> {
    await this.form.getByRole('button', { name: 'Run', exact: true }).click()
  }

  /** Fills a call and runs it, and waits until it has returned or is seen to block. */
  async run(call: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.fill(call, fields)
    const settled = this.region.locator('tr:is([data-state="done"], [data-state="blocked"])')
    const before = await settled.count()
    await this.press()
    await expect(settled).not.toHaveCount(before)
  }

  /** The row of a call that has come back, by what is in it. */
  async made(text: string | RegExp): Promise<void> {
    await expect(this.rows.filter({ hasText: text }).first()).toBeVisible()
  }

  async template(name: string): Promise<void> {
    await this.region.getByLabel('Template', { exact: true }).selectOption(name)
  }
}
