import { expect, type Locator, type Page } from '@playwright/test'
import { type App } from './app'

/** The dialog that lists all lessons. */
export class LessonGallery {
  readonly dialog: Locator
  readonly find: Locator
  readonly cards: Locator
  readonly chosen: Locator
  readonly fault: Locator
  readonly #window: Page

  constructor(window: Page) {
    this.#window = window
    this.dialog = window.getByRole('dialog', { name: 'Lessons', exact: true })
    this.find = this.dialog.getByRole('combobox', { name: 'Find a lesson', exact: true })
    this.cards = this.dialog.getByRole('option')
    this.chosen = this.dialog.getByRole('option', { selected: true })
    this.fault = this.dialog.getByRole('alert')
  }

  static async open(window: Page): Promise<LessonGallery> {
    await window.keyboard.press('F2')
    const gallery = new LessonGallery(window)
    await expect(gallery.dialog).toBeVisible()
    return gallery
  }

  /** By the name of its folder. */
  card(id: string): Locator {
    return this.dialog.locator(`[role="option"][data-lesson="${id}"]`)
  }

  /** Opens a lesson, and waits until it is there. */
  async choose(id: string): Promise<LessonPane> {
    await this.card(id).click()
    await expect(this.dialog).toBeHidden()
    const lesson = new LessonPane(this.#window)
    await expect(lesson.region).toBeVisible()
    return lesson
  }

  async press(name: string | RegExp): Promise<void> {
    await this.dialog.getByRole('button', { name }).click()
  }
}

/** The lesson that is open. */
export class LessonPane {
  readonly region: Locator
  readonly title: Locator
  readonly text: Locator
  readonly progress: Locator
  /** Its steps, each `data-phase`: next, waiting, running, done, failed. */
  readonly parts: Locator
  readonly questions: Locator
  readonly faults: Locator
  /** What stands at what is pointed at, anywhere in the window. */
  readonly pins: Locator

  constructor(window: Page) {
    this.region = window.getByRole('region', { name: 'Lesson', exact: true })
    this.title = this.region.getByRole('heading', { level: 2 })
    this.text = this.region.getByRole('article')
    this.progress = this.region.getByRole('status', { name: 'Progress', exact: true })
    this.parts = this.region.locator('section[data-part]')
    this.questions = this.region.locator('form')
    this.faults = this.region.getByRole('list', { name: 'Faults', exact: true }).getByRole('listitem')
    this.pins = window.locator('[data-pointer]')
  }

  static async open(app: App, id: string): Promise<LessonPane> {
    return (await LessonGallery.open(app.window)).choose(id)
  }

  part(name: string): Locator {
    return this.region.locator(`section[data-part="${name}"]`)
  }

  /** What the text shows of a measured value; `…` until there is one. */
  value(name: string): Locator {
    return this.region.locator(`[data-value="${name}"]`).first()
  }

  /** Does a step by its own button, and waits until it is done. */
  async do(name: string): Promise<void> {
    await this.part(name).getByRole('button').click()
    await this.isDone(name)
  }

  async isDone(name: string): Promise<void> {
    await expect(this.part(name)).toHaveAttribute('data-phase', /^(done|failed)$/, { timeout: 60_000 })
    await expect(this.part(name), await this.part(name).innerText()).toHaveAttribute('data-phase', 'done')
  }

  async press(
    name: 'Next step' | 'Do all' | 'Do it again' | 'Stop' | 'Reset' | 'List of sockets',
  ): Promise<void> {
    await this.region.getByRole('button', { name, exact: true }).click()
  }

  async close(): Promise<void> {
    await this.region.getByRole('button', { name: 'Close the lesson', exact: true }).click()
    await expect(this.region).toBeHidden()
  }
}
