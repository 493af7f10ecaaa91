import { describe, expect, test } from 'vitest'
import { type ConnectionId } from '../../shared/model/ids'
import { faultOf, has, loopback, ok, python, setUp, start, utf8, type Bench } from '../engine/testing/bench'
import { parseBehaviour, parseDatagramBehaviour } from './behaviours'

const MEGABYTES = 48

/** A listener of the bench that passes on to a port of this machine. */
const proxying = async (bench: Bench, port: number) =>
  bench.listen(loopback(), ok(parseBehaviour(`proxy:tcp://127.0.0.1:${port}`)))

/** The connection that was dialled for the nth caller. */
const dialledFor = (bench: Bench, nth = 0): ConnectionId => {
  const dialled = bench.engine
    .summaries()
    .flatMap((each) => (each.kind === 'connection' && each.listener === null ? [each.id] : []))
  return dialled[nth] as ConnectionId
}

/** A Python server for one caller: what it does with `c`. Its port is its first line. */
async function serverOf(does: string): Promise<{ port: number; server: ReturnType<typeof python> }> {
  const server = python(
    `l = socket.create_server(("127.0.0.1", 0)); say(l.getsockname()[1]); c, _ = l.accept()\n${does}`,
  )
  const first = await server.printed('\n')
  return { port: Number(first.split('\n')[0]), server }
}

describe.skipIf(!has('python3') || !has('socat'))('a proxy', () => {
  test('passes on what both say, half-closes where they do, and both connections are recorded', async () => {
    const { port, server } = await serverOf(
      'd = b""\nwhile (b := c.recv(100)): d += b\nc.sendall(b"you said " + d); c.close()',
    )
    await using _server = server
    await using bench = setUp()
    const listener = await proxying(bench, port)
    await using caller = start('socat', ['-t5', '-', `TCP:127.0.0.1:${listener.port}`])
    caller.child.stdin.end('hello')
    expect((await caller.ended()).output).toBe('you said hello')
    const accepted = await bench.accepted(listener.id)
    const upstream = dialledFor(bench)
    for (const id of [accepted, upstream])
      expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'fin' })
    expect(bench.recorder.of(accepted).text('in')).toBe('hello')
    expect(bench.recorder.of(upstream).text('out')).toBe('hello')
    expect(bench.recorder.of(upstream).text('in')).toBe('you said hello')
    expect(bench.recorder.of(accepted).text('out')).toBe('you said hello')
  })

  test('both ways at once, with a server that takes nothing until all of its own has been taken', async () => {
    const { port, server } = await serverOf(
      `c.sendall(b"s" * ${MEGABYTES}000000); n = 0\nwhile (b := c.recv(1 << 20)): n += len(b)\nsay(f"took {n}"); c.close()`,
    )
    await using _server = server
    await using bench = setUp()
    const listener = await proxying(bench, port)
    await using caller = python(
      `import threading
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def send():
    c.sendall(b"c" * ${MEGABYTES}000000); c.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start(); n = 0
while (b := c.recv(1 << 20)): n += len(b)
say(f"came {n}")`,
      listener.port,
    )
    await caller.printed(`came ${MEGABYTES}000000`)
    await server.printed(`took ${MEGABYTES}000000`)
  })

  test('holds back a caller whose server does not read: what waits stays small', async () => {
    const { port, server } = await serverOf(
      'sys.stdin.readline(); n = 0\nwhile (b := c.recv(1 << 20)): n += len(b)\nsay(f"took {n}")',
    )
    await using _server = server
    await using bench = setUp()
    const listener = await proxying(bench, port)
    await using caller = python(
      `c = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); c.sendall(b"c" * ${MEGABYTES}000000); c.close(); say("sent")`,
      listener.port,
    )
    const upstream = await bench.accepted(listener.id).then(() => dialledFor(bench))
    const queued = (): number => {
      const summary = bench.engine.summary(upstream)
      return summary?.kind === 'connection' ? summary.queuedBytes : 0
    }
    await bench.untilTrue(() => queued() > 1024 * 1024)
    // One read more than the limit, at most.
    expect(queued()).toBeLessThan(2 * 1024 * 1024)
    expect(caller.output()).not.toContain('sent')
    server.child.stdin.write('\n')
    await server.printed(`took ${MEGABYTES}000000`)
  })

  test('passes on a reset, either way', async () => {
    const reset = 'c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close()'
    const { port, server } = await serverOf(`c.recv(100); ${reset}`)
    await using _server = server
    await using bench = setUp()
    const listener = await proxying(bench, port)
    const { id } = await bench.dial(listener.at)
    ok(bench.engine.send(id, utf8('?')))
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'reset', by: 'remote' })

    const other = await serverOf('try:\n    c.recv(100)\nexcept OSError as e: say(type(e).__name__)')
    await using _other = other.server
    const second = await proxying(bench, other.port)
    await using caller = python(
      `c = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); sys.stdin.readline(); ${reset}`,
      second.port,
    )
    await bench.accepted(second.id)
    await bench.untilTrue(() => {
      const { state } = bench.engine.summary(dialledFor(bench, 2)) ?? {}
      return state?.phase === 'open'
    })
    caller.child.stdin.write('\n')
    await other.server.printed('ConnectionResetError')
  })

  test('resets a caller when nobody listens there, and when it would call itself', async () => {
    await using bench = setUp()
    const { port } = await bench.listen(loopback())
    await bench.engine.closeListener(bench.engine.summaries()[0]?.id as never)
    const listener = await proxying(bench, port)
    const { id } = await bench.dial(listener.at)
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'reset' })
    const failed = bench.engine.summaries().filter((each) => each.state.phase === 'failed')
    expect(failed).toMatchObject([{ kind: 'connection', state: { fault: { code: 'ECONNREFUSED' } } }])

    ok(bench.engine.behave(listener.id, ok(parseBehaviour(`proxy:tcp://127.0.0.1:${listener.port}`))))
    const before = bench.engine.summaries().length
    const again = await bench.dial(listener.at)
    expect((await bench.phase(again.id, 'closed')).state).toMatchObject({ how: 'reset' })
    expect(bench.engine.summaries()).toHaveLength(before + 2)
  })
})

test('where it is to pass on to is looked at first', () => {
  for (const wrong of [
    'proxy:',
    'proxy:8060',
    'proxy:udp://127.0.0.1:1',
    'proxy:tcp://127.0.0.1:0',
    'proxy:tcp://127.0.0.1:70000',
  ])
    expect(faultOf(parseBehaviour(wrong)).code).toBe('SB_INPUT')
  for (const wrong of ['proxy:tcp://127.0.0.1:1', 'chat'])
    expect(faultOf(parseDatagramBehaviour(wrong)).summary).toContain('is for streams')
})
