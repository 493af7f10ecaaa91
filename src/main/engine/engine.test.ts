import { describe, expect, test } from 'vitest'
import { type SocketSummary } from '../../shared/model/summary'
import { echo, faultOf, loopback, ok, openDescriptors, python, setUp, silent, utf8 } from './testing/bench'

describe('the engine', () => {
  test('tells of changes after they happened, once per turn of the loop', async () => {
    await using bench = setUp()
    const summaries: SocketSummary[] = []
    const stop = bench.engine.onEvent((event) => {
      if (event.type === 'changed') summaries.push(event.socket.summary())
    })
    const listener = await bench.listen(loopback(), echo)
    const { id } = await bench.dial(listener.at)
    await bench.accepted(listener.id)
    await bench.phase(id, 'open')
    ok(await bench.engine.reset(id))
    await bench.until(id, () => summaries.some(({ state }) => state.phase === 'closed'))
    const phases = summaries.filter((each) => each.id === id).map(({ state }) => state.phase)
    expect(phases[0]).toBe('dialling')
    expect(phases.at(-1)).toBe('closed')
    stop()
    const count = summaries.length
    await bench.dial(listener.at)
    expect(summaries.length).toBe(count)
  })

  test('tells which counters moved, once each', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id } = await bench.dial(listener.at)
    ok(bench.engine.send(id, utf8('12345')))
    await bench.untilTrue(() => bench.engine.counters(id)?.inBytes === 5)
    const moved = new Map<string, number>()
    bench.engine.takeMovedCounters((each, counters) => moved.set(each, counters.inBytes))
    expect(moved).toEqual(
      new Map([
        [listener.id, 5],
        [id, 5],
        ['C2', 5],
      ]),
    )
    moved.clear()
    bench.engine.takeMovedCounters((each) => moved.set(each, 0))
    expect(moved.size).toBe(0)
  })

  test('forgets only what has ended', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    expect(faultOf(bench.engine.forget(listener.id)).code).toBe('SB_STATE')
    ok(await bench.engine.closeListener(listener.id))
    ok(bench.engine.forget(listener.id))
    expect(bench.engine.summary(listener.id)).toBeNull()
    expect(faultOf(bench.engine.forget(listener.id)).code).toBe('SB_UNKNOWN')
  })

  test('answers unknown ids and wrong kinds with a fault', async () => {
    await using bench = setUp()
    const { engine } = bench
    const replies = [
      engine.send('C1', utf8('x')),
      engine.pause('C1'),
      engine.setStreamOptions('C1', {}),
      engine.readOptions('U1'),
      engine.behave('L1', silent),
      engine.broadcast('L1', utf8('x')),
      engine.disconnectUdp('U1'),
      engine.joinGroup('U1', '239.0.0.1'),
      await engine.close('C1'),
      await engine.closeListener('L1'),
      await engine.closeUdp('U1'),
      await engine.dialled('C1'),
      await engine.sendUdp('U1', utf8('x'), null),
    ]
    expect(replies.map((each) => faultOf(each).code)).toEqual(replies.map(() => 'SB_UNKNOWN'))
    await engine.drained('C1')
    expect(engine.counters('C1')).toBeNull()
    expect(engine.connectionsOf('L1')).toEqual([])
    const udpListener = await engine.listen({ kind: 'udp', host: '127.0.0.1', port: 1 }, silent)
    expect(faultOf(udpListener)).toMatchObject({
      code: 'SB_INPUT',
      hint: expect.stringContaining('Bind') as string,
    })
  })

  test('ends everything when it is disposed, peers that keep silent too', async () => {
    const bench = setUp()
    const listener = await bench.listen(loopback())
    await using peer = python(
      `s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); say("here")
try:
  while s.recv(100): pass
  say("FIN"); sys.stdin.readline(); 
except OSError as e: say(type(e).__name__)`,
      listener.port,
    )
    await peer.printed('here')
    const id = await bench.accepted(listener.id)
    const { id: own } = await bench.dial(listener.at)
    const { id: udp } = ok(await bench.engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }))
    await bench.engine.dispose()
    for (const each of bench.engine.summaries()) expect(each.state.phase).toBe('closed')
    for (const each of [listener.id, id, own, udp]) expect(bench.recorder.of(each).hasEnded).toBe(true)
    await peer.printed('FIN')
  })

  test('lets nothing open that was about to when it is disposed', async () => {
    const bench = setUp()
    const listening = bench.engine.listen({ kind: 'tcp', host: 'localhost', port: 0 }, silent)
    const binding = bench.engine.bindUdp({ kind: 'udp', host: 'localhost', port: 0 })
    const { id } = ok(bench.engine.dial({ kind: 'tcp', host: 'localhost', port: 1 }))
    await bench.engine.dispose()
    expect(faultOf(await listening).code).toBe('SB_CANCELLED')
    expect(faultOf(await binding).code).toBe('SB_CANCELLED')
    expect(bench.engine.summary(id)).toMatchObject({
      state: { phase: 'failed', fault: { code: 'SB_CANCELLED' } },
    })
  })

  test('hands out what comes in to whoever listens, until told not to', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id } = await bench.dial(listener.at)
    const heard: string[] = []
    bench.engine.onReceived(
      id,
      (bytes, from) => void heard.push(`${Buffer.from(bytes).toString()} ${from === null ? '' : 'from'}`),
    )
    ok(bench.engine.send(id, utf8('one')))
    await bench.untilTrue(() => heard.length === 1)
    bench.engine.onReceived(id, null)
    ok(bench.engine.send(id, utf8('two')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'onetwo')
    expect(heard).toEqual(['one '])
  })

  test('tells when all that was queued is taken', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.pause(other))
    const receipt = ok(bench.engine.send(id, new Uint8Array(16_000_000).fill(7)))
    expect(receipt.lengthBytes).toBe(16_000_000)
    expect(receipt.takenBytes + receipt.queuedBytes).toBe(16_000_000)
    expect(bench.engine.summary(id)).toMatchObject({ queuedBytes: receipt.queuedBytes })
    let isDrained = false
    const drained = bench.engine.drained(id).then(() => (isDrained = true))
    expect(isDrained).toBe(false)
    ok(bench.engine.resume(other))
    await drained
    expect(bench.engine.summary(id)).toMatchObject({ queuedBytes: 0 })
    expect(bench.engine.counters(id)?.outBytes).toBe(16_000_000)
    await bench.untilTrue(() => bench.engine.counters(other)?.inBytes === 16_000_000)
  })

  test('keeps what waits, whatever the caller does with its memory afterwards', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.pause(other))
    const memory = Buffer.alloc(16_000_000, 7) // a Buffer, as reads bring: its slice() is no copy
    expect(ok(bench.engine.send(id, memory)).queuedBytes).toBeGreaterThan(0)
    memory.fill(0)
    ok(bench.engine.resume(other))
    await bench.untilTrue(() => bench.engine.counters(other)?.inBytes === 16_000_000)
    expect(bench.recorder.of(other).bytes('in').indexOf(0)).toBe(-1)
    expect(bench.recorder.of(id).bytes('out').indexOf(0)).toBe(-1)
  })

  test.skipIf(process.platform !== 'linux')(
    'leaves no descriptor behind over 2,000 connections',
    { timeout: 60_000 },
    async () => {
      await using bench = setUp()
      const listener = await bench.listen(loopback(), echo)
      ok(await bench.engine.reset((await bench.dial(listener.at)).id))
      await bench.untilTrue(() => bench.engine.connectionsOf(listener.id).length === 0)
      const before = openDescriptors()
      for (let round = 0; round < 40; round++) {
        const dialled = await Promise.all(Array.from({ length: 50 }, () => bench.dial(listener.at)))
        await Promise.all(
          dialled.map(async ({ id }, nth) => {
            if (nth % 2 === 0) ok(bench.engine.send(id, utf8('x')))
            return nth % 3 === 0 ? bench.engine.reset(id) : bench.engine.close(id)
          }),
        )
      }
      await bench.untilTrue(() => bench.engine.connectionsOf(listener.id).length === 0)
      expect(openDescriptors() - before).toBeLessThanOrEqual(2)
      for (const each of bench.engine.summaries()) {
        if (each.kind === 'connection') bench.engine.forget(each.id)
      }
      expect(bench.engine.summaries()).toHaveLength(1)
    },
  )
})
