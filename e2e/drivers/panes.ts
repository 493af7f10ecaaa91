import { expect, type Locator, type Page } from '@playwright/test'

/** In px of the window. */
type Place = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>

export type Arrangement = 'side by side' | 'one above the other' | 'in one place'

/** The dock's own account of itself: a tree of splits whose leaves hold the panes of one place. */
type Node =
  | { readonly type: 'branch'; readonly data: readonly Node[] }
  | { readonly type: 'leaf'; readonly data: { readonly views: readonly string[] } }

function placesIn(node: Node): readonly (readonly string[])[] {
  return node.type === 'leaf' ? [node.data.views] : node.data.flatMap(placesIn)
}

/** The dock: tabs, and where panes lie. */
export class Panes {
  readonly #window: Page

  /** Of all panes. */
  readonly tabs: Locator

  constructor(window: Page) {
    this.#window = window
    this.tabs = window.getByRole('tab')
  }

  tab(id: string): Locator {
    return this.#window.getByRole('tab', { name: new RegExp(`^${id}\\b`) })
  }

  region(id: string): Locator {
    return this.#window.getByRole('region', { name: new RegExp(`^${id}\\b`) })
  }

  /** Drags a pane's tab to the right edge of where another pane lies. */
  async placeBeside(moved: string, fixed: string): Promise<void> {
    await this.#place(moved, fixed, ({ width, height }) => ({ x: width - 20, y: height / 2 }))
    await expect.poll(() => this.arrangement(fixed, moved)).toBe('side by side')
  }

  /** Drags a pane's tab to the lower edge of where another pane lies. */
  async placeBelow(moved: string, fixed: string): Promise<void> {
    await this.#place(moved, fixed, ({ width, height }) => ({ x: width / 2, y: height - 20 }))
    await expect.poll(() => this.arrangement(fixed, moved)).toBe('one above the other')
  }

  async #place(
    moved: string,
    fixed: string,
    where: (of: { readonly width: number; readonly height: number }) => { x: number; y: number },
  ): Promise<void> {
    // Bring the fixed one to the front: where both share a place, the drop is on its group.
    await this.tab(fixed).click()
    const box = await this.#stillBox(fixed)
    const to = where(box)
    const { mouse } = this.#window
    await this.tab(moved).hover()
    await mouse.down()
    // Whoever drags moves on, and lets go where the dock shows that the pane will be.
    let nudge = 0
    await expect(async () => {
      nudge = 1 - nudge
      await mouse.move(box.x + to.x + nudge, box.y + to.y, { steps: 3 })
      await expect(this.#window.locator('.dv-drop-target-selection')).toBeVisible({ timeout: 300 })
    }).toPass()
    await mouse.move(box.x + to.x + 2, box.y + to.y)
    await mouse.up()
  }

  /** Where a pane lies, once it does not move any more: another that has just come takes room from it. */
  async #stillBox(id: string): Promise<Place> {
    let box: Place | null = null
    await expect
      .poll(async () => {
        const before = box
        box = await this.#placeOf(id)
        return box !== null && JSON.stringify(before) === JSON.stringify(box)
      })
      .toBe(true)
    if (box === null) throw new Error(`${id} has no place in the window`)
    return box
  }

  /** How two panes lie to each other. */
  async arrangement(one: string, other: string): Promise<Arrangement> {
    const [a, b] = [await this.#placeOf(one), await this.#placeOf(other)]
    if (a === null || b === null) return 'in one place'
    if (a.x + a.width <= b.x + 1 || b.x + b.width <= a.x + 1) return 'side by side'
    if (a.y + a.height <= b.y + 1 || b.y + b.height <= a.y + 1) return 'one above the other'
    return 'in one place'
  }

  /** Waits until the host has been told that the two lie apart: what a reload will find. */
  async isRemembered(one: string, other: string): Promise<void> {
    await expect
      .poll(
        async () => {
          const reply = await this.#window.evaluate(() => window.switchboard.call('session.arrangement', {}))
          if (!reply.ok || reply.value.arrangement === null) return false
          const { layout } = JSON.parse(reply.value.arrangement) as { layout: { grid: { root: Node } } }
          const places = placesIn(layout.grid.root)
          return (
            places.some((ids) => ids.includes(one) && !ids.includes(other)) && places.flat().includes(other)
          )
        },
        { message: 'the arrangement is remembered' },
      )
      .toBe(true)
  }

  /** Null for a pane that is behind another. */
  async #placeOf(id: string): Promise<Place | null> {
    const region = this.region(id)
    return (await region.isVisible()) ? await region.boundingBox() : null
  }
}
