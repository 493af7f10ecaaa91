import { expect } from '@playwright/test'
import { type App } from './app'

/** Drops a file or a folder of the system's on the window, as a file manager does. */
export async function drop(app: App, file: string): Promise<void> {
  const devtools = await app.window.context().newCDPSession(app.window)
  const data = { items: [], files: [file], dragOperationsMask: 1 }
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
  await drag('dragEnter')
  // Whoever drops something holds it until the window says that it takes it.
  await expect(async () => {
    await drag('dragOver')
    await expect(app.window.getByText('Drop it here to open it')).toBeVisible({ timeout: 500 })
  }).toPass()
  await drag('drop')
  await devtools.detach()
}
