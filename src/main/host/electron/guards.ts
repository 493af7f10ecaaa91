import { app } from 'electron'
import { type Log } from './log'
import { isOpenable, openOutside } from './outside'

/** No page of this app ever goes elsewhere, opens a window or embeds a web view, however it is asked to. */
export function setupGuards(log: Log): void {
  app.on('web-contents-created', (_event, contents) => {
    const deny = (event: { readonly url: string; preventDefault(): void }): void => {
      event.preventDefault()
      log.error('refused a navigation', { url: event.url.slice(0, 200) })
    }
    contents.on('will-navigate', deny)
    contents.on('will-frame-navigate', deny)
    contents.on('will-redirect', deny)
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (isOpenable(url)) void openOutside(url, log)
      else log.error('refused a new window', { url: url.slice(0, 200) })
      return { action: 'deny' }
    })
  })
}
