import { describe, expect, test } from 'vitest'
import { echo, faultOf, has, loopback, ok, python, setUp, silent, start, utf8 } from '../testing/bench'

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index)

describe('a listener', () => {
  test('on port 0 tells the port that was bound', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    expect(listener.port).toBeGreaterThan(0)
    expect(listener.id).toBe('L1')
    expect(bench.recorder.of('L1').story()).toEqual(['listening', 'behaviourSet'])
  })

  test.skipIf(!has('socat'))('answers socat, and both sides end with a FIN', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    await using client = start('socat', ['-', `TCP:127.0.0.1:${listener.port}`])
    client.child.stdin.end('hello\n')
    expect(await client.ended()).toEqual({ code: 0, output: 'hello\n' })
    const id = await bench.accepted(listener.id)
    const { state } = await bench.phase(id, 'closed')
    expect(state).toMatchObject({ phase: 'closed', how: 'fin', by: 'remote', unsentBytes: 0 })
    const track = bench.recorder.of(id)
    expect(track.text('in')).toBe('hello\n')
    expect(track.text('out')).toBe('hello\n')
    expect(track.story()).toEqual(['opened', 'finished', 'finished', 'closed'])
    expect(track.hasEnded).toBe(true)
    expect(bench.engine.counters(listener.id)).toMatchObject({
      inBytes: 6,
      inChunks: 1,
      outBytes: 6,
      outChunks: 1,
    })
  })

  test('carries each of the 256 byte values exactly, both ways', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id } = await bench.dial(listener.at)
    ok(bench.engine.send(id, allBytes))
    await bench.untilTrue(() => bench.recorder.of(id).bytes('in').length === 256)
    expect(new Uint8Array(bench.recorder.of(id).bytes('in'))).toEqual(allBytes)
    expect(new Uint8Array(bench.recorder.of(id).bytes('out'))).toEqual(allBytes)
  })

  test('serves 20 callers at once, with ids in the order they came', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    await using clients = python(
      `s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for i in range(20)]
for i, c in enumerate(s): c.sendall(b"caller %d" % i)
for c in s: say(c.recv(100).decode())
say("done"); sys.stdin.read()`,
      listener.port,
    )
    const output = await clients.printed('done')
    for (let i = 0; i < 20; i++) expect(output).toContain(`caller ${i}\n`)
    expect(bench.engine.connectionsOf(listener.id)).toEqual(
      Array.from({ length: 20 }, (_, index) => `C${index + 1}`),
    )
    expect(bench.recorder.of('C7').text('in')).toBe('caller 6')
    clients.child.stdin.end()
    await bench.untilTrue(() => bench.engine.connectionsOf(listener.id).length === 0)
  })

  test('sends to all callers at once, and counts those it could not reach', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    await bench.dial(listener.at)
    await bench.dial(listener.at)
    const second = await bench.accepted(listener.id, 1)
    ok(await bench.engine.halfClose(second))
    expect(ok(bench.engine.broadcast(listener.id, utf8('all')))).toEqual({ sent: 1, failed: 1 })
  })

  test('that closes leaves its connections open, and frees the port', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id } = await bench.dial(listener.at)
    await bench.accepted(listener.id)
    expect(ok(await bench.engine.closeListener(listener.id)).state).toMatchObject({ phase: 'closed' })
    ok(bench.engine.send(id, utf8('still here')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'still here')
    await bench.listen(listener.at)
  })

  test('changes its behaviour for those who are there, too', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    await bench.accepted(listener.id)
    ok(
      bench.engine.behave(listener.id, {
        name: 'bang',
        greet: (c) => ({ received: () => c.write(utf8('!')), peerFinished: () => undefined }),
      }),
    )
    ok(bench.engine.send(id, utf8('now?')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === '!')
  })

  test('drops callers beyond the limit on sockets, and counts them', async () => {
    await using bench = setUp({ socketLimit: 3 })
    const listener = await bench.listen(loopback())
    await using clients = python(
      `s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for i in range(5)]
say("connected"); sys.stdin.read()`,
      listener.port,
    )
    await clients.printed('connected')
    const summary = await bench.until(
      listener.id,
      (each) => each.kind === 'listener' && each.accepted + each.dropped === 5,
    )
    expect(summary).toMatchObject({ accepted: 2, dropped: 3 })
    const dropped = bench.recorder
      .of(listener.id)
      .events()
      .flatMap((each) => (each.what === 'dropped' ? [each.count] : []))
    expect(dropped.reduce((sum, each) => sum + each, 0)).toBe(3)
  })

  test.skipIf(process.platform !== 'linux')('on the port of another program names that program', async () => {
    await using bench = setUp()
    await using other = python(
      's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); say("port %d." % s.getsockname()[1]); sys.stdin.read()',
    )
    const port = Number(/port (\d+)\./.exec(await other.printed('.\n'))?.[1])
    const fault = faultOf(await bench.engine.listen(loopback(port), silent))
    expect(fault.code).toBe('EADDRINUSE')
    expect(fault.hint).toMatch(/^python3?[\d.]* \(process \d+\) holds it/)
  })

  test('a second one on the same port says that it is in use', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const fault = faultOf(await bench.engine.listen(listener.at, silent))
    expect(fault).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
      endpoint: `tcp://127.0.0.1:${listener.port}`,
    })
    expect(fault.hint).toMatch(process.platform === 'linux' ? /^Switchboard itself/ : /ss -ltnp/)
    expect(bench.engine.summary('L2')).toMatchObject({
      state: { phase: 'failed', fault: { code: 'EADDRINUSE' } },
    })
  })
})
