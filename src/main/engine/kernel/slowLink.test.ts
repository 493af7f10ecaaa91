import { describe, expect, test } from 'vitest'
import { type KernelValues } from '../../../shared/model/kernel'
import { type ConnectionId } from '../../../shared/model/ids'
import { ok, setUp, start, type Bench, type Counterpart } from '../testing/bench'
import { netemLink, tunLink, whyNoLink, type SlowLink } from '../testing/slowLink'

const DELAY_MS = 30
const SENT_BYTES = 1_500_000

/** Counts what comes, and tells at the end. */
const sink = `import socket
s = socket.socket(); s.bind(('', 0)); s.listen(1)
print('port', s.getsockname()[1], flush=True)
c, _ = s.accept()
total = 0
while True:
    piece = c.recv(65536)
    if not piece: break
    total += len(piece)
print('total', total, flush=True)`

async function behind(link: SlowLink): Promise<Counterpart & { readonly port: number }> {
  const [command = '', ...words] = [...link.inside, 'python3', '-c', sink]
  const peer = start(command, words)
  const said = await peer.printed('\n')
  return Object.assign(peer, { port: Number(/port (\d+)/.exec(said)?.[1]) })
}

function read(bench: Bench, id: ConnectionId): KernelValues {
  const reading = bench.engine.readKernel(id)
  if (reading === null) throw new Error('the kernel says nothing')
  return reading.values
}

describe.each([
  ['netem', netemLink],
  ['tun', tunLink],
] as const)('over a slow link (%s)', (how, make) => {
  const reason = whyNoLink(how)

  test('the round trip is what the link takes', async ({ skip }) => {
    if (reason !== null) return skip(reason)
    await using link = await make({ delayMs: DELAY_MS, lostOneOf: 0 })
    await using peer = await behind(link)
    await using bench = setUp()
    const { id } = await bench.dial({ kind: 'tcp', host: link.far, port: peer.port })
    for (let n = 0; n < 5; n++) {
      ok(bench.engine.send(id, new Uint8Array(100)))
      await bench.untilTrue(() => read(bench, id).bytesAcked === (n + 1) * 100 + 1)
    }
    const { rtt = 0, minRtt = 0, totalRetrans, rto = 0 } = read(bench, id)
    const wayMicros = 2 * DELAY_MS * 1000
    expect(minRtt).toBeGreaterThanOrEqual(wayMicros)
    expect(minRtt).toBeLessThan(wayMicros * 1.5)
    expect(rtt).toBeGreaterThanOrEqual(minRtt)
    expect(rtt).toBeLessThan(wayMicros * 2)
    expect(rto).toBeGreaterThan(200_000)
    expect(totalRetrans).toBe(0)
  })

  test('what is lost is sent again, and counted', async ({ skip }) => {
    if (reason !== null) return skip(reason)
    await using link = await make({ delayMs: 5, lostOneOf: 25 })
    await using peer = await behind(link)
    await using bench = setUp()
    const { id } = await bench.dial({ kind: 'tcp', host: link.far, port: peer.port })
    ok(bench.engine.send(id, new Uint8Array(SENT_BYTES)))
    let most = 0
    await bench.untilTrue(() => {
      const values = read(bench, id)
      most = Math.max(most, values.unacked ?? 0)
      return (values.bytesAcked ?? 0) > SENT_BYTES
    })
    const values = read(bench, id)
    expect(most).toBeGreaterThan(1)
    expect(values.totalRetrans).toBeGreaterThan(0)
    expect((values.bytesSent ?? 0) - (values.bytesRetrans ?? 0)).toBe(SENT_BYTES)
    expect(values.bytesRetrans).toBeGreaterThan(0)
    expect(values.busyTime).toBeGreaterThan(10_000)
    expect(values.deliveryRate).toBeGreaterThan(0)
    ok(await bench.engine.halfClose(id))
    expect(await peer.printed('total')).toContain(`total ${SENT_BYTES}`)
  })
})
