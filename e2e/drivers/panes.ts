import { expect, type Locator, type Page } from '@playwright/test'

export type Arrangement = 'side by side' | 'one above the other' | 'in one place'

/** The dock: tabs, and where panes lie. */
export class Panes {
  readonly #window: Page

  constructor(window: Page) {
    this.#window = window
  }

  tab(id: string): Locator {
    return this.#window.getByRole('tab', { name: new RegExp(`^${id}\\b`) })
  }

  region(id: string): Locator {
    return this.#window.getByRole('region', { name: new RegExp(`^${id}\\b`) })
  }

  /** Drags a pane's tab to the right edge of where another pane lies. */
  async placeBeside(moved: string, fixed: string): Promise<void> {
    // Bring the fixed one to the front: where both share a place, the drop is on its group.
    await this.tab(fixed).click()
    const target = this.region(fixed)
    const box = await target.boundingBox()
    if (box === null) throw new Error(`${fixed} has no place in the window`)
    await this.tab(moved).dragTo(target, { targetPosition: { x: box.width - 20, y: box.height / 2 } })
    await expect.poll(() => this.arrangement(fixed, moved)).toBe('side by side')
  }

  /** How two panes lie to each other. */
  async arrangement(one: string, other: string): Promise<Arrangement> {
    const [a, b] = [await this.#place(one), await this.#place(other)]
    if (a === null || b === null) return 'in one place'
    if (a.x + a.width <= b.x + 1 || b.x + b.width <= a.x + 1) return 'side by side'
    if (a.y + a.height <= b.y + 1 || b.y + b.height <= a.y + 1) return 'one above the other'
    return 'in one place'
  }

  /** Null for a pane that is behind another. */
  async #place(id: string): Promise<{ x: number; y: number; width: number; height: number } | null> {
    const region = this.region(id)
    return (await region.isVisible()) ? await region.boundingBox() : null
  }
}
