import { type App } from './app'
import { evaluateInWindow } from './hostile'

/** What the list of problems in the status bar says, opened for it; empty while there are none. Works after a crash too. */
export async function problemsTold(app: App): Promise<string> {
  return await evaluateInWindow(
    app,
    `(async () => {
      const button = [...document.querySelectorAll('button')].find((each) => /\\d+ problem/.test(each.textContent))
      if (button === undefined) return ''
      if (button.getAttribute('aria-expanded') !== 'true') button.click()
      await new Promise((resolve) => setTimeout(resolve, 0))
      return document.querySelector('[aria-label="Problems"]')?.innerText ?? ''
    })()`,
  )
}
