import { type Locator, type Page } from '@playwright/test'

/** The list at the left. */
export class EndpointTree {
  readonly tree: Locator
  readonly items: Locator

  constructor(window: Page) {
    this.tree = window.getByRole('tree', { name: 'Endpoints', exact: true })
    this.items = this.tree.getByRole('treeitem')
  }

  /** The entry whose name begins with the id. */
  entry(id: string): Locator {
    return this.tree.getByRole('treeitem', { name: new RegExp(`^${id}\\b`) })
  }

  /** A click on the entry itself, not on what hangs below it. */
  async open(id: string): Promise<void> {
    await this.entry(id).click({ position: { x: 40, y: 8 } })
  }
}
