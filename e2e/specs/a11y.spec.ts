import AxeBuilder from '@axe-core/playwright'
import { type Locator, type Page } from '@playwright/test'
import { LadderPanel } from '../drivers/ladderPanel'
import { BenchPane } from '../drivers/benchPane'
import { expect, test } from '../drivers/test'

/** What axe finds that is serious or critical, in the window or a part of it: rule, and where. */
async function barriers(window: Page, part?: Locator): Promise<string[]> {
  // Legacy mode: an Electron window has no second page to gather results in.
  const axe = new AxeBuilder({ page: window }).setLegacyMode(true)
  if (part !== undefined) {
    await part.evaluate((element) => element.setAttribute('data-examined', ''))
    axe.include('[data-examined]')
  }
  const { violations } = await axe.analyze()
  await part?.evaluate((element) => element.removeAttribute('data-examined'))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    )
}

for (const theme of ['dark', 'light'] as const) {
  test(`nothing stands in the way of a screen reader, ${theme}`, async ({ app, board }) => {
    await app.window.emulateMedia({ colorScheme: theme })
    await expect(app.window.locator('html')).toHaveAttribute('data-theme', theme)
    expect(await barriers(app.window), 'the empty window').toEqual([])

    // As much as the window can show at once: a listener with a caller, a connection, a UDP socket, failures in pane and toolbar.
    const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
    const pane = await board.dial(await listener.url())
    await pane.composer.send('hello')
    await pane.counts({ in: [5, 1], out: [5, 1] })
    await pane.composer.sendHex('6x')
    await expect(pane.fault).toBeVisible()
    const udp = await board.bind('udp://127.0.0.1:0')
    await board.panes.placeBeside(udp.id, pane.id)
    await board.toolbar.dial('')
    await expect(board.faults).toHaveCount(2)
    for (const region of [listener.region, pane.region, udp.region]) await expect(region).toBeVisible()
    expect(await barriers(app.window), 'three panes').toEqual([])

    for (const view of ['Hex', 'Text'] as const) {
      await pane.show(view)
      await expect(pane.rows.first()).toBeVisible()
      expect(await barriers(app.window, pane.region), `traffic as ${view}`).toEqual([])
    }
    const ladder = await LadderPanel.open(app.window, listener)
    await ladder.rows.last().click()
    await expect(ladder.detail).toBeVisible()
    for (const spacing of ['Even', 'To scale'] as const) {
      await ladder.space(spacing)
      expect(await barriers(app.window, ladder.region), `the ladder, ${spacing}`).toEqual([])
    }
    await ladder.button('Put the ladder away').click()
    for (const one of [listener, pane, udp]) {
      const options = one.region.getByRole('button', { name: 'Options', exact: true })
      await options.click()
      await expect(one.region.getByRole('row').first()).toBeVisible()
      expect(await barriers(app.window, one.region), `the options of ${one.id}`).toEqual([])
      await options.click()
    }
    await app.window.getByRole('button', { name: 'Options', exact: true }).first().click()
    const form = app.window.getByRole('group', { name: 'Options for opening' })
    expect(await barriers(app.window, form), 'the options for opening').toEqual([])
    await app.window.keyboard.press('Escape')
    await board.palette.open()
    expect(await barriers(app.window, board.palette.dialog), 'the palette').toEqual([])
    await app.window.keyboard.press('Escape')

    await board.toolbar.newBench.click()
    const bench = new BenchPane(app.window, 'B1')
    await expect(bench.region).toContainText('No call has been made yet.')
    expect(await barriers(app.window, bench.region), 'an empty bench').toEqual([])
    await bench.run('socket')
    await bench.run('listen')
    await bench.run('accept')
    await expect(bench.rows.filter({ hasText: 'blocked for' })).toBeVisible()
    await bench.run('recv', { Socket: 's1' })
    await bench.made('ENOTCONN')
    expect(await barriers(app.window, bench.region), 'a bench with a blocked call').toEqual([])
  })
}

test('the phone call is made and answered with the keyboard alone', async ({ app, board }) => {
  const { keyboard } = app.window
  await board.palette.run('phone call')
  await expect(board.tree.items).toHaveCount(5)
  // The first client is found in the list, opened with Enter; then on to the composer.
  await board.tree.items.first().focus()
  await keyboard.press('End')
  await keyboard.press('Enter')
  const focused = app.window.locator(':focus')
  const payload = app.window.getByRole('textbox', { name: 'Payload', exact: true })
  for (let steps = 0; steps < 60; steps++) {
    if (await focused.and(payload).count()) break
    await keyboard.press('Tab')
  }
  await expect(focused.and(payload)).toHaveCount(1)
  await keyboard.type('typed by hand')
  await keyboard.press('Enter')
  await expect(
    app.window
      .getByRole('grid', { name: 'Traffic' })
      .filter({ hasText: /typed by hand/i })
      .first(),
  ).toBeVisible()
})

test('the palette finds an action by part of its name, and Escape puts it away', async ({ app, board }) => {
  await board.palette.open()
  await app.window.keyboard.type('theme')
  await expect(board.palette.dialog.getByRole('option').first()).toContainText(/theme/i)
  await app.window.keyboard.press('Escape')
  await expect(board.palette.dialog).toBeHidden()
})

test('the listener and the dial are opened from the address field by keys', async ({ app, board }) => {
  const { keyboard } = app.window
  await board.toolbar.address.focus()
  await keyboard.type('tcp://127.0.0.1:0')
  await keyboard.press('Tab')
  while (!(await board.toolbar.listenButton.evaluate((button) => button === document.activeElement)))
    await keyboard.press('Tab')
  await keyboard.press('Enter')
  await expect(board.tree.entry('L1')).toBeVisible()
})
