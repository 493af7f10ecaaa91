import AxeBuilder from '@axe-core/playwright'
import { type Locator } from '@playwright/test'
import { launchApp, type App } from '../drivers/app'
import { BenchPane } from '../drivers/benchPane'
import { KernelPanel } from '../drivers/kernelPanel'
import { ReferencePanel } from '../drivers/referencePanel'
import { expect, test } from '../drivers/test'
import { freePort } from '../peers/freePort'

async function barriers(app: App): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: app.window }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

test('by the keyboard alone: F1, a search, a page, a page that it leads to, back, and away', async ({
  app,
  board,
}) => {
  const { window } = app
  const { keyboard } = window
  const reference = new ReferencePanel(window)
  await board.toolbar.address.focus()
  await keyboard.press('F1')
  await expect(reference.search).toBeFocused()

  await keyboard.type('econnref')
  await expect(await reference.option('ECONNREFUSED')).toHaveAttribute('aria-selected', 'true')
  await keyboard.press('Enter')
  await reference.isAt('ECONNREFUSED')
  await expect(reference.word).toBeFocused()
  await expect(reference.region).toContainText('111')
  await expect(reference.region).toContainText('RFC 9293, 3.5.2')

  await reference.link('stale socket file').focus()
  await keyboard.press('Enter')
  await reference.isAt('stale socket file')
  await keyboard.press('Alt+ArrowLeft')
  await reference.isAt('ECONNREFUSED')
  await keyboard.press('Alt+ArrowRight')
  await reference.isAt('stale socket file')

  // By what it is about, and further down with the arrows.
  await reference.search.focus()
  await keyboard.type('somaxconn')
  await expect(reference.results.getByRole('option')).not.toHaveCount(0)
  await keyboard.press('ArrowDown')
  await keyboard.press('ArrowUp')
  await keyboard.press('Escape')
  await expect(reference.search).toHaveValue('')
  await reference.isAt('stale socket file')
  await keyboard.press('Escape')
  await expect(reference.region).toBeHidden()
  await expect(board.toolbar.address).toBeFocused()
})

test('one goes on typing as soon as it has been asked for', async ({ app, board }) => {
  const { window } = app
  const reference = new ReferencePanel(window)
  await board.toolbar.address.focus()
  // It is fetched while nothing else is to be done: once its style and its module are there, it is.
  const fetched = (end: string) => window.locator(`link[href*="/ReferencePanel-"][href$="${end}"]`)
  await expect.poll(() => fetched('.css').evaluate((link: HTMLLinkElement) => link.sheet !== null)).toBe(true)
  const module = (await fetched('.js').getAttribute('href')) ?? ''
  await window.evaluate(`import(${JSON.stringify(module)}).then(() => null)`)
  // Words lead to their pages once these are there.
  await expect(window.getByRole('link', { name: 'Port 0', exact: true })).toBeVisible()
  await window.keyboard.press('F1')
  await window.keyboard.type('econnref')
  await expect(reference.search).toHaveValue('econnref')
})

test('the palette and the menu open it; nothing is fetched for it', async ({ app, board }) => {
  const reference = new ReferencePanel(app.window)
  await app.window.context().setOffline(true)
  await board.palette.run('what a word means')
  await expect(reference.search).toBeFocused()
  await reference.search.fill('nagle')
  await app.window.keyboard.press('Enter')
  await reference.isAt('Nagle')
  await reference.close.click()
  await expect(reference.region).toBeHidden()
  await app.electron.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.getMenuItemById('reference.open')?.click(),
  )
  await reference.isAt('Nagle')
})

for (const theme of ['dark', 'light'] as const) {
  test(`nothing stands in the way of a screen reader, ${theme}`, async ({ app }) => {
    const { window } = app
    await window.emulateMedia({ colorScheme: theme })
    await expect(window.locator('html')).toHaveAttribute('data-theme', theme)
    const reference = new ReferencePanel(window)
    await window.keyboard.press('F1')
    await reference.region.getByText(/^Errors/).click()
    await window.screenshot({ path: `test-results/reference-contents-${theme}.png` })
    expect(await barriers(app), 'its contents').toEqual([])
    await reference.search.fill('time')
    await expect(reference.results.getByRole('option')).not.toHaveCount(0)
    await window.screenshot({ path: `test-results/reference-search-${theme}.png` })
    expect(await barriers(app), 'a search').toEqual([])
    await reference.search.fill('connect')
    await reference.search.press('Enter')
    await reference.isAt('connect')
    await window.screenshot({ path: `test-results/reference-page-${theme}.png` })
    expect(await barriers(app), 'a page').toEqual([])
  })
}

