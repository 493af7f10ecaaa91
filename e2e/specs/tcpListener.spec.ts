import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonDials } from '../peers/python'
import { socatDials } from '../peers/socat'

test.use({ sharedBy: 'tcpListener' })
needs('socat', 'python3')

const ANY_PORT = 'tcp://127.0.0.1:0'

test('port 0 shows the port that the kernel chose, and a socat caller reaches it', async ({ board }) => {
  const listener = await board.listen(ANY_PORT)
  const url = await listener.url()
  expect(url).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/)
  const { pane, caller } = await board.accepted(async () => socatDials(url))
  await using socat = caller
  await pane.isOpen()
  socat.send('hello from socat\n')
  await pane.counts({ in: [17, 1], out: [0, 0] })
  await expect(pane.traffic).toContainText('hello from socat')
  await pane.composer.send('hello from the window')
  expect(String(await socat.receives('hello from the window'))).toBe('hello from the window')
  await pane.counts({ in: [17, 1], out: [21, 1] })
})

for (const { behaviour, answer } of [
  { behaviour: 'echo', answer: 'Gr\u00fc\u00dfe, abc\n' },
  { behaviour: 'upper', answer: 'GR\u00dcSSE, ABC\n' },
  { behaviour: 'reply:at your service', answer: 'at your service' },
]) {
  test(`a listener that does "${behaviour}" answers so, and both directions are shown`, async ({ board }) => {
    const listener = await board.listen(ANY_PORT, behaviour)
    const url = await listener.url()
    const { pane, caller } = await board.accepted(async () => socatDials(url))
    await using socat = caller
    const question = 'Gr\u00fc\u00dfe, abc\n'
    socat.send(question)
    expect(String(await socat.receives(answer))).toBe(answer)
    await pane.carries({ in: Buffer.byteLength(question), out: Buffer.byteLength(answer) })
    await expect(pane.traffic).toContainText(answer.trim())
  })
}

test('a listener that discards takes everything and answers nothing', async ({ board }) => {
  const listener = await board.listen(ANY_PORT, 'discard')
  const url = await listener.url()
  const { pane, caller } = await board.accepted(() => pythonDials(url))
  await using program = caller
  const wire = await program.wire()
  await wire.flood(1_000_000, 10_000)
  await pane.carries({ in: 1_000_000, out: 0 })
  await wire.finish()
  await wire.sawEof()
  expect((await wire.sum()).receivedBytes).toBe(0)
})

test('an unknown behaviour is refused with the list of those there are, and the old one stays', async ({
  board,
}) => {
  const listener = await board.listen(ANY_PORT, 'echo')
  await listener.behave('shout')
  await expect(listener.fault).toContainText('shout')
  for (const name of ['none', 'echo', 'upper', 'discard', 'reply:TEXT'])
    await expect(listener.fault).toContainText(name)
  await using program = await pythonDials(await listener.url())
  const wire = await program.wire()
  await wire.send('still an echo')
  expect(String(await wire.receives('still an echo'))).toBe('still an echo')
})

test('twenty callers on one listener each get their own answer and their own record', async ({ board }) => {
  const listener = await board.listen(ANY_PORT, 'upper')
  const url = await listener.url()
  await using program = await pythonDials(url, 20)
  const wires = await Promise.all(Array.from({ length: 20 }, (_, n) => program.wire(n)))
  await Promise.all(
    wires.map(async (wire, n) => {
      await wire.send(`caller number ${n}`)
      const answer = `CALLER NUMBER ${n}`
      expect(String(await wire.receives(answer))).toBe(answer)
    }),
  )
  await expect(listener.connections.getByRole('listitem')).toHaveCount(20)
  await expect(board.tree.items).toHaveCount(21)
  // The counters of a listener are those of its callers together: 16 or 17 bytes each.
  const bytes = 10 * 15 + 10 * 16
  await listener.counts({ in: [bytes, 20], out: [bytes, 20] })
})

test('a click in the list of connections opens the pane of that caller', async ({ board }) => {
  const listener = await board.listen(ANY_PORT)
  await using program = await pythonDials(await listener.url(), 2)
  const wire = await program.wire(1)
  await wire.send('I am the second')
  await expect(listener.connections.getByRole('listitem')).toHaveCount(2)
  const second = listener.connections.getByRole('listitem').nth(1)
  await expect(second).toContainText(String(wire.localPort))
  const id = /C\d+/.exec(await second.innerText())?.[0] ?? ''
  await second.getByRole('button').first().click()
  const pane = board.connection(id)
  await expect(pane.traffic).toContainText('I am the second')
})

test('a broadcast reaches every caller that is still there', async ({ board }) => {
  const listener = await board.listen(ANY_PORT)
  await using program = await pythonDials(await listener.url(), 3)
  const [first, second, third] = await Promise.all([program.wire(0), program.wire(1), program.wire(2)])
  await expect(listener.connections.getByRole('listitem')).toHaveCount(3)
  await second.reset()
  await expect(listener.connections).toContainText('closed (reset)')
  await listener.broadcast('to all of you')
  for (const wire of [first, third])
    expect(String(await wire.receives('to all of you'))).toBe('to all of you')
  expect((await second.sum()).receivedBytes).toBe(0)
  await listener.counts({ out: [26, 2] })
})

test('closing a listener leaves its connections open and its port free', async ({ board }) => {
  const listener = await board.listen(ANY_PORT, 'echo')
  const url = await listener.url()
  const { pane, caller } = await board.accepted(() => pythonDials(url))
  await using program = caller
  await listener.close()
  await expect(listener.state).toHaveText('closed')
  await expect(pythonDials(url)).rejects.toThrow(/ConnectionRefusedError/)
  const wire = await program.wire()
  await wire.send('still talking')
  expect(String(await wire.receives('still talking'))).toBe('still talking')
  await pane.isOpen()
})
