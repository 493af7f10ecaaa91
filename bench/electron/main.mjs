// What the benchmarks run inside Electron's main process: a side without a window, or with SWITCHBOARD_BENCH_PAGE the
// emptiest window there is.
import { app, BrowserWindow } from 'electron'

const page = process.env.SWITCHBOARD_BENCH_PAGE
app.on('window-all-closed', () => app.quit())

void app.whenReady().then(async () => {
  if (page === undefined) await import('../sides/host.mjs')
  else await new BrowserWindow({ width: 1280, height: 800 }).loadURL(page)
})
