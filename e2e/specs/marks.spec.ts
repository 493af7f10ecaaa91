import { FindBar } from '../drivers/findBar'
import { JumpBar } from '../drivers/jumpBar'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'marks' })
needs('python3')

test('rows are marked by key, noted, gone to, taken off and put back', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  let sentBytes = 0
  for (let n = 0; n < 30; n++) {
    const line = `line ${String(n).padStart(3, '0')}\n`
    await wire.send(Buffer.from(line))
    // One by one: each is a chunk of its own.
    await pane.carries({ in: (sentBytes += line.length) })
  }
  const selected = pane.traffic.locator('[aria-selected="true"]')
  const bar = pane.region.getByRole('group', { name: 'Marks', exact: true })
  await pane.rows.filter({ hasText: 'line 020' }).click()
  await expect(selected).toContainText('line 020')
  await pane.traffic.press('m')
  await expect(selected).toContainText('Marked.')
  // By key: what opens above and below moves the lines under a pointer.
  for (const text of ['line 021', 'line 022', 'line 023', 'line 024', 'line 025']) {
    await pane.traffic.press('ArrowDown')
    await expect(selected).toContainText(text)
  }
  await pane.traffic.press('m')
  await expect(selected).toContainText('Marked.')
  const rows = bar.getByRole('list', { name: 'Marked rows' }).getByRole('listitem')
  await expect(rows).toHaveCount(2)
  await rows.first().getByRole('textbox').fill('the turning point')
  await rows.first().getByRole('textbox').press('Enter')
  // At once, before anybody has heard of the note: the one takes nothing back of the other.
  await rows.first().getByRole('combobox').selectOption('green')
  await expect(pane.rows.filter({ hasText: 'line 020' })).toContainText('the turning point')
  await expect(rows.first().getByRole('combobox')).toHaveValue('green')

  await pane.traffic.press('n')
  await expect(selected).toContainText('line 020')
  await pane.traffic.press('n')
  await expect(selected).toContainText('line 025')
  await JumpBar.open(pane).then((jump) => jump.go('turning'))
  await expect(selected).toContainText('line 020')

  await pane.traffic.press('m')
  await expect(rows).toHaveCount(1)
  await bar.getByRole('button', { name: /^Put back row/ }).click()
  await expect(rows).toHaveCount(2)
  await expect(pane.rows.filter({ hasText: 'line 020' })).toContainText('the turning point')
  // What is written in a note and not ended with Enter is there too, when the mark goes and comes back.
  await rows.last().getByRole('textbox').fill('the end')
  await rows
    .last()
    .getByRole('button', { name: /^Take the mark off/ })
    .click()
  await expect(rows).toHaveCount(1)
  await bar.getByRole('button', { name: /^Put back row/ }).click()
  await expect(pane.rows.filter({ hasText: 'line 025' })).toContainText('the end')
})

test('find looks through all connections, and opens the pane of a match elsewhere', async ({ board }) => {
  await using server = await pythonListens()
  await using other = await pythonListens()
  const first = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await first.isOpen()
  await (await server.wire()).send(Buffer.from('a rare bird here'))
  await first.carries({ in: 16 })
  const second = await board.dial(`tcp://127.0.0.1:${other.port}`)
  await second.isOpen()
  await (await other.wire()).send(Buffer.from('and a rare bird there'))
  await second.carries({ in: 21 })

  const bar = await FindBar.open(second)
  await bar.region.getByRole('combobox', { name: 'Find where', exact: true }).selectOption('all')
  await bar.find('rare bird')
  await expect(bar.told).toHaveText('2 of 2')
  await bar.press('List the matches')
  await expect(bar.list.getByRole('button')).toHaveText([
    new RegExp(`^${first.id}`),
    new RegExp(`^${second.id}`),
  ])
  await bar.list.getByRole('button').first().click()
  await expect(first.traffic.locator('[aria-selected="true"]')).toContainText('a rare bird here')
})
