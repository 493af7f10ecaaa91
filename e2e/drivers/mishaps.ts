import { type App } from './app'

interface Shown {
  shown?: string[]
}

/** Answers the app's message boxes, which no test can click, by the button of that name, and keeps what they said. */
export async function answerMessages(app: App, button: string): Promise<void> {
  await app.electron.evaluate(({ dialog }, wanted) => {
    const shown: string[] = ((globalThis as Shown).shown = [])
    dialog.showMessageBox = async (...args: unknown[]) => {
      const box = args.at(-1) as Electron.MessageBoxOptions
      shown.push(`${box.message}\n${box.detail ?? ''}`)
      return { response: box.buttons?.indexOf(wanted) ?? 0, checkboxChecked: false }
    }
  }, button)
}

export async function messagesShown(app: App): Promise<readonly string[]> {
  return await app.electron.evaluate(() => (globalThis as Shown).shown ?? [])
}

/** Ends the worker thread with all its sockets, as a defect in native code would. */
export async function endService(app: App): Promise<void> {
  await app.electron.evaluate(() => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const post = Worker.prototype.postMessage
    // The host keeps its worker to itself: it is the one that the next message goes to.
    Worker.prototype.postMessage = function (
      this: typeof Worker.prototype,
      ...args: Parameters<typeof post>
    ) {
      Worker.prototype.postMessage = post
      post.apply(this, args)
      void this.terminate()
    }
  })
  // The answer is a fault, since nobody is left to give one.
  await app.window.evaluate(() => window.switchboard.call('socket.list', {}))
}
