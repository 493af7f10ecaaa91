import { randomBytes } from 'node:crypto'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonBindsUdp, pythonDials, pythonListens, sha256 } from '../peers/python'
import { complaints, fields, followTcp, streamOfPort } from '../peers/tshark'

needs('python3', 'tshark')

test('tshark follows an accepted stream to exactly the bytes that the caller sent and received', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  await using program = await pythonDials(await listener.url())
  const wire = await program.wire()
  // Larger than one IP packet, so that large chunks are tried too.
  const question = randomBytes(300_000)
  await wire.send(question)
  await wire.receivesBytes(question.length)
  await wire.send('and a small one')
  await wire.receivesBytes(question.length + 15)
  await wire.finish()
  await wire.sawEof()
  const said = await wire.sum()
  await app.quit()

  const file = await app.recordingFile()
  const stream = await followTcp(file, await streamOfPort(file, wire.localPort))
  // The caller's SYN is the first packet.
  expect(stream.fromFirst.length).toBe(said.sentBytes)
  expect(sha256(stream.fromFirst)).toBe(said.sentSha256)
  expect(stream.fromSecond.length).toBe(said.receivedBytes)
  expect(sha256(stream.fromSecond)).toBe(said.receivedSha256)
  expect(await complaints(file)).toEqual([])
})

test('tshark follows a dialled stream likewise, ended by a reset', async ({ app, board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.composer.sendHex('00 01 02 ff fe fd')
  await wire.flood(100_000, 1_000)
  await pane.carries({ in: 100_000, out: 6 })
  await wire.receivesBytes(6)
  const said = await wire.sum()
  await wire.reset()
  await expect(pane.state).toHaveText('closed (reset)')
  await app.quit()

  const file = await app.recordingFile()
  const stream = await followTcp(file, await streamOfPort(file, wire.remotePort))
  expect(sha256(stream.fromFirst)).toBe(said.receivedSha256)
  expect(stream.fromFirst.length).toBe(6)
  expect(sha256(stream.fromSecond)).toBe(said.sentSha256)
  expect(stream.fromSecond.length).toBe(100_000)
  const resets = await fields(file, `tcp.port == ${wire.remotePort} && tcp.flags.reset == 1`, 'tcp.srcport')
  expect(resets).toEqual([[String(server.port)]])
})

test('a call between two panes is one stream, each byte once', async ({ app, board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const dialled = await board.dial(await listener.url())
  await dialled.composer.send('said in one pane')
  await dialled.counts({ in: [16, 1], out: [16, 1] })
  const port = Number(/:(\d+)$/.exec(await listener.url())?.[1])
  await dialled.close()
  await expect(dialled.state).toHaveText('closed (fin)')
  await app.quit()

  const file = await app.recordingFile()
  const stream = await followTcp(file, await streamOfPort(file, port))
  expect(String(stream.fromFirst)).toBe('said in one pane')
  expect(String(stream.fromSecond)).toBe('SAID IN ONE PANE')
  expect(await fields(file, `tcp.port == ${port} && tcp.stream != 0`, 'frame.number')).toEqual([])
})

test('UDP payloads are what the peer sent and received, datagram by datagram', async ({ app, board }) => {
  const pane = await board.bind('udp://127.0.0.1:0')
  const port = await pane.port()
  await using python = await pythonBindsUdp()
  const sent = [randomBytes(1), randomBytes(1400), randomBytes(9000), Buffer.alloc(0), Buffer.from('text')]
  for (const datagram of sent) await python.send(port, datagram)
  await pane.counts({ in: [sent.reduce((sum, { length }) => sum + length, 0), sent.length] })
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, 'from the window')
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, '')
  const received = await python.receives(2)
  await app.quit()

  const file = await app.recordingFile()
  // Written out by tshark without a heuristic dissector that takes the payload for something else.
  const payloads = async (filter: string) =>
    (await fields(file, filter, 'udp.payload')).map(([hex]) => hex ?? '')
  expect(await payloads(`udp.srcport == ${python.port}`)).toEqual(sent.map((each) => each.toString('hex')))
  expect(await payloads(`udp.srcport == ${port}`)).toEqual(received.map(({ bytes }) => bytes.toString('hex')))
})

test('a quit in the middle of a flood asks nothing and loses nothing that was shown', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'discard')
  const { pane, caller } = await board.accepted(async () => pythonDials(await listener.url()))
  await using program = caller
  const wire = await program.wire()
  const flooded = wire.flood(2_000_000_000, 64_000)
  await expect.poll(async () => (await pane.readCounters()).in[0]).toBeGreaterThan(5_000_000)
  const shown = (await pane.readCounters()).in[0]
  await app.quit()
  // Broken off: the kernel resets a connection whose program left bytes unread.
  await flooded
  expect(await wire.sawError()).toMatch(/ECONNRESET|EPIPE/)

  const file = await app.recordingFile()
  const lengths = await fields(file, `tcp.srcport == ${wire.localPort} && tcp.len > 0`, 'tcp.len')
  expect(lengths.reduce((sum, [length]) => sum + Number(length), 0)).toBeGreaterThanOrEqual(shown)
})
