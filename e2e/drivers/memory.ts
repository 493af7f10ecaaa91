import { type App } from './app'

/** What the page's process holds in memory: resident, shared pages included, in bytes. */
export async function rendererMemoryBytes(app: App): Promise<number> {
  const kilobytes = await app.electron.evaluate(({ app: electron, BrowserWindow }) => {
    const page = BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId()
    return electron.getAppMetrics().find(({ pid }) => pid === page)?.memory.workingSetSize
  })
  if (kilobytes === undefined) throw new Error('the page has no process')
  return kilobytes * 1024
}
