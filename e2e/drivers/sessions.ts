import { type Page } from '@playwright/test'
import { type App } from './app'
import { Board } from './board'

/** Answers the system's next questions where to save, which no test can click: `path`, or null for Cancel. */
export async function saveTo(app: App, path: string | null): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = async () => ({ canceled: chosen === null, filePath: chosen ?? '' })
  }, path)
}

/** What the titles of all windows say. */
export async function titles(app: App): Promise<string[]> {
  return await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .map((each) => each.getTitle())
      .toSorted(),
  )
}

/** The window with this title, whichever of them Playwright came to know first. */
export async function windowTitled(app: App, title: string): Promise<{ page: Page; board: Board }> {
  for (const page of app.electron.windows()) {
    const window = await app.electron.browserWindow(page)
    if ((await window.evaluate((each) => each.getTitle())) === title) return { page, board: new Board(page) }
  }
  throw new Error(`no window is titled ${title}`)
}

/** The window that opens while something is done. */
export async function windowOpenedBy(
  app: App,
  act: () => Promise<unknown>,
): Promise<{ page: Page; board: Board }> {
  const [page] = await Promise.all([app.electron.waitForEvent('window'), act()])
  await page.waitForLoadState()
  return { page, board: new Board(page) }
}
