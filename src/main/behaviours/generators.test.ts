import { expect, test } from 'vitest'
import { has, loopback, ok, python, setUp, start } from '../engine/testing/bench'
import { parseBehaviour, parseDatagramBehaviour } from './behaviours'

const behaviour = (text: string) => ok(parseBehaviour(text))

test.skipIf(!has('python3'))('chargen sends RFC 864’s pattern for as long as one takes it', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('chargen'))
  await using caller = python(
    `ring = bytes(range(32, 127)); line = lambda n: (ring * 2)[n % 95:n % 95 + 72] + b"\\r\\n"
want = b"".join(line(n) for n in range(40000)); got = b""
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while len(got) < len(want): got += c.recv(1 << 16)
say(got[:len(want)] == want); c.close()`,
    listener.port,
  )
  await caller.printed('True')
  await bench.phase(await bench.accepted(listener.id), 'closed')
})

test('chargen to one who does not read queues no more than it writes at a time', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('chargen'))
  const { id } = await bench.dial(listener.at)
  ok(bench.engine.pause(id))
  const accepted = await bench.accepted(listener.id)
  const queued = (): number => {
    const summary = bench.engine.summary(accepted)
    return summary?.kind === 'connection' ? summary.queuedBytes : 0
  }
  await bench.untilTrue(() => queued() > 0)
  expect(queued()).toBeLessThan(128 * 1024)
  await bench.engine.reset(id)
  await bench.phase(accepted, 'closed')
})

test.skipIf(!has('socat'))('daytime tells the time and hangs up', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('daytime'))
  await using caller = start('socat', ['-u', `TCP:127.0.0.1:${listener.port}`, '-'])
  const { output } = await caller.ended()
  expect(output).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\r\n$/)
  expect(Math.abs(Date.parse(output.trim()) - Date.now())).toBeLessThan(60_000)
})

test.skipIf(!has('socat'))('chat: what one says, all others hear', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('chat'))
  const join = () => start('socat', ['-', `TCP:127.0.0.1:${listener.port}`])
  await using ann = join()
  await bench.accepted(listener.id, 0)
  await using bob = join()
  await bench.accepted(listener.id, 1)
  await using eve = join()
  await bench.accepted(listener.id, 2)
  ann.child.stdin.write('hello\n')
  await Promise.all([bob.printed('hello\n'), eve.printed('hello\n')])
  eve.child.stdin.end()
  await eve.ended()
  bob.child.stdin.write('hi ann\n')
  await ann.printed('hi ann\n')
  expect(ann.output()).toBe('hi ann\n')
  expect(bob.output()).toBe('hello\n')
})

test('to datagrams chargen and daytime answer with one', async () => {
  await using bench = setUp()
  const { engine } = bench
  const at = { kind: 'udp', host: '127.0.0.1', port: 0 } as const
  const [server, client] = [ok(await engine.bindUdp(at)), ok(await engine.bindUdp(at))]
  const place = 'at' in server.state ? server.state.at : at
  for (const [name, answer] of [
    ['chargen', /^ !"#.{508}$/s],
    ['daytime', /^\d{4}-.*Z\r\n$/],
  ] as const) {
    ok(engine.behaveUdp(server.id, ok(parseDatagramBehaviour(name))))
    const heard = new Promise<string>((resolve) =>
      engine.onReceived(client.id, (bytes) => resolve(Buffer.from(bytes).toString('latin1'))),
    )
    ok(await engine.sendUdp(client.id, new Uint8Array(1), place))
    expect(await heard).toMatch(answer)
  }
})
