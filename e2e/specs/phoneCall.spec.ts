import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { socatDials } from '../peers/socat'

needs('socat')

test('an empty window offers the phone call, and one click makes it', async ({ app, board }) => {
  await app.window.getByRole('button', { name: /phone call/i }).click()
  await expect(board.tree.entry('L1')).toHaveAccessibleName(/^L1 tcp:\/\/127\.0\.0\.1:8060/)
  const listener = board.listener('L1')
  await expect(listener.connections.getByRole('listitem')).toHaveCount(2)

  const ids = await board.tree.items.evaluateAll((items) =>
    items.map(
      (item) => /^\s*([A-Z]\d+)/.exec(item.getAttribute('aria-label') ?? item.textContent ?? '')?.[1],
    ),
  )
  expect(ids.toSorted(), 'the listener, two clients, and the two connections that it accepted').toEqual([
    'C1',
    'C2',
    'C3',
    'C4',
    'L1',
  ])
  // The clients are those that the listener does not list.
  const accepted = await listener.connections.innerText()
  const clients = ids.filter(
    (id) => id !== undefined && id !== 'L1' && !new RegExp(`\\b${id}\\b`).test(accepted),
  )
  expect(clients).toHaveLength(2)
  for (const id of clients) {
    const pane = board.connection(id as string)
    await expect(pane.region).toBeVisible()
    await pane.isOpen()
    await pane.composer.send(`hello from ${id}`)
    await expect(pane.traffic).toContainText(`HELLO FROM ${id}`)
  }

  // A stranger may call too.
  await using socat = socatDials('tcp://127.0.0.1:8060')
  socat.send('a third party\n')
  expect(String(await socat.receives('A THIRD PARTY\n'))).toBe('A THIRD PARTY\n')
  await expect(listener.connections.getByRole('listitem')).toHaveCount(3)
})
