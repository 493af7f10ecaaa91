import { BenchPane } from '../drivers/benchPane'
import { expect, test } from '../drivers/test'
import { freePort } from '../peers/freePort'

test('a phone call is made by hand: server and client on one bench, the blocked accept in sight', async ({
  app,
  board,
}) => {
  await board.toolbar.newBench.click()
  const bench = new BenchPane(app.window, 'B1')
  await expect(bench.region).toContainText('No call has been made yet.')
  const address = `127.0.0.1:${await freePort()}`
  await bench.run('socket')
  await bench.made(/socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC, IPPROTO_IP\) = \d+/)
  await bench.run('bind', { 'Address of the call': address })
  await bench.run('listen', { Backlog: '5' })
  await expect(bench.sockets).toContainText(`listening on tcp://${address} (LISTEN)`)
  await bench.run('accept')
  const waiting = bench.rows.filter({
    hasText: /blocked for \d+\.\d s in accept4 on fd \d+: no caller has come/,
  })
  await expect(waiting).toBeVisible()

  await bench.run('socket')
  await bench.run('connect', { Socket: 's2', 'Address of the call': address })
  await expect(waiting).toHaveCount(0)
  await bench.made('s3, peer = s1.accept()')
  await bench.run('recv', { Socket: 's3', Bufsize: '1024' })
  await expect(bench.rows.filter({ hasText: 'no data has come' })).toBeVisible()
  await bench.run('send', { Socket: 's2', Bytes: 'hello' })
  await bench.made(/recvfrom\(\d+, "hello", 1024, 0, NULL, NULL\)/)
  await bench.made("b'hello'")
  await bench.run('close', { Socket: 's3' })
  await expect(bench.sockets).toContainText('CLOSE_WAIT')
})

test('a blocked accept is cancelled: EINTR, and what that means', async ({ app, board }) => {
  await board.palette.run('syscall bench')
  const bench = new BenchPane(app.window, 'B1')
  await bench.run('socket')
  await bench.run('bind', { 'Address of the call': '127.0.0.1:0' })
  await bench.run('listen')
  await bench.run('accept')
  await bench.region.getByRole('button', { name: 'Cancel call 4', exact: true }).click()
  await bench.made(/accept4\(.*= -1 EINTR \(Interrupted system call\)/)
  await bench.made('KeyboardInterrupt')
  await bench.region.getByRole('link', { name: 'EINTR', exact: true }).click()
  await expect(app.window.getByRole('region', { name: 'Reference' })).toContainText('A signal came')
  // What cannot be called is told where it was written.
  await bench.fill('bind', { 'Address of the call': 'localhost:80' })
  await bench.press()
  await expect(board.faults).toContainText('numbers only, nothing is looked up here')
  await expect(bench.rows).toHaveCount(4)
  // Arrow up brings back the calls before.
  await bench.field('Address of the call').press('ArrowUp')
  await expect(bench.field('Call')).toHaveValue('accept')
})

test('a connection is handed to a pane, used there, and taken back; the session shows the log again', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const port = new URL((await listener.url()).replace('tcp:', 'http:')).port
  await board.toolbar.newBench.click()
  const bench = new BenchPane(app.window, 'B1')
  await bench.run('socket')
  await bench.run('connect', { 'Address of the call': `127.0.0.1:${port}` })
  await bench.made('s1.connect')
  await bench.run('sendall', { Bytes: 'by hand\\n' })
  await bench.run('recv')
  await bench.made("b'BY HAND\\n'")
  await bench.region.getByRole('button', { name: 'Hand s1 to a pane', exact: true }).click()

  const pane = board.connection('C2')
  await expect(pane.state).toHaveText('open')
  await pane.composer.send('by the pane')
  await pane.counts({ in: [11, 1], out: [11, 1] })
  await expect(pane.traffic).toContainText('BY THE PANE')
  await pane.region.getByRole('button', { name: 'To bench B1', exact: true }).click()
  await expect(bench.sockets).toContainText('s2')
  await expect(bench.sockets).toContainText('handed over to C2')
  await bench.run('send', { Socket: 's2', Bytes: 'once more' })
  await bench.run('setblocking', { Socket: 's2' })
  await bench.run('recv', { Socket: 's2' })
  await bench.made("b'ONCE MORE'")
  await app.window.reload()
  await expect(bench.rows).toHaveCount(7)
})

test('a template fills the calls of a phone call, one after the other', async ({ app, board }) => {
  await board.toolbar.newBench.click()
  const bench = new BenchPane(app.window, 'B1')
  await bench.template('Phone call: client')
  await expect(bench.region.getByRole('status', { name: 'Step' })).toHaveText('1 of 5: Buy a phone.')
  await bench.press()
  await expect(bench.region.getByRole('status', { name: 'Step' })).toHaveText('2 of 5: Dial.')
  await expect(bench.field('Call')).toHaveValue('connect')
  await expect(bench.field('Socket')).toHaveValue('S1')
})

test('a bench, and a ladder of what is done on it, begin by key', async ({ app }) => {
  await app.window.keyboard.press('ControlOrMeta+b')
  await expect(app.window.getByRole('region', { name: /^B1\b/ })).toBeVisible()
  await app.window.keyboard.press('ControlOrMeta+Shift+d')
  await expect(app.window.getByRole('region', { name: 'Ladder', exact: true })).toBeVisible()
})
