import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

needs('python3')

test('rows of several sockets stand in one list by their time, and lead back to their panes', async ({
  app,
  board,
}) => {
  await using server = await pythonListens()
  const first = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const second = await board.dial(await listener.url())
  for (let n = 0; n < 5; n++) {
    await wire.send(`from afar ${n}`)
    await first.carries({ in: 11 * (n + 1) })
    await second.composer.send(`from here ${n}`)
    await second.carries({ in: 11 * (n + 1) })
  }

  await board.palette.run('Merged view')
  const dialog = app.window.getByRole('dialog', { name: 'Merged view', exact: true })
  const chosen = dialog.getByRole('group', { name: 'Sockets on one time axis' })
  // The listener, what called it, and the two that were dialled.
  await expect(chosen.getByRole('checkbox')).toHaveCount(4)
  for (const box of await chosen.getByRole('checkbox').all()) await box.uncheck()
  await expect(dialog.getByText('Choose the sockets')).toBeVisible()
  await chosen.getByRole('checkbox', { name: 'C1', exact: true }).check()
  await chosen.getByRole('checkbox', { name: 'C2', exact: true }).check()
  const grid = dialog.getByRole('grid', { name: 'Merged traffic', exact: true })
  await expect(grid.getByRole('row').filter({ hasText: /FROM HERE 4/ })).toBeVisible()
  const texts = await grid.getByRole('row').allInnerTexts()
  const said = texts.flatMap((text) => /(from afar|from here|FROM HERE) \d/.exec(text)?.[0] ?? [])
  const expected = Array.from({ length: 5 }, (_, n) => [`from afar ${n}`, `from here ${n}`, `FROM HERE ${n}`])
  expect(said.slice(-15)).toEqual(expected.flat())
  expect(texts.find((text) => text.includes('from afar 2'))).toContain('C1')
  expect(texts.find((text) => text.includes('FROM HERE 2'))).toContain('C2')

  // It goes on while traffic comes.
  await wire.send('and one more')
  await expect(grid.getByRole('row').filter({ hasText: 'and one more' })).toBeVisible()

  // Times as in the panes: of the day, since the row before (whosever it is), and to the nanosecond.
  const time = grid.getByRole('row').filter({ hasText: 'and one more' }).getByRole('gridcell').first()
  const choice = grid.getByRole('combobox', { name: 'Time', exact: true })
  await choice.selectOption('Time of day (ns)')
  await expect(time).toHaveText(/^\d\d:\d\d:\d\d\.\d{9} ?$/)
  await choice.selectOption('Time since row before')
  await expect(time).toHaveText(/^\+\d+\.\d{6} ?$/)
  await choice.selectOption('Time')
  await expect(time).toHaveText(/^\d+\.\d{6} ?$/)

  await grid
    .getByRole('row')
    .filter({ hasText: /FROM HERE 2/ })
    .click()
  await expect(dialog.getByRole('group', { name: 'Selected chunk' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Show in C2' }).click()
  await expect(dialog).toBeHidden()
  await expect(second.traffic.locator('[aria-selected="true"]')).toContainText('FROM HERE 2')
})
