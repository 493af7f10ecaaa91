import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'endings' })
needs('python3')

test('the peer’s FIN is a half-close: we may still send, and our close ends it', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.finish()
  await expect(pane.state).toHaveText('half-closed by peer')
  await pane.composer.send('you can still hear me')
  expect(String(await wire.receives('you can still hear me'))).toBe('you can still hear me')
  expect(wire.hasSeen('eof')).toBe(false)
  await pane.close()
  await wire.sawEof()
  await expect(pane.state).toHaveText('closed (fin)')
})

test('our half-close is a FIN at the peer, whose words still arrive', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.halfClose()
  await wire.sawEof()
  await expect(pane.state).toHaveText('half-closed by us')
  await expect(pane.composer.sendButton).toBeDisabled()
  await wire.send('the answer comes late')
  await expect(pane.traffic).toContainText('the answer comes late')
  await wire.close()
  await expect(pane.state).toHaveText('closed (fin)')
  expect(wire.hasSeen('error')).toBe(false)
})

test('our reset is ECONNRESET at the peer, not an end of file', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await pane.reset()
  expect(await wire.sawError()).toBe('ECONNRESET')
  expect(wire.hasSeen('eof')).toBe(false)
  await expect(pane.state).toHaveText('closed (reset)')
})

test('the peer’s reset is shown as a reset', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.reset()
  await expect(pane.state).toHaveText('closed (reset)')
})

test('a peer that resets in the middle of its data: what came before stays, and the app goes on', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.send('half a sent')
  await pane.counts({ in: [11, 1] })
  await wire.reset()
  await expect(pane.state).toHaveText('closed (reset)')
  await expect(pane.traffic).toContainText('half a sent')
  const again = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await again.isOpen()
  await (await server.wire(1)).send('and on it goes')
  await expect(again.traffic).toContainText('and on it goes')
})

test('a peer killed while it owes nothing ends with a FIN, as its kernel closes for it', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await server.wire()
  await server.kill()
  await expect(pane.state).toHaveText('half-closed by peer')
  // Nobody is there any more to whom these bytes could go: their arrival is answered by RST.
  await pane.composer.send('hello?')
  await expect(pane.state).toHaveText('closed (reset)')
})

test('a close with both ends in the window is seen as a half-close by the other', async ({ board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0')
  const url = await listener.url()
  const dialled = await board.dial(url)
  await dialled.isOpen()
  const accepted = await board.acceptedBy(listener)
  await dialled.halfClose()
  await expect(dialled.state).toHaveText('half-closed by us')
  await expect(accepted.state).toHaveText('half-closed by peer')
  await accepted.close()
  await expect(accepted.state).toHaveText('closed (fin)')
  await expect(dialled.state).toHaveText('closed (fin)')
})

test('a reset with both ends in the window is seen as a reset by the other', async ({ board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0')
  const url = await listener.url()
  const dialled = await board.dial(url)
  await dialled.isOpen()
  const accepted = await board.acceptedBy(listener)
  await accepted.reset()
  await expect(accepted.state).toHaveText('closed (reset)')
  await expect(dialled.state).toHaveText('closed (reset)')
})

test('the three endings leave three different records', async ({ board }) => {
  await using server = await pythonListens()
  const url = `tcp://127.0.0.1:${server.port}`
  const lastRows = {
    close: 'closed (fin)',
    halfClose: 'FIN sent: we will send no more',
    reset: 'RST sent: closed (reset)',
  }
  for (const [n, act] of (['close', 'halfClose', 'reset'] as const).entries()) {
    const pane = await board.dial(url)
    await pane.isOpen()
    const wire = await server.wire(n)
    await pane[act]()
    if (act === 'reset') await wire.sawError()
    else await wire.sawEof()
    if (act === 'close') await wire.close()
    await expect(pane.state).toHaveText(
      { close: 'closed (fin)', halfClose: 'half-closed by us', reset: 'closed (reset)' }[act],
    )
    await expect(pane.rows.last()).toContainText(lastRows[act])
  }
})
