import { type App } from './app'

/**
 * Answers the system's next questions for a file, which no test can click: `path`, or null for Cancel.
 * Only the dialog is stood in for; the picked file goes through the real host and service.
 */
export async function pickFile(app: App, path: string | null): Promise<void> {
  await app.electron.evaluate(({ dialog }, picked) => {
    dialog.showOpenDialog = async () => ({
      canceled: picked === null,
      filePaths: picked === null ? [] : [picked],
    })
  }, path)
}
