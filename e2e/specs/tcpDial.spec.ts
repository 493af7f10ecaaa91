import { lookup } from 'node:dns/promises'
import { expect, sharingTest as test } from '../drivers/test'
import { freePort } from '../peers/freePort'
import { ncatListens } from '../peers/ncat'
import { needs } from '../peers/needs'
import { pythonListens, sha256 } from '../peers/python'

test.use({ sharedBy: 'tcpDial' })
needs('ncat', 'python3')

test('a dialled connection talks with ncat', async ({ board }) => {
  const { peer, port } = await ncatListens()
  await using ncat = peer
  const pane = await board.dial(`tcp://127.0.0.1:${port}`)
  await pane.isOpen()
  await pane.composer.send('hello ncat')
  expect(String(await ncat.receives('hello ncat'))).toBe('hello ncat')
  ncat.send('hello window\n')
  await pane.counts({ in: [13, 1], out: [10, 1] })
  await expect(pane.traffic).toContainText('hello window')
})

test('the pane names both addresses as the kernel has them', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await expect(pane.region).toContainText(`tcp://127.0.0.1:${server.port}`)
  await expect(pane.region).toContainText(`tcp://127.0.0.1:${wire.remotePort}`)
})

test('an address without a scheme is TCP', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`127.0.0.1:${server.port}`)
  await pane.isOpen()
})

test('IPv6 is dialled by its address in brackets', async ({ board }) => {
  await using server = await pythonListens('tcp://[::1]:0')
  const pane = await board.dial(`tcp://[::1]:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.send('over IPv6')
  await expect(pane.traffic).toContainText('over IPv6')
})

test('a host name tells of the attempt at each of its addresses', async ({ board }) => {
  const port = await freePort()
  const addresses = (await lookup('localhost', { all: true })).map(({ address }) => address)
  const pane = await board.dial(`tcp://localhost:${port}`)
  await expect(pane.state).toHaveText(/^failed: ECONNREFUSED /)
  for (const address of addresses) await expect(pane.region).toContainText(address)
})

test('ten megabytes in and one out arrive to the last byte', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.flood(10_000_000, 64_000)
  await pane.carries({ in: 10_000_000 })
  const payload = 'The quick brown fox jumps over the lazy dog. '.repeat(20_000)
  await pane.composer.send(payload)
  await wire.receivesBytes(payload.length)
  expect(await wire.sum()).toMatchObject({ receivedBytes: payload.length, receivedSha256: sha256(payload) })
})
