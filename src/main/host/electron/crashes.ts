import { app, dialog } from 'electron'
import { fault, describeFault, type Fault } from '../../../shared/model/fault'
import { type Log } from './log'
import { type AppWindow } from './window'
import { type Windows } from './windows'

/** A page that crashes again so soon would crash for ever: then the user decides. */
const RELOAD_AGAIN_AFTER_MS = 30_000

/** A defect in main's own code: logged with its stack, told to the windows, and the program goes on: the sockets live in another thread. */
export function setupDefectReports(log: Log, windows: () => Windows | null): void {
  const report = (kind: string, error: unknown): void => {
    const id = crypto.randomUUID().slice(0, 8)
    log.error(kind, { id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    windows()?.tell([
      {
        name: 'problem.arose',
        value: {
          id: null,
          fault: fault('SB_BUG', `Something went wrong inside Switchboard (${id}).`, {
            hint: `The log has the details: ${log.file}`,
          }),
        },
      },
    ])
  }
  process.on('uncaughtException', (error) => report('uncaught exception', error))
  process.on('unhandledRejection', (reason) => report('unhandled rejection', reason))
}

/** Without a window nobody could see that the program runs: it says what happened, and ends. */
export function endFailedStart(error: unknown, log: Log): void {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  log.error('the start failed', { stack: told })
  process.stderr.write(`switchboard: the start failed: ${told}\n`)
  // The box waits for somebody: on a build machine there is nobody.
  if (process.env['CI'] !== 'true')
    dialog.showErrorBox('Switchboard could not start', `${told}\n\nThe log: ${log.file}`)
  app.exit(1)
}

/** A page that died is loaded again, with a word about it. Its sockets never belonged to it: they are open still. */
export function setupPageRecovery(windows: Windows, log: Log): void {
  const lastCrash = new WeakMap<AppWindow, number>()

  app.on('render-process-gone', (_event, contents, { reason, exitCode }) => {
    const window = windows.of(contents)
    if (window === undefined) return
    // Before anything is told: what is sent to a page that is gone is lost.
    window.link.pageGone()
    if (reason === 'clean-exit') return
    log.error('the page is gone', { reason, exitCode })
    const since = Date.now() - (lastCrash.get(window) ?? 0)
    lastCrash.set(window, Date.now())
    if (since < RELOAD_AGAIN_AFTER_MS) {
      void askAfterCrash(window)
      return
    }
    reload(window, `The window's page ended (${reason}) and was loaded again.`)
  })
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit') log.error('a helper process is gone', { type, reason, exitCode })
  })
}

function reload({ browser, link }: AppWindow, summary: string): void {
  if (browser.isDestroyed()) return
  link.tell([
    {
      name: 'problem.arose',
      value: {
        id: null,
        fault: fault('SB_BUG', summary, { hint: 'The sockets stayed open, and the recording is complete.' }),
      },
    },
  ])
  browser.webContents.reload()
}

async function askAfterCrash(window: AppWindow): Promise<void> {
  const { response } = await dialog.showMessageBox(window.browser, {
    type: 'error',
    title: 'Switchboard',
    message: "The window's page has ended twice within half a minute.",
    detail: 'The sockets are open still, and everything is being recorded.',
    buttons: ['Load it again', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 1) app.quit()
  else reload(window, "The window's page ended and was loaded again.")
}

/** The thread with the sockets is gone: an honest word, and the offer to begin anew. */
export function setupServiceRecovery(window: AppWindow, log: Log): void {
  const { service, browser } = window
  service.onDied((death) => void offerRestart(death))

  async function offerRestart(death: Fault): Promise<void> {
    if (browser.isDestroyed()) return
    const { response } = await dialog.showMessageBox(browser, {
      type: 'error',
      title: 'Switchboard',
      message:
        'The part of Switchboard that owns the sockets has stopped. All sockets of this session are closed.',
      detail: `${describeFault(death)}\n\nWhat was recorded until then is kept in ${service.folder}.`,
      buttons: ['Begin a new session', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    })
    log.info('after the service was gone', { choice: response })
    if (response === 1) {
      app.quit()
      return
    }
    const restarted = await service.restart()
    if (restarted.ok && !browser.isDestroyed()) browser.webContents.reload()
  }
}
