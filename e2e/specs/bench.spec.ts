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
  await app.window.screenshot({ path: '/tmp/bench-dark.png' })
  await bench.run('close', { Socket: 's3' })
  await expect(bench.sockets).toContainText('CLOSE_WAIT')
})
