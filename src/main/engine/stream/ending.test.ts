import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ConnectionSummary } from '../../../shared/model/summary'
import { libc } from '../posix/libc'
import { sockopt } from '../posix/sockopt'
import { faultOf, loopback, ok, python, setUp, utf8 } from '../testing/bench'
import { endingOf } from './ending'

/** A Python server on a port of its own that takes one caller as `c`, runs the body, and prints what it read as `read …`. */
const server = (body: string) =>
  python(`s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5); say("port %d." % s.getsockname()[1])
c, _ = s.accept()
def read():
  try:
    while True:
      b = c.recv(65536)
      if not b: say("read FIN"); return
      say("read " + b.decode())
  except OSError as e: say("read " + type(e).__name__)
def reset(): c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close()
${body}`)

const portOf = async (peer: ReturnType<typeof server>) =>
  Number(/port (\d+)\./.exec(await peer.printed('.\n'))?.[1])

describe('half-close', () => {
  test('sends a FIN, and goes on reading what the peer still sends', async () => {
    await using bench = setUp()
    await using peer = server('read(); c.sendall(b"late answer"); c.close()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    ok(bench.engine.send(id, utf8('question')))
    const half = ok(await bench.engine.halfClose(id))
    expect(half.state).toMatchObject({ phase: 'halfClosed', by: 'local' })
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'fin', by: 'local', unsentBytes: 0 })
    expect(await peer.printed('read FIN')).toContain('read question')
    expect(bench.recorder.of(id).text('in')).toBe('late answer')
    expect(
      bench.recorder
        .of(id)
        .events()
        .filter((each) => each.what === 'finished'),
    ).toEqual([
      { what: 'finished', by: 'local' },
      { what: 'finished', by: 'remote' },
    ])
  })

  test('by the peer is seen as such, and we can still send', async () => {
    await using bench = setUp()
    await using peer = server('c.shutdown(socket.SHUT_WR); read()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    expect((await bench.phase(id, 'halfClosed')).state).toMatchObject({ by: 'remote' })
    ok(bench.engine.send(id, utf8('after your FIN')))
    await peer.printed('read after your FIN')
    const closed = ok(await bench.engine.close(id))
    expect(closed.state).toMatchObject({ phase: 'closed', how: 'fin', by: 'remote' })
    await peer.printed('read FIN')
  })

  test('can be done once, and nothing is sent after it', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    ok(await bench.engine.halfClose(id))
    expect(faultOf(await bench.engine.halfClose(id)).code).toBe('SB_STATE')
    expect(faultOf(bench.engine.send(id, utf8('x'))).code).toBe('SB_STATE')
  })
})

