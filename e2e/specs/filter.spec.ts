import { FilterLine } from '../drivers/filterLine'
import { JumpBar } from '../drivers/jumpBar'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'filter' })
needs('python3')

test('only the rows that fit are shown, with their own numbers, and more of them as they come', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  let sentBytes = 0
  for (let n = 0; n < 60; n++) {
    const line = `row ${n} has ${n % 10 === 7 ? 'a needle' : 'straw'}\n`
    await wire.send(Buffer.from(line))
    // One by one: each is a chunk of its own.
    await pane.carries({ in: (sentBytes += line.length) })
  }
  await expect(pane.rows.last()).toContainText('row 59')
  const lastIndex = Number(await pane.rows.last().getAttribute('aria-rowindex'))

  const line = await FilterLine.open(pane)
  await line.field.fill('needle dir:in')
  await expect(line.told).toHaveText(/^6 of \d+ rows$/)
  await expect(pane.rows).toHaveCount(7)
  await expect(pane.rows.nth(1)).toContainText('row 7 has a needle')
  await expect(pane.rows.last()).toContainText('row 57 has a needle')
  // Its number is the one it has among all.
  await expect(pane.rows.last()).toHaveAttribute('aria-rowindex', String(lastIndex - 2))

  // Following goes on, and so does the count.
  await wire.send(Buffer.from('one more needle\n'))
  await expect(line.told).toHaveText(/^7 of \d+ rows$/)
  await expect(pane.rows.last()).toContainText('one more needle')

  await pane.traffic.press('Home')
  const selected = pane.traffic.locator('[aria-selected="true"]')
  await expect(selected).toContainText('row 7 has')
  await pane.traffic.press('ArrowDown')
  await expect(selected).toContainText('row 17 has')
  const chunk = pane.region.getByRole('group', { name: 'Selected chunk', exact: true })
  await expect(chunk).toContainText('row 17 has a needle')

  // What is selected stays selected where it fits another filter too.
  await line.field.fill('"row " size>19')
  await expect(line.told).toHaveText(/^5 of \d+ rows$/)
  await expect(selected).toContainText('row 17 has')

  // What is left out is told, when somebody goes there.
  const bar = await JumpBar.open(pane)
  await bar.go(String(lastIndex - 1))
  await expect(line.region).toContainText(`The filter leaves out row ${lastIndex - 1}.`)
  await line.region.getByRole('button', { name: 'Show all rows', exact: true }).last().click()
  await expect(line.region).toBeHidden()
  await expect(pane.rows.nth(1)).toBeVisible()
  expect(await pane.rows.count()).toBeGreaterThan(8)
})

test('terms and values are proposed while one types, mistakes are told with their place', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await (await server.wire()).send(Buffer.from('hello'))
  await pane.carries({ in: 5 })
  const line = await FilterLine.open(pane)
  await line.field.pressSequentially('ki')
  await expect(line.options).toHaveText([/^kind:/])
  await line.field.press('Tab')
  await expect(line.field).toHaveValue('kind:')
  await expect(line.options).toHaveCount(4)
  await line.field.press('ArrowDown')
  await line.field.press('ArrowDown')
  await line.field.press('ArrowDown')
  await line.field.press('ArrowDown')
  await line.field.press('Enter')
  await expect(line.field).toHaveValue('kind:event')
  await expect(line.told).toHaveText(/^\d of \d rows$/)
  await expect(pane.traffic.getByText('hello')).toBeHidden()
  await line.field.press('Enter')

  await line.field.fill('kind:event dir:up')
  await expect(line.error).toHaveText('Character 16: “up” is no direction: in and out are.')
  await line.region.getByRole('button', { name: 'What can be written' }).click()
  await expect(line.region.getByRole('region', { name: 'What a filter can say' })).toContainText(
    'size:10..20',
  )

  // The list first, then the line.
  await line.field.press('Escape')
  if (await line.region.isVisible()) await line.field.press('Escape')
  await expect(line.region).toBeHidden()
  await expect(pane.traffic.getByText('hello')).toBeVisible()
  await FilterLine.open(pane)
  await line.field.press('ArrowDown')
  await expect(line.options.first()).toContainText('kind:event')
})

test('without a fitting row the grid says so', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const line = await FilterLine.open(pane)
  await line.field.fill('"not there"')
  await expect(line.told).toHaveText(/^0 of \d+ rows$/)
  await expect(pane.region).toContainText('No row fits the filter.')
})
