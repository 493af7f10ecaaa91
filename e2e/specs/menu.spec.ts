import { type App } from '../drivers/app'
import { expect, sharingTest as test } from '../drivers/test'

test.use({ sharedBy: 'menu' })

/** Chooses an entry of the application menu, which no test can point at. */
async function choose(app: App, id: string): Promise<void> {
  await app.electron.evaluate(({ Menu }, item) => {
    const found = Menu.getApplicationMenu()?.getMenuItemById(item)
    if (found === null || found === undefined) throw new Error(`the menu has no ${item}`)
    found.click()
  }, id)
}

test('the menu’s entries do in the window what they say', async ({ app, board }) => {
  await choose(app, 'palette.open')
  await expect(app.window.getByRole('dialog', { name: 'Commands' })).toBeVisible()
  await app.window.keyboard.press('Escape')

  await choose(app, 'address.focus')
  await expect(board.toolbar.address).toBeFocused()

  await board.toolbar.address.fill('tcp://127.0.0.1:0')
  await choose(app, 'endpoint.listen')
  await expect(board.listener('L1').state).toHaveText(/^listening on /)
  await choose(app, 'pane.close')
  await expect(board.listener('L1').region).toBeHidden()
  await expect(board.tree.items).toHaveCount(1)
})

test('the theme that one chooses is also that of the system’s own parts, and of the next start', async ({
  app,
}) => {
  const themes = () =>
    app.electron.evaluate(({ nativeTheme }) => ({
      source: nativeTheme.themeSource,
      isDark: nativeTheme.shouldUseDarkColors,
    }))
  await choose(app, 'theme.toggle')
  const shown = await app.window.evaluate(() => document.documentElement.dataset['theme'])
  await expect.poll(themes).toEqual({ source: shown, isDark: shown === 'dark' })
  await choose(app, 'theme.system')
  await expect.poll(async () => (await themes()).source).toBe('system')
})

test('keys that the page has too are done once', async ({ app }) => {
  await app.window.keyboard.press('ControlOrMeta+k')
  await expect(app.window.getByRole('dialog', { name: 'Commands' })).toHaveCount(1)
  await app.window.keyboard.press('Escape')
  await expect(app.window.getByRole('dialog', { name: 'Commands' })).toHaveCount(0)
})