describe('reset', () => {
  test('sent by us is a reset for the peer', async () => {
    await using bench = setUp()
    await using peer = server('read()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    const { state } = ok(await bench.engine.reset(id))
    expect(state).toMatchObject({ phase: 'closed', how: 'reset', by: 'local' })
    await peer.printed('read ConnectionResetError')
  })

  test('after our half-close is a reset for the peer, too', async () => {
    await using bench = setUp()
    await using peer = server(
      'read(); say("waits"); sys.stdin.readline(); c.setblocking(True)\ntry:\n  c.send(b"x"); time.sleep(0.05); c.send(b"x")\nexcept OSError as e: say("send " + type(e).__name__)',
    )
    const { id } = await bench.dial(loopback(await portOf(peer)))
    const half = bench.engine.halfClose(id)
    await peer.printed('waits')
    ok(await half)
    expect(ok(await bench.engine.reset(id)).state).toMatchObject({ how: 'reset', by: 'local' })
    peer.child.stdin.write('\n')
    expect(await peer.printed('send ')).toMatch(/ConnectionResetError|BrokenPipeError/)
  })

  test('while the half-close is still under way waits for it and then resets', async () => {
    await using bench = setUp()
    await using peer = server('read(); sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    const [half, reset] = await Promise.all([bench.engine.halfClose(id), bench.engine.reset(id)])
    expect(half.ok).toBe(true)
    expect(ok(reset).state).toMatchObject({ how: 'reset', by: 'local' })
  })

  test('by the peer is told from a close', async () => {
    await using bench = setUp()
    await using peer = server('sys.stdin.readline(); reset()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    peer.child.stdin.write('\n')
    const { state } = await bench.phase(id, 'closed')
    expect(state).toMatchObject({
      how: 'reset',
      by: 'remote',
      fault: { code: 'ECONNRESET', syscall: 'read' },
    })
    expect(bench.recorder.of(id).story()).toEqual(expect.arrayContaining(['opened', 'closed']))
  })

  test('by the peer right after the handshake is told at the dial or after it', async () => {
    await using bench = setUp()
    await using peer =
      python(`s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(50); say("port %d." % s.getsockname()[1])
while True:
  c, _ = s.accept(); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); c.close()`)
    const port = await portOf(peer)
    for (let round = 0; round < 50; round++) {
      const { id } = ok(bench.engine.dial(loopback(port)))
      const { state } = await bench.until<ConnectionSummary>(
        id,
        (each) => each.state.phase === 'closed' || each.state.phase === 'failed',
      )
      // The kernel may tell of the reset as the outcome of connect(2).
      if (state.phase === 'failed')
        expect(state.fault).toMatchObject({ code: 'ECONNRESET', syscall: 'connect' })
      else expect(state).toMatchObject({ phase: 'closed', how: 'reset', by: 'remote' })
    }
  })

  test('by a caller of ours is told from a close', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    await using caller = python(
      `c = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); c.sendall(b"bye")
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); sys.stdin.readline(); c.close()`,
      listener.port,
    )
    const id = await bench.accepted(listener.id)
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'bye')
    caller.child.stdin.write('\n')
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'reset', by: 'remote' })
  })

  test.skipIf(sockopt() === null)(
    'by a peer that had finished before is found out when we close',
    async () => {
      await using bench = setUp()
      await using peer = server('c.shutdown(socket.SHUT_WR); sys.stdin.readline(); reset(); say("gone")')
      const { id } = await bench.dial(loopback(await portOf(peer)))
      await bench.phase(id, 'halfClosed')
      peer.child.stdin.write('\n')
      await peer.printed('gone')
      expect(ok(await bench.engine.close(id)).state).toMatchObject({ how: 'reset', by: 'remote' })
    },
  )
})