test('words lead there from where they stand: a fault, a state, an option, a number of the kernel, a step', async ({
  app,
  board,
}) => {
  const { window } = app
  const reference = new ReferencePanel(window)
  const link = (within: Locator, word: string): Locator =>
    within.getByRole('link', { name: word, exact: true })

  await window.getByRole('button', { name: 'Options', exact: true }).click()
  const form = window.getByRole('group', { name: 'Options for opening' })
  await link(form, 'Reuse address').click()
  await reference.isAt('SO_REUSEADDR')

  const pane = await board.dial(`tcp://127.0.0.1:${await freePort()}`)
  await expect(pane.state).toHaveText(/^failed: ECONNREFUSED/)
  await link(pane.state, 'failed').click()
  await reference.isAt('failed')
  await link(pane.state, 'ECONNREFUSED').click()
  await reference.isAt('ECONNREFUSED')
  await link(pane.fault, 'connect').click()
  await reference.isAt('connect()')

  const listener = await board.listen('tcp://127.0.0.1:0')
  await link(listener.state, 'listening').click()
  await reference.isAt('listening')
  const caller = await board.dial(await listener.url())
  await caller.isOpen()
  await board.open(caller.id)
  await caller.button('Options').click()
  const options = caller.region.getByRole('group', { name: 'Options', exact: true })
  await link(options, 'TCP_NODELAY').click()
  await reference.isAt('TCP_NODELAY')
  await expect(reference.region).toContainText('RFC 896')
  // One stop for Tab, and the arrows for the rest.
  await link(options, 'TCP_NODELAY').focus()
  await window.keyboard.press('ArrowDown')
  await expect(link(options, 'TCP_CORK')).toBeFocused()
  await window.keyboard.press('Enter')
  await reference.isAt('TCP_CORK')
  await caller.button('Options').click()

  test.skip(process.platform !== 'linux', 'the kernel’s view rests on Linux')
  const kernel = await KernelPanel.open(caller)
  await link(kernel.numbers, 'rto').click()
  await reference.isAt('rto')
  await link(kernel.state, 'ESTABLISHED').click()
  await reference.isAt('ESTABLISHED')
  for (const theme of ['dark', 'light'] as const) {
    await window.emulateMedia({ colorScheme: theme })
    await expect(window.locator('html')).toHaveAttribute('data-theme', theme)
    await window.screenshot({ path: `test-results/reference-beside-${theme}.png` })
    expect(await barriers(app), theme).toEqual([])
  }
})

test('F1 takes the word that is selected, that the caret is in, or that the focus is on', async ({
  app,
  board,
}) => {
  const { window } = app
  const reference = new ReferencePanel(window)
  await board.palette.run('syscall bench')
  const bench = new BenchPane(window, 'B1')
  await bench.fill('shutdown')
  await bench.field('Call').focus()
  await window.keyboard.press('F1')
  await reference.isAt('shutdown()')
  await bench.fill('setsockopt')
  await bench.field('Option').fill('TCP_QUICKACK')
  await window.keyboard.press('F1')
  await reference.isAt('TCP_QUICKACK')

  await bench.run('socket')
  await bench.run('accept', { Socket: 's1' })
  await bench.made('EINVAL')
  const errno = bench.region.getByRole('link', { name: 'EINVAL', exact: true })
  await errno.focus()
  await window.keyboard.press('F1')
  await reference.isAt('EINVAL')
  await window.keyboard.press('Escape')
  await expect(errno).toBeFocused()

  await bench.region.getByText('accept4', { exact: true }).first().dblclick()
  await window.keyboard.press('F1')
  await reference.isAt('accept4()')
})

test('in a dialog that lets nothing else be used, it is shown within', async ({ app, board }) => {
  const { window } = app
  const reference = new ReferencePanel(window)
  await board.palette.run('Replay')
  const dialog = window.locator('dialog:modal')
  await expect(dialog).toBeVisible()
  await window.keyboard.press('F1')
  await expect(reference.search).toBeFocused()
  await reference.search.fill('divergence')
  await reference.search.press('Enter')
  await reference.isAt('divergence')
  await window.keyboard.press('Escape')
  await expect(reference.region).toBeHidden()
  await expect(dialog).toBeVisible()
})

test('a page leads to a lesson, and the code in a lesson to pages', async ({ app }) => {
  const { window } = app
  const reference = new ReferencePanel(window)
  await window.keyboard.press('F1')
  await reference.search.fill('accept')
  await reference.search.press('Enter')
  await reference.isAt('accept()')
  await reference.region.getByRole('button', { name: /^1\. / }).click()
  const lesson = window.getByRole('region', { name: /^Lesson/ })
  await expect(lesson).toBeVisible()
  await lesson.getByRole('link', { name: 'recv()', exact: true }).first().click()
  await reference.isAt('recv()')
  for (const theme of ['dark', 'light'] as const) {
    await window.emulateMedia({ colorScheme: theme })
    await expect(window.locator('html')).toHaveAttribute('data-theme', theme)
    await window.screenshot({ path: `test-results/reference-lesson-${theme}.png` })
    expect(await barriers(app), theme).toEqual([])
  }
})

test('what the steps of an experiment do, and what they fail with', async () => {
  await using app = await launchApp({ args: ['examples/phone-call.yaml'] })
  const reference = new ReferencePanel(app.window)
  const steps = app.window
    .getByRole('region', { name: 'Experiment', exact: true })
    .getByRole('list', { name: 'Steps' })
  await steps.getByRole('link', { name: 'expect', exact: true }).first().click()
  await reference.isAt('step')
  await steps.getByRole('link', { name: 'send', exact: true }).first().click()
  await reference.isAt('send()')
})
