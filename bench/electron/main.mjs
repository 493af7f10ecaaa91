// What the benchmarks run inside Electron's main process: a side without a window, or with SWITCHBOARD_BENCH_PAGE the
// emptiest window there is.
import { app, BrowserWindow } from 'electron'

// Electron would show a dialog and go on.
process.on('uncaughtException', fail).on('unhandledRejection', fail)

const page = process.env.SWITCHBOARD_BENCH_PAGE
app.on('window-all-closed', () => app.quit())

void app.whenReady().then(async () => {
  if (page === undefined) await import('../sides/host.mjs')
  else await new BrowserWindow({ width: 1280, height: 800 }).loadURL(page)
})

/** @param {unknown} error */
function fail(error) {
  console.error(error)
  app.exit(1)
}
