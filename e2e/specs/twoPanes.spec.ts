import { expect, test } from '../drivers/test'

test('two panes side by side talk to each other', async ({ board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0')
  const dialled = await board.dial(await listener.url())
  await dialled.isOpen()
  const accepted = await board.acceptedBy(listener)
  await board.panes.placeBeside(accepted.id, dialled.id)
  await expect(dialled.region).toBeVisible()
  await expect(accepted.region).toBeVisible()

  await dialled.composer.send('can you hear me?')
  await expect(accepted.traffic).toContainText('can you hear me?')
  await accepted.composer.send('loud and clear')
  await expect(dialled.traffic).toContainText('loud and clear')
  await dialled.counts({ in: [14, 1], out: [16, 1] })
  await accepted.counts({ in: [16, 1], out: [14, 1] })
})

test('panes are arranged by drag, and a reload finds them where they were, with their sockets open', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  const dialled = await board.dial(await listener.url())
  await dialled.isOpen()
  await dialled.composer.send('before the reload')
  await dialled.counts({ in: [17, 1], out: [17, 1] })
  await board.panes.placeBeside(dialled.id, listener.id)
  const before = await board.panes.arrangement(listener.id, dialled.id)
  expect(before).toBe('side by side')
  await board.panes.isRemembered(listener.id, dialled.id)

  await app.window.reload()
  await expect(dialled.region).toBeVisible()
  await expect(listener.region).toBeVisible()
  expect(await board.panes.arrangement(listener.id, dialled.id)).toBe('side by side')
  // The renderer went, the sockets did not: the record is whole, and the connection still works.
  await dialled.isOpen()
  await expect(dialled.traffic).toContainText('before the reload')
  await dialled.composer.send('after it')
  await dialled.counts({ in: [25, 2], out: [25, 2] })
})

test('what follows its end goes on following where its pane makes room for others; what is scrolled stays where it is', async ({
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'discard')
  const dialled = await board.dial(await listener.url())
  await dialled.isOpen()
  for (let n = 1; n <= 40; n++) await dialled.composer.send(`line ${n}`)
  const accepted = await board.acceptedBy(listener)
  await board.panes.placeBelow(accepted.id, dialled.id)
  const isFollowing = dialled.region.getByRole('checkbox', { name: 'Follow', exact: true })
  await expect(isFollowing).toBeChecked()
  await expect(dialled.rows.last()).toContainText('line 40')
  await board.panes.placeBeside(listener.id, dialled.id)
  await dialled.composer.send('line 41')
  await dialled.counts({ in: [0, 0], out: [278, 41] })
  await expect(dialled.rows.last()).toContainText('line 41')
  await expect(isFollowing).toBeChecked()

  await dialled.scrollTo(0.5)
  await expect(isFollowing).not.toBeChecked()
  // Below the head.
  const top = dialled.rows.nth(1)
  const inSight = await top.innerText()
  await board.panes.placeBelow(listener.id, dialled.id)
  await dialled.composer.send('line 42')
  await dialled.counts({ in: [0, 0], out: [285, 42] })
  await expect(top).toHaveText(inSight)
  await expect(isFollowing).not.toBeChecked()
})
