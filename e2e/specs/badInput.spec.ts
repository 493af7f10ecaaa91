import { temporaryFolder } from '../drivers/places'
import { expect, sharingTest as test } from '../drivers/test'
import { freePort } from '../peers/freePort'
import { needs } from '../peers/needs'
import { pythonDials, pythonListens } from '../peers/python'

test.use({ sharedBy: 'badInput' })
needs('python3')

// Whatever was refused, the app goes on: after each test a listener still opens and answers a real caller.
test.afterEach(async ({ board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  await using program = await pythonDials(await listener.url())
  const wire = await program.wire()
  await wire.send('still there?')
  expect(String(await wire.receives('still there?'))).toBe('still there?')
})

for (const { what, address, says } of [
  { what: 'a port of 70000', address: 'tcp://127.0.0.1:70000', says: ['70000', '65535'] },
  { what: 'a port of -1', address: 'tcp://127.0.0.1:-1', says: ['-1', '65535'] },
  { what: 'an empty address', address: '', says: ['empty', 'tcp://host:port'] },
  { what: 'a scheme that is none', address: 'gopher://127.0.0.1:70', says: ['gopher', 'tcp://host:port'] },
  { what: 'no port at all', address: 'tcp://127.0.0.1', says: ['no port'] },
  {
    what: 'a Unix path of 200 bytes',
    address: `unix:/tmp/${'x'.repeat(195)}`,
    says: ['ENAMETOOLONG', '200 bytes', '107', 'shorter'],
  },
]) {
  test(`${what} is refused to a listener and to a dial, with what is wrong and what to write`, async ({
    board,
  }) => {
    for (const act of ['listen', 'dial'] as const) {
      await board.toolbar[act](address)
      for (const word of says) await expect(board.faults).toContainText(word)
      await expect(board.tree.items).toHaveCount(0)
    }
  })
}

test('a host that does not resolve is told with getaddrinfo and its code', async ({ board }) => {
  // .invalid never resolves (RFC 6761); which of the two codes comes depends on whether a resolver can be reached.
  const pane = await board.dial('tcp://no-such-host.invalid:80')
  await expect(pane.state).toHaveText(/^failed: (ENOTFOUND|EAI_AGAIN) /)
  await expect(pane.fault).toContainText('getaddrinfo')
  await expect(pane.fault).toContainText('no-such-host.invalid')
})

test('a port in use is told with listen EADDRINUSE, and its holder goes on', async ({ board }) => {
  await using server = await pythonListens()
  await board.toolbar.listen(`tcp://127.0.0.1:${server.port}`)
  await expect(board.faults).toContainText('EADDRINUSE')
  await expect(board.faults).toContainText('listen')
  await expect(board.faults).toContainText(`127.0.0.1:${server.port}`)
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
})

test('nobody at the other end is told with connect ECONNREFUSED and a hint', async ({ board }) => {
  const pane = await board.dial(`tcp://127.0.0.1:${await freePort()}`)
  await expect(pane.state).toHaveText(/^failed: ECONNREFUSED /)
  await expect(pane.fault).toContainText('connect')
  await expect(pane.fault).toContainText(/listen/i)
})

test('an address of another machine cannot be bound: EADDRNOTAVAIL', async ({ board }) => {
  // 203.0.113.0/24 is for documentation (RFC 5737): no machine has it.
  await board.toolbar.listen('tcp://203.0.113.1:0')
  await expect(board.faults).toContainText('EADDRNOTAVAIL')
})

test('a directory as a Unix path is refused, to a listener and to a dial', async ({ board }) => {
  await using folder = await temporaryFolder()
  await board.toolbar.listen(`unix:${folder.path}`)
  await expect(board.faults).toContainText(/EADDRINUSE|EISDIR/)
  await expect(board.faults).toContainText(/folder|directory/i)
  await expect(board.faults.getByRole('button', { name: /Remove/ })).toHaveCount(0)
  await board.toolbar.dial(`unix:${folder.path}`)
  await expect(
    board.faults.filter({ hasText: 'ECONNREFUSED' }).or(board.faults.filter({ hasText: 'EISDIR' })),
  ).toBeVisible()
})

test('a Unix path in a folder that is not there is told with ENOENT', async ({ board }) => {
  await using folder = await temporaryFolder()
  await board.toolbar.listen(`unix:${folder.join('no/such/folder.sock')}`)
  await expect(board.faults).toContainText(/ENOENT|EACCES/)
  const pane = await board.dial(`unix:${folder.join('nobody.sock')}`)
  await expect(pane.state).toHaveText(/^failed: ENOENT /)
  await expect(pane.fault).toContainText('connect')
})

test('invalid hex is refused with its place, and nothing is sent', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  for (const { wrong, at } of [
    { wrong: '6x', at: 2 },
    { wrong: '68 6', at: 4 },
    { wrong: '68 69 0y', at: 8 },
  ]) {
    await pane.composer.sendHex(wrong)
    await expect(pane.fault).toContainText(`Character ${at} `)
    await pane.counts({ out: [0, 0] })
  }
  await pane.composer.sendHex('68 69')
  expect(String(await (await server.wire()).receives('hi'))).toBe('hi')
  await expect(pane.fault).toHaveCount(0)
  await pane.composer.choose('Text')
})

test('sending to a connection that has just ended is refused, not lost without a word', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await (await server.wire()).reset()
  await expect(pane.state).toHaveText('closed (reset)')
  await expect(pane.composer.sendButton).toBeDisabled()
})
