import { app, powerMonitor } from 'electron'
import { type Log } from './log'
import { type Settings } from './settings'
import { type Windows } from './windows'

export interface Endings {
  readonly windows: Windows
  readonly settings: Settings
  readonly log: Log
}

/**
 * Quitting asks nothing and loses nothing: sockets are closed, what they carried is written out, and only then the program ends.
 * SIGTERM, SIGINT and SIGHUP come here too: Electron turns each into a quit.
 */
export function setupShutdown({ windows, settings, log }: Endings): void {
  let isEnding = false

  async function end(): Promise<void> {
    log.info('quitting')
    for (const window of windows.all()) {
      window.remember()
      window.browser.hide()
    }
    await windows.closeSessions()
    await settings.flush()
    log.info('quit')
    app.exit(0)
  }

  app.on('before-quit', (event) => {
    // Held back until all is written; `app.exit` then ends without asking again.
    event.preventDefault()
    if (isEnding) return
    isEnding = true
    void end()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('activate', () => windows.focus())
  powerMonitor.on('shutdown', () => app.quit())
}
