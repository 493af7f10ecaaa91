import { type App } from './app'

/** What a compromised page could reach for: where its windows went, and what main was asked to open outside. */
export interface Escapes {
  readonly navigations: readonly string[]
  readonly windows: number
  readonly openedOutside: readonly string[]
}

interface Watched {
  watched?: { navigations: string[]; openedOutside: string[] }
}

/** Begins to count navigations in every window; the user's browser is stood in for, as no test should open one. */
export async function watchEscapes(app: App): Promise<void> {
  await app.electron.evaluate(({ app: electron, BrowserWindow, shell }) => {
    const watched = { navigations: [] as string[], openedOutside: [] as string[] }
    ;(globalThis as Watched).watched = watched
    const watch = (contents: Electron.WebContents): void => {
      contents.on('did-navigate', (_event, url) => watched.navigations.push(url))
      contents.on('did-frame-navigate', (_event, url) => watched.navigations.push(url))
      contents.on('did-navigate-in-page', (_event, url) => watched.navigations.push(url))
    }
    for (const window of BrowserWindow.getAllWindows()) watch(window.webContents)
    electron.on('web-contents-created', (_event, contents) => watch(contents))
    shell.openExternal = async (url) => void watched.openedOutside.push(url)
  })
}

export async function escapes(app: App): Promise<Escapes> {
  return await app.electron.evaluate(({ BrowserWindow }) => {
    const { navigations, openedOutside } = (globalThis as Watched).watched ?? {
      navigations: [],
      openedOutside: [],
    }
    return { navigations, openedOutside, windows: BrowserWindow.getAllWindows().length }
  })
}

/**
 * Calls the bridge from a page that is not ours, in a window that has our own preload: the worst case of a page gone astray.
 * Answers what the bridge answered.
 */
export async function callFromStranger(app: App, url: string, expression: string): Promise<unknown> {
  return await app.electron.evaluate(
    async ({ app: electron, BrowserWindow }, { page, script }) => {
      const window = new BrowserWindow({
        show: false,
        webPreferences: {
          preload: `${electron.getAppPath()}/out/preload/index.cjs`,
          sandbox: true,
          contextIsolation: true,
        },
      })
      try {
        await window.loadURL(page)
        return (await window.webContents.executeJavaScript(script)) as unknown
      } finally {
        window.destroy()
      }
    },
    { page: url, script: expression },
  )
}

/** Runs an expression in the app's window through main: also where Playwright's own hold on the page was lost in a crash. */
export async function evaluateInWindow<T>(app: App, expression: string): Promise<T> {
  return await app.electron.evaluate(async ({ BrowserWindow }, script) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    if (contents === undefined) throw new Error('there is no window')
    // What a page was asked is never answered once another has come in its place.
    const gone = new Promise<never>((_resolve, reject) => {
      contents.once('did-navigate', () => reject(new Error('the page was loaded anew')))
    })
    return (await Promise.race([contents.executeJavaScript(script), gone])) as T
  }, expression)
}
