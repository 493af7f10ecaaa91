import { test as base, type TestInfo } from '@playwright/test'
import { launchApp, type App } from './app'
import { type Board } from './board'

export { expect } from '@playwright/test'

// Playwright reads from the first parameter's pattern what a fixture needs: an empty one means nothing.
interface PerTest {
  readonly app: App
  readonly board: Board
}

/** A failed test leaves a picture of the window beside the report. */
async function attachPicture(app: App, info: TestInfo): Promise<void> {
  if (info.status === info.expectedStatus || app.hasQuit || app.window.isClosed()) return
  const path = info.outputPath('window.png')
  await app.window.screenshot({ path })
  await info.attach('window', { path, contentType: 'image/png' })
}

/** Each test has an app of its own, that nobody used before; afterwards the app must end cleanly. */
export const test = base.extend<PerTest>({
  app: async ({}, use, info) => {
    await using app = await launchApp()
    await use(app)
    await attachPicture(app, info)
  },
  board: async ({ app }, use) => use(app.board),
})

/**
 * The tests of one file share an app, for those that do not mind what was there before. After each, what it opened is closed,
 * and an error on the console counts against it.
 */
export const sharingTest = base.extend<PerTest, { readonly sharedApp: App; readonly sharedBy: string }>({
  /** Its value is part of what makes a worker: a file that sets it gets an app of its own. */
  sharedBy: ['everybody', { option: true, scope: 'worker' }],
  sharedApp: [
    async ({}, use) => {
      await using app = await launchApp()
      await use(app)
    },
    { scope: 'worker' },
  ],
  app: async ({ sharedApp }, use, info) => {
    await use(sharedApp)
    await attachPicture(sharedApp, info)
    await sharedApp.board.clear()
    base.expect(sharedApp.problems.splice(0), 'no errors on the console').toEqual([])
  },
  board: async ({ app }, use) => use(app.board),
})
