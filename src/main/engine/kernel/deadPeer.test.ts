import { expect, test } from 'vitest'
import { type ConnectionId } from '../../../shared/model/ids'
import { type DialOptions } from '../../../shared/model/options'
import { calls } from '../posix/calls'
import { loopback, ok, setUp, start, utf8, type Bench } from '../testing/bench'
import { tunLink, whyNoLink } from '../testing/slowLink'

/** Accepts whoever calls, and never reads. */
const idler = `import socket
s = socket.socket(); s.bind(('', 0)); s.listen(5)
print('port', s.getsockname()[1], flush=True)
callers = []
while True: callers.append(s.accept())`

const giveUp: DialOptions = { userTimeoutMs: 1000 }
const probe: DialOptions = {
  keepAlive: true,
  keepAliveDelayMs: 1000,
  keepAliveIntervalMs: 1000,
  keepAliveProbes: 1,
}

/** Two connections that lead to a peer, which is then cut off. */
interface Severed extends AsyncDisposable {
  readonly bench: Bench
  readonly sender: ConnectionId
  readonly idle: ConnectionId
  sever(): void
}

async function connected(bench: Bench, host: string, port: number, options: DialOptions) {
  const { id } = ok(bench.engine.dial({ kind: 'tcp', host, port }, options))
  return ok(await bench.engine.dialled(id)).id
}

async function unplugged(): Promise<Severed> {
  const bench = setUp()
  const { id, port } = await bench.listen(loopback())
  const sender = await connected(bench, '127.0.0.1', port, giveUp)
  const idle = await connected(bench, '127.0.0.1', port, probe)
  const peers = [await bench.accepted(id, 0), await bench.accepted(id, 1)]
  return {
    bench,
    sender,
    idle,
    sever: () => peers.forEach((peer) => ok(bench.engine.unplug(peer, true))),
    async [Symbol.asyncDispose]() {
      for (const peer of peers) ok(bench.engine.unplug(peer, false))
      await bench[Symbol.asyncDispose]()
    },
  }
}

async function behindALinkThatIsDown(): Promise<Severed> {
  const link = await tunLink({ delayMs: 0, lostOneOf: 0 })
  const [command = '', ...words] = [...link.inside, 'python3', '-c', idler]
  const peer = start(command, words)
  const bench = setUp()
  const close = async () => {
    for (const each of [bench, peer, link]) await each[Symbol.asyncDispose]()
  }
  try {
    const port = Number(/port (\d+)\n/.exec(await peer.printed('\n'))?.[1])
    const sender = await connected(bench, link.far, port, giveUp)
    const idle = await connected(bench, link.far, port, probe)
    return { bench, sender, idle, sever: () => link.cut(), [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What both connections come to, as far as their own side can tell. */
async function seen({ bench, sender, idle, sever }: Severed) {
  const { engine } = bench
  sever()
  ok(engine.send(sender, utf8('anybody?')))
  const values = () => engine.readKernel(sender)?.values ?? {}
  await bench.untilTrue(() => (values().backoff ?? 0) >= 1)
  const { state, unacked, sendQ } = values()
  const kernel = { state, unacked, sendQ }
  const ends = await Promise.all(
    [sender, idle].map(async (id) => {
      const ended = await bench.phase(id, 'closed')
      return ended.state
    }),
  )
  return {
    kernel,
    ends: ends.map((end) =>
      end.phase === 'closed' ? { how: end.how, code: end.fault?.code, syscall: end.fault?.syscall } : end,
    ),
  }
}

const GONE = { how: 'timeout', code: 'ETIMEDOUT', syscall: 'read' }
const SEEN = { kernel: { state: 1, unacked: 1, sendQ: 8 }, ends: [GONE, GONE] }

test('an unplugged peer: still connected, one segment unacknowledged, then ETIMEDOUT', async ({ skip }) => {
  if (process.platform !== 'linux' || calls() === null) return skip('this needs Linux and the native library')
  await using severed = await unplugged()
  expect(await seen(severed)).toEqual(SEEN)
})

test('a peer behind a link that is down: the same', async ({ skip }) => {
  const reason = whyNoLink('tun')
  if (reason !== null || calls() === null) return skip(reason ?? 'this needs the native library')
  await using severed = await behindALinkThatIsDown()
  expect(await seen(severed)).toEqual(SEEN)
})