describe('close', () => {
  test('waits for the FIN of the peer and keeps what comes before it', async () => {
    await using bench = setUp()
    await using peer = server('read(); c.sendall(b"last words"); c.close()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    expect(ok(await bench.engine.close(id)).state).toMatchObject({ phase: 'closed', how: 'fin', by: 'local' })
    expect(bench.recorder.of(id).text('in')).toBe('last words')
  })

  test('gives up on a peer that keeps its side open', async () => {
    await using bench = setUp({ lingerMs: 50 })
    await using peer = server('read(); sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    expect(ok(await bench.engine.close(id)).state).toMatchObject({ phase: 'closed', how: 'fin', by: 'local' })
    await peer.printed('read FIN')
  })

  test('sends what is queued first, however long a slow peer takes', async () => {
    await using bench = setUp({ lingerMs: 50 })
    await using peer = server(`n = 0
while True:
  b = c.recv(400000)
  if not b: break
  n += len(b); time.sleep(0.03)
say("got %d" % n); c.close()`)
    const { id } = await bench.dial(loopback(await portOf(peer)))
    const receipt = ok(bench.engine.send(id, new Uint8Array(12_000_000)))
    expect(receipt.takenBytes + receipt.queuedBytes).toBe(12_000_000)
    expect(receipt.queuedBytes).toBeGreaterThan(0)
    expect(ok(await bench.engine.close(id)).state).toMatchObject({ how: 'fin', unsentBytes: 0 })
    await peer.printed('got 12000000')
  })

  test('of a peer that reads nothing tells how much it never took', async () => {
    await using bench = setUp({ lingerMs: 30 })
    await using peer = server('sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    ok(bench.engine.send(id, new Uint8Array(16_000_000)))
    const { state } = ok(await bench.engine.close(id)) // given up after ten times that long
    const taken = bench.recorder.of(id).bytes('out').length
    expect(state).toMatchObject({ phase: 'closed', how: 'fin', unsentBytes: 16_000_000 - taken })
    expect(taken).toBeLessThan(16_000_000)
  })

  test('lifts a pause, since only reading shows the FIN', async () => {
    await using bench = setUp()
    await using peer = server('c.sendall(b"unread"); read(); c.close()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    ok(bench.engine.pause(id))
    expect(ok(await bench.engine.close(id)).state).toMatchObject({ how: 'fin' })
    expect(bench.recorder.of(id).text('in')).toBe('unread')
  })

  test('at once from both sides is one close each', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    const both = await Promise.all([bench.engine.close(id), bench.engine.close(other)])
    for (const each of both) expect(ok(each).state).toMatchObject({ phase: 'closed', how: 'fin' })
  })

  test('of what has ended says so', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    ok(await bench.engine.reset(id))
    for (const act of ['close', 'reset', 'halfClose'] as const) {
      expect(faultOf(await bench.engine[act](id))).toMatchObject({ code: 'SB_STATE' })
    }
    expect(faultOf(bench.engine.pause(id)).code).toBe('SB_STATE')
    expect(faultOf(await bench.engine.close('C99')).code).toBe('SB_UNKNOWN')
  })
})

describe('a peer that is killed', () => {
  test('with nothing unread leaves a FIN', async () => {
    await using bench = setUp()
    await using peer = server('say("here"); sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    await peer.printed('here')
    peer.child.kill('SIGKILL')
    expect((await bench.phase(id, 'halfClosed')).state).toMatchObject({ by: 'remote' })
  })

  test.skipIf(libc() === null)(
    'after its FIN answers what is sent to it with a reset, seen without another send',
    async () => {
      await using bench = setUp()
      await using peer = server('say("here"); sys.stdin.readline()')
      const { id } = await bench.dial(loopback(await portOf(peer)))
      await peer.printed('here')
      peer.child.kill('SIGKILL')
      await bench.phase(id, 'halfClosed')
      ok(bench.engine.send(id, utf8('is nobody there?')))
      expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'reset', by: 'remote' })
    },
  )

  test('with data unread leaves a reset', async () => {
    await using bench = setUp()
    await using peer = server('say("here"); sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    await peer.printed('here')
    ok(bench.engine.send(id, utf8('unread')))
    await bench.engine.drained(id)
    peer.child.kill('SIGKILL')
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'reset', by: 'remote' })
  })
})

test.skipIf(process.platform !== 'linux' || libc() === null)(
  'a peer that stays silent for too long is a timeout',
  async () => {
    await using bench = setUp()
    await using peer = server('sys.stdin.readline()')
    const { id } = await bench.dial(loopback(await portOf(peer)))
    // TCP_USER_TIMEOUT (tcp(7)) also ends a connection whose peer keeps its window closed, in milliseconds.
    const setsockopt = libc()?.func(
      'int setsockopt(int fd, int level, int name, const int *value, uint32_t length)',
    ) as (...parts: unknown[]) => number
    for (const fd of readdirSync('/proc/self/fd')) setsockopt(Number(fd), 6, 18, [300], 4)
    ok(bench.engine.send(id, new Uint8Array(16_000_000)))
    const { state } = await bench.phase(id, 'closed')
    expect(state).toMatchObject({ how: 'timeout', fault: { code: 'ETIMEDOUT' } })
  },
)

test('each errno has its ending', () => {
  const how = (code: string, kind: 'tcp' | 'unix'): string => endingOf(code, kind).how
  expect(how('ECONNRESET', 'tcp')).toBe('reset')
  expect(how('EPIPE', 'tcp')).toBe('reset')
  expect(how('EPIPE', 'unix')).toBe('error')
  expect(how('ETIMEDOUT', 'tcp')).toBe('timeout')
  expect(how('EHOSTUNREACH', 'tcp')).toBe('error')
})
