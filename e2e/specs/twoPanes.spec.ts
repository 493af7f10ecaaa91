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
