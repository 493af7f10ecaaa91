import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { temporaryFolder } from '../drivers/places'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { PeerProcess } from '../peers/peerProcess'

test.use({ sharedBy: 'unixgram' })
needs('python3')
test.skip(process.platform === 'win32', 'Unix-domain sockets are a Unix thing')

/** Answers each datagram in capitals, to where it came from. */
const UPPER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print("ready", file=sys.stderr, flush=True)
while True:
  b, a = s.recvfrom(70000); s.sendto(b.upper(), a)`

test('two sockets of the window exchange datagrams by path, with their edges and senders', async ({
  board,
}) => {
  await using folder = await temporaryFolder()
  const [here, there] = [folder.join('here'), folder.join('there')]
  const one = await board.bind(`unixgram:${here}`)
  const two = await board.bind(`unixgram:${there}`)
  expect(one.id).toMatch(/^D\d+$/)
  expect((await stat(here)).mode & 0o777).toBe(0o600)
  await board.panes.placeBeside(two.id, one.id)
  await one.sendDatagram(`unixgram:${there}`, 'hello there')
  await one.sendDatagram(`unixgram:${there}`, '')
  await two.counts({ in: [11, 2], out: [0, 0] })
  await expect(two.rows.filter({ hasText: `unixgram:${here}` })).toHaveCount(2)
  await two.close()
  await expect(two.state).toHaveText('closed')
  expect(existsSync(there)).toBe(false)
  await one.sendDatagram(`unixgram:${there}`, 'anybody?')
  await expect(one.fault).toContainText('ENOENT')
})

test('a Python program answers each datagram to where it came from', async ({ board }) => {
  await using folder = await temporaryFolder()
  await using python = new PeerProcess('python3', ['-c', UPPER, folder.join('upper')])
  await python.says(/ready/)
  await board.toolbar.dial(`unixgram:${folder.join('upper')}`)
  const pane = await board.newestDatagram('D')
  await expect(pane.state).toHaveText(/^bound to unixgram:@[0-9a-f]{5}, connected to unixgram:/)
  await pane.composer.send('by a name of the kernel’s choice')
  await pane.counts({ in: [34, 1], out: [34, 1] })
  await expect(pane.rows.filter({ hasText: /BY A NAME/ })).toHaveCount(1)
})

test('a stale file is told, and removed where one asks for it', async ({ board }) => {
  await using folder = await temporaryFolder()
  const path = folder.join('stale')
  const program = 'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])'
  await using dead = new PeerProcess('python3', ['-c', program, path])
  await dead.ended
  await board.toolbar.bind(`unixgram:${path}`)
  await expect(board.faults).toContainText('EADDRINUSE')
  await expect(board.faults).toContainText('left behind')
  await board.window
    .getByRole('button', { name: /Remove/ })
    .first()
    .click()
  await expect.poll(() => existsSync(path)).toBe(false)
  const pane = await board.bind(`unixgram:${path}`)
  await pane.sendDatagram(`unixgram:${path}`, 'to myself')
  await pane.counts({ in: [9, 1], out: [9, 1] })
})

test('a socket without a name sends, and cannot be answered', async ({ board }) => {
  await using folder = await temporaryFolder()
  const reader = await board.bind(`unixgram:${folder.join('reader')}`)
  const unnamed = await board.bind('unixgram:')
  await expect(unnamed.state).toHaveText('bound to unixgram:')
  await unnamed.sendDatagram(`unixgram:${folder.join('reader')}`, 'from nobody')
  await board.open(reader.id)
  await reader.counts({ in: [11, 1] })
  await reader.sendDatagram('unixgram:', 'who are you?')
  await expect(reader.fault).toContainText('without a name')
})
