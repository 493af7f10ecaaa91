import { PicturesPanel } from '../drivers/picturesPanel'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'pictures' })
needs('python3')

test('a record in pictures: what came when, how long and how far apart, live and for a span', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  let sentBytes = 0
  for (let n = 0; n < 20; n++) {
    const length = n < 10 ? 5 : 300
    await wire.send(Buffer.alloc(length, 'x'))
    await pane.carries({ in: (sentBytes += length) })
  }
  const pictures = await PicturesPanel.open(pane)
  await expect(pictures.totals).toContainText('3.0 kB in 20 chunks')
  await expect(pictures.histogram('Chunks by size').getByRole('row', { name: '4 – 7 B' })).toContainText('10')
  await expect(pictures.histogram('Chunks by size').getByRole('row', { name: '256 – 511 B' })).toContainText(
    '10',
  )
  await expect(pictures.map).toHaveAccessibleName(/in 3\.0 kB, out 0 B$/)

  // Live: what comes is counted.
  await wire.send(Buffer.alloc(5000))
  await pane.carries({ in: (sentBytes += 5000) })
  await expect(pictures.totals).toContainText('8.1 kB in')
  await expect(pictures.map).toHaveAccessibleName(/in 8\.1 kB, out 0 B$/)

  // Before the first bytes there was the dialling alone; the first chunks are the short ones.
  const all = await pictures.totals.innerText()
  await pictures.drag(0, 0.5)
  await expect(pictures.totals).not.toHaveText(all)
  await pictures.button('Show its rows').click()
  await expect(pane.traffic.locator('[aria-selected="true"]')).toBeVisible()
  await pictures.button('Whole record').click()
  await expect(pictures.totals).toContainText('8.1 kB in')

  await pictures.map.press('Home')
  await expect(pane.traffic.locator('[aria-selected="true"]')).toHaveAttribute('aria-rowindex', '2')
  await pictures.button('As a table').click()
  await expect(pictures.region.getByRole('group', { name: 'Throughput as a table' })).toContainText('5,000')
  await pictures.region.press('Escape')
  await expect(pictures.region).toBeHidden()
})

test('the session as a whole in pictures, and a map of each connection that leads into it', async ({
  app,
  board,
}) => {
  await using server = await pythonListens()
  const first = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.send(Buffer.alloc(1000, 'a'))
  await first.carries({ in: 1000 })
  const listener = await board.listen('tcp://127.0.0.1:0', 'discard')
  const second = await board.dial(await listener.url())
  await second.composer.send('to nobody')
  await second.carries({ out: 9 })

  await board.palette.run('Pictures of the whole session')
  const dialog = app.window.getByRole('dialog', { name: 'Pictures of the session', exact: true })
  await expect(dialog.getByRole('img', { name: /^Throughput from / })).toBeVisible()
  const lanes = dialog.getByRole('group', { name: 'Each connection' })
  await expect(
    lanes.getByRole('slider', { name: new RegExp(`^Map of ${first.id}: .* in 1\\.0 kB`) }),
  ).toBeVisible()
  await lanes.getByRole('slider', { name: new RegExp(`^Map of ${second.id}: .* out 9 B`) }).press('End')
  await expect(dialog).toBeHidden()
  await expect(second.traffic.locator('[aria-selected="true"]')).toContainText('to nobody')
})
