import { expect } from '@playwright/test'
import { type App } from './app'

/** Drops a file or a folder of the system's on the window, as a file manager does. */
export async function drop(app: App, file: string): Promise<void> {
  // Whoever drops something sees where.
  await expect(app.window.getByRole('textbox', { name: 'Address', exact: true })).toBeVisible()
  const devtools = await app.window.context().newCDPSession(app.window)
  const data = { items: [], files: [file], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
  await devtools.detach()
}
