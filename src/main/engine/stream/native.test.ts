import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type ConnectionId } from '../../../shared/model/ids'
import { type DialOptions, type OptionReading } from '../../../shared/model/options'
import { calls } from '../posix/calls'
import {
  echo,
  faultOf,
  has,
  loopback,
  ok,
  openDescriptors,
  python,
  setUp,
  utf8,
  type Bench,
} from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'

let watcher: Bundle
beforeAll(async () => {
  watcher = await bundle('src/main/engine/posix/watcherThread.ts')
}, 60_000)
afterAll(() => watcher[Symbol.asyncDispose]())
const withWatcher = (): Bench => setUp({ watcher: watcher.file })

const ss = (...words: string[]): string => execFileSync('ss', words, { encoding: 'utf8' })
const valueOf = (readings: readonly OptionReading[], name: string) =>
  readings.find((each) => each.name === name)?.value
const portOf = (at: Endpoint): number => ('port' in at ? at.port : 0)

async function dialled(bench: Bench, to: Endpoint, options: DialOptions) {
  const { id } = ok(bench.engine.dial(to, options))
  const { state, options: told } = ok(await bench.engine.dialled(id))
  return { id, state, told, local: 'local' in state ? portOf(state.local) : 0 }
}

describe.skipIf(process.platform !== 'linux' || calls() === null)('options before connect', () => {
  test('are on the socket as ss and the engine read it, and told before it is open', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id, local, told } = await dialled(bench, listener.at, {
      receiveBufferBytes: 10_000,
      sendBufferBytes: 12_000,
      maxSegmentBytes: 1000,
      ttl: 33,
      tos: 16,
      userTimeoutMs: 4321,
      lingerSeconds: 7,
      keepAlive: true,
      keepAliveDelayMs: 11_000,
      keepAliveIntervalMs: 12_000,
      keepAliveProbes: 3,
      device: 'lo',
      kernel: { TCP_CONGESTION: 'reno' },
    })
    expect(told).toMatchObject([
      { name: 'SO_RCVBUF', value: 20_000, asked: 10_000 },
      { name: 'SO_SNDBUF', value: 24_000, asked: 12_000 },
      { name: 'TCP_MAXSEG', asked: 1000 },
      { name: 'IP_TTL', value: 33 },
      { name: 'IP_TOS', value: 16 },
      { name: 'TCP_USER_TIMEOUT', value: 4321 },
      { name: 'SO_LINGER', value: { isOn: true, seconds: 7 } },
      { name: 'SO_KEEPALIVE', value: true },
      { name: 'TCP_KEEPIDLE', value: 11 },
      { name: 'TCP_KEEPINTVL', value: 12 },
      { name: 'TCP_KEEPCNT', value: 3 },
      { name: 'SO_BINDTODEVICE', value: 'lo' },
      { name: 'TCP_CONGESTION', value: 'reno' },
    ])
    const story = bench.recorder.of(id).story()
    expect(story.indexOf('optionsSet')).toBeLessThan(story.indexOf('opened'))
    const shown = ss('-Htneiom', `sport = :${local}`)
    expect(shown).toContain('rb20000')
    expect(shown).toContain('tb24000')
    expect(shown).toContain(' reno ')
    expect(shown).toMatch(/timer:\(keepalive,1[01]/)
    expect(Number(/ mss:(\d+)/.exec(shown)?.[1])).toBeLessThanOrEqual(1000)
    // It is read like every other.
    ok(bench.engine.send(id, utf8('over it')))
    await bench.untilTrue(() => bench.engine.counters(id)?.inBytes === 7)
    // All of them, with what a fresh socket has.
    const all = ok(bench.engine.readOptions(id))
    expect(all.find(({ name }) => name === 'IP_TTL')).toMatchObject({ value: 33, asked: 33, standard: 64 })
    expect(all.length).toBeGreaterThan(40)
  })

  test('that are refused are told with their errno and what to do; the dial goes on', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { told, state } = await dialled(bench, listener.at, { maxSegmentBytes: 5, device: 'no-such-one' })
    expect(state.phase).toBe('open')
    expect(told).toMatchObject([{ name: 'TCP_MAXSEG' }, { name: 'SO_BINDTODEVICE', value: '' }])
    expect(told[0]?.note).toMatch(/refused it: EINVAL\. .*88/)
    expect(told[1]?.note).toMatch(/refused it: ENODEV\. .*ip link/)
  })

  test('a local address and port are bound first', async () => {
    await using bench = setUp()
    const listener = await bench.listen({ kind: 'tcp', host: '0.0.0.0', port: 0 })
    const to = loopback(listener.port)
    const free = await bench.listen({ kind: 'tcp', host: '127.0.0.9', port: 0 })
    ok(await bench.engine.closeListener(free.id))
    const options = { localHost: '127.0.0.9', localPort: free.port, ttl: 9 }
    const { state } = await dialled(bench, to, options)
    expect(state).toMatchObject({ local: { host: '127.0.0.9', port: free.port } })
    const again = await dialled(bench, to, { ...options, reuseAddress: false })
    expect(again.state).toMatchObject({ phase: 'failed', fault: { code: 'EADDRINUSE', syscall: 'connect' } })
  })

  test('a name is tried address by address, each attempt told', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const to = { kind: 'tcp', host: 'localhost', port: listener.port } as const
    const { id, state } = await dialled(bench, to, { ttl: 9 })
    expect(state).toMatchObject({ phase: 'open', remote: listener.at })
    const attempts = bench.recorder
      .of(id)
      .events()
      .flatMap((each) => (each.what === 'attempted' ? [each] : []))
    expect(attempts.at(-1)).toMatchObject({
      address: `tcp://127.0.0.1:${listener.port}`,
      outcome: 'connected',
    })
    ok(await bench.engine.closeListener(listener.id))
    const none = await dialled(bench, to, { ttl: 9 })
    expect(none.state).toMatchObject({ phase: 'failed', fault: { code: 'ECONNREFUSED' } })
  })

  test('a dial that hangs is cancelled and leaves nothing', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), undefined, { backlog: 0, accept: 'manually' })
    await dialled(bench, listener.at, { ttl: 9 })
    const { id } = ok(bench.engine.dial(listener.at, { ttl: 9 }))
    ok(await bench.engine.close(id))
    expect(bench.engine.summary(id)).toMatchObject({
      state: { phase: 'failed', fault: { code: 'SB_CANCELLED' } },
    })
  })

  test('a Unix dial has them too', async () => {
    await using bench = setUp()
    const listener = await bench.listen({ kind: 'unix', path: `@native-${process.pid}` }, echo)
    const { told, state } = await dialled(bench, listener.at, { sendBufferBytes: 9000, noDelay: true })
    expect(state.phase).toBe('open')
    expect(told).toMatchObject([
      { name: 'SO_SNDBUF', value: 18_000 },
      { name: 'TCP_NODELAY', value: null },
    ])
  })
})

describe.skipIf(process.platform !== 'linux' || calls() === null)('options before bind', () => {
  test('of a listener are inherited by whom it accepts', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), undefined, {
      receiveBufferBytes: 15_000,
      ttl: 21,
      kernel: { TCP_CONGESTION: 'reno' },
    })
    expect(valueOf(ok(bench.engine.readOptions(listener.id)), 'SO_RCVBUF')).toBe(30_000)
    await bench.dial(listener.at)
    const accepted = ok(bench.engine.readOptions(await bench.accepted(listener.id)))
    expect(['SO_RCVBUF', 'IP_TTL', 'TCP_CONGESTION'].map((name) => valueOf(accepted, name))).toEqual([
      30_000,
      21,
      'reno',
    ])
  })

  test('an address in TIME_WAIT: EADDRINUSE without SO_REUSEADDR, as Python has it; bound with it', async () => {
    await using bench = setUp()
    const first = await bench.listen(loopback())
    const { id } = await bench.dial(first.at)
    const accepted = await bench.accepted(first.id)
    // The listener's side sends the first FIN: it keeps the address.
    const closing = bench.engine.close(accepted)
    await bench.phase(id, 'halfClosed')
    ok(await bench.engine.close(id))
    ok(await closing)
    ok(await bench.engine.closeListener(first.id))
    expect(ss('-Htan', 'state', 'time-wait', `sport = :${first.port}`)).toContain(`127.0.0.1:${first.port}`)
    const strict = faultOf(await bench.engine.listen(first.at, echo, { reuseAddress: false }))
    expect(strict).toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' })
    await using peer = python(
      `s = socket.socket()
try: s.bind(("127.0.0.1", int(sys.argv[1]))); say("bound.")
except OSError as e: say("errno %d." % e.errno)`,
      first.port,
    )
    expect(await peer.printed('.\n')).toBe('errno 98.\n')
    const again = await bench.listen(first.at, echo, { reuseAddress: true, reusePort: false })
    expect(again.port).toBe(first.port)
  })

  test('two listeners share a port with SO_REUSEPORT, and both get callers', async () => {
    await using bench = setUp()
    const left = await bench.listen(loopback(), echo, { reusePort: true })
    const right = await bench.listen(left.at, echo, { reusePort: true })
    expect(right.port).toBe(left.port)
    expect(faultOf(await bench.engine.listen(left.at, echo))).toMatchObject({ code: 'EADDRINUSE' })
    const both = () =>
      bench.engine.connectionsOf(left.id).length * bench.engine.connectionsOf(right.id).length
    for (let n = 0; n < 200 && both() === 0; n++) {
      await bench.dial(left.at)
      // The kernel has chosen; which one is told a moment later.
      await bench.untilTrue(
        () =>
          bench.engine.connectionsOf(left.id).length + bench.engine.connectionsOf(right.id).length === n + 1,
      )
    }
    expect(both()).toBeGreaterThan(0)
  })

  test('UDP: two sockets share a port, and what is set before bind is read back', async () => {
    await using bench = setUp()
    const at: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 0 }
    const options = {
      reusePort: true,
      device: 'lo',
      receiveBufferBytes: 9000,
      multicastInterface: '127.0.0.1',
      countDrops: true,
      timestamps: true,
      tos: 8,
    }
    const one = ok(await bench.engine.bindUdp(at, options))
    const bound = one.state.phase === 'bound' ? one.state.at : at
    const two = ok(await bench.engine.bindUdp(bound, options))
    expect(two.state).toMatchObject({ phase: 'bound', at: bound })
    expect(two.options).toMatchObject([
      { name: 'SO_REUSEPORT', value: true },
      { name: 'SO_BINDTODEVICE', value: 'lo' },
      { name: 'SO_RCVBUF', value: 18_000 },
      { name: 'IP_MULTICAST_IF', value: '127.0.0.1' },
      { name: 'SO_RXQ_OVFL', value: true },
      { name: 'SO_TIMESTAMPNS', value: true },
      { name: 'IP_TOS', value: 8 },
    ])
    expect(ss('-Huanm', `sport = :${portOf(bound)}`).match(/rb18000/g)).toHaveLength(2)
    ok(await bench.engine.sendUdp(one.id, utf8('to one of us'), bound))
    await bench.untilTrue(
      () =>
        (bench.engine.counters(one.id)?.inBytes ?? 0) + (bench.engine.counters(two.id)?.inBytes ?? 0) === 12,
    )
  })

  test('a single option is changed on a live socket, and what makes no sense is refused', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    expect(ok(bench.engine.setOption(listener.id, 'IP_TTL', 5))).toMatchObject({ value: 5, asked: 5 })
    expect(faultOf(bench.engine.setOption(listener.id, 'IP_TTL', 500)).code).toBe('SB_INPUT')
    expect(faultOf(bench.engine.setOption(listener.id, 'SO_TYPE', 1)).code).toBe('SB_INPUT')
    const { id } = await bench.dial(listener.at)
    expect(ok(bench.engine.setOption(id, 'SO_LINGER', { isOn: true, seconds: 0 })).value).toEqual({
      isOn: true,
      seconds: 0,
    })
    const told = ok(bench.engine.setOption(id, 'TCP_CONGESTION', 'nonsense'))
    expect(told.note).toMatch(/ENOENT.*tcp_available_congestion_control/)
    ok(await bench.engine.close(id))
    expect(faultOf(bench.engine.setOption(id, 'IP_TTL', 5)).code).toBe('SB_STATE')
  })
})

describe.skipIf(process.platform !== 'linux' || calls() === null || !has('ss'))('a listener', () => {
  const listening = (port: number): string => ss('-Hltn', `sport = :${port}`)

  test('with a backlog of five takes six callers, leaves the seventh in SYN_SENT, and lets one in with each accept', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), undefined, { backlog: 5, accept: 'manually' })
    for (let n = 0; n < 6; n++) await bench.dial(listener.at)
    expect(listening(listener.port)).toMatch(/^LISTEN\s+6\s+5\s/)
    expect(bench.engine.summary(listener.id)).toMatchObject({
      accepted: 0,
      queue: { length: 6, limit: 5, dropped: 0 },
    })
    const seventh = ok(bench.engine.dial(listener.at)).id
    const outside = (): string => ss('-Htn', 'state', 'syn-sent', `dport = :${listener.port}`)
    await bench.untilTrue(() => outside().trim().split('\n').length === 1 && outside() !== '')
    await bench.until(
      listener.id,
      (summary) => summary.kind === 'listener' && (summary.queue?.dropped ?? 0) > 0,
    )
    expect(bench.engine.summary(seventh)).toMatchObject({ state: { phase: 'dialling' } })
    // It is recorded as it grows.
    const { recorder } = bench
    await bench.untilTrue(() =>
      recorder
        .of(listener.id)
        .events()
        .some((each) => each.what === 'queueMoved' && each.length === 6 && each.dropped > 0),
    )
    const { connection } = ok(await bench.engine.accept(listener.id))
    expect(bench.engine.summary(connection)).toMatchObject({
      state: { phase: 'open' },
      listener: listener.id,
    })
    // The SYN is sent again, and finds room.
    await bench.phase(seventh, 'open')
    expect(listening(listener.port)).toMatch(/^LISTEN\s+6\s+5\s/)
  }, 30_000)

  test.each([0, 1, 7])('has the backlog that was asked, exactly: %i', async (backlog) => {
    await using bench = withWatcher()
    const byNode = await bench.listen(loopback(), undefined, { backlog })
    expect(listening(byNode.port)).toMatch(new RegExp(`^LISTEN\\s+0\\s+${backlog}\\s`))
    const byUs = await bench.listen(loopback(), undefined, { backlog, accept: 'serially' })
    expect(listening(byUs.port)).toMatch(new RegExp(`^LISTEN\\s+0\\s+${backlog}\\s`))
    const early = await bench.listen(loopback(), undefined, { backlog, ttl: 3 })
    expect(listening(early.port)).toMatch(new RegExp(`^LISTEN\\s+0\\s+${backlog}\\s`))
  })

  test('that accepts serially takes the next caller when the last has ended', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), echo, { accept: 'serially' })
    const one = await bench.dial(listener.at)
    const two = await bench.dial(listener.at)
    for (const { id } of [one, two]) ok(bench.engine.send(id, utf8('hello')))
    await bench.untilTrue(() => bench.engine.counters(one.id)?.inBytes === 5)
    expect(bench.engine.counters(two.id)?.inBytes).toBe(0)
    expect(bench.engine.connectionsOf(listener.id)).toHaveLength(1)
    expect(listening(listener.port)).toMatch(/^LISTEN\s+1\s/)
    ok(await bench.engine.close(one.id))
    await bench.untilTrue(() => bench.engine.counters(two.id)?.inBytes === 5)
  })

  test('changes how it accepts while it listens, and loses nobody', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), echo)
    const before = openDescriptors()
    ok(await bench.engine.setAccept(listener.id, 'manually'))
    const callers: ConnectionId[] = []
    for (let n = 0; n < 3; n++) callers.push((await bench.dial(listener.at)).id)
    expect(bench.engine.connectionsOf(listener.id)).toEqual([])
    ok(await bench.engine.accept(listener.id))
    expect(bench.engine.connectionsOf(listener.id)).toHaveLength(1)
    ok(await bench.engine.setAccept(listener.id, 'automatically'))
    for (const id of callers) ok(bench.engine.send(id, utf8('x')))
    await bench.untilTrue(() => callers.every((id) => bench.engine.counters(id)?.inBytes === 1))
    expect(faultOf(await bench.engine.accept(listener.id))).toMatchObject({ code: 'SB_STATE' })
    await Promise.all(callers.map((id) => bench.engine.close(id)))
    await bench.untilTrue(() => bench.engine.connectionsOf(listener.id).length === 0)
    // The thread that watches has a pipe and its own.
    await bench.untilTrue(() => openDescriptors() - before <= 12)
  })

  test('an accept waits for a caller, and is told when the listener closes first', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), undefined, { accept: 'manually' })
    const waiting = bench.engine.accept(listener.id)
    await bench.until(listener.id, (summary) => summary.kind === 'listener' && summary.acceptsWaiting === 1)
    const { id } = await bench.dial(listener.at)
    expect(bench.engine.summary(ok(await waiting).connection)).toMatchObject({ state: { phase: 'open' } })
    const second = bench.engine.accept(listener.id)
    ok(await bench.engine.closeListener(listener.id))
    expect(faultOf(await second).code).toBe('SB_CANCELLED')
    expect(listening(listener.port)).toBe('')
    expect(bench.engine.summary(id)).toMatchObject({ state: { phase: 'open' } })
  })

  test('of a path has its queue told, too, and takes its file along', async () => {
    await using bench = withWatcher()
    const path = `/tmp/sb-native-${process.pid}.sock`
    const listener = await bench.listen({ kind: 'unix', path }, echo, { backlog: 3, accept: 'manually' })
    for (let n = 0; n < 2; n++) await bench.dial(listener.at)
    expect(bench.engine.summary(listener.id)).toMatchObject({ queue: { length: 2, limit: 3 } })
    expect(ss('-Hxl', 'src', path)).toMatch(/LISTEN\s+2\s+3\s/)
    ok(await bench.engine.setAccept(listener.id, 'automatically'))
    await bench.untilTrue(() => bench.engine.connectionsOf(listener.id).length === 2)
    ok(await bench.engine.closeListener(listener.id))
    expect(() => execFileSync('test', ['-e', path])).toThrow()
  })

  test('without the thread that watches says what is missing', async () => {
    await using bench = setUp()
    const fault = faultOf(await bench.engine.listen(loopback(), echo, { accept: 'serially' }))
    expect(fault.code).toBe('SB_UNSUPPORTED')
  })
})

describe.skipIf(process.platform !== 'linux' || calls() === null)('ten thousand sockets', () => {
  test('made natively, opened and closed, leave no descriptor and no socket behind', async () => {
    await using bench = withWatcher()
    const listener = await bench.listen(loopback(), undefined, { backlog: 50, accept: 'manually' })
    await dialled(bench, listener.at, { ttl: 9 })
    ok(await bench.engine.accept(listener.id))
    const before = openDescriptors()
    const left = (): string =>
      ss('-Htan', 'state', 'connected', 'exclude', 'time-wait', `sport = :${listener.port}`)
    const sockets = left().split('\n').length
    for (let n = 0; n < 2500; n++) {
      const { id } = await dialled(bench, listener.at, { ttl: 9, lingerSeconds: 0 })
      const { connection } = ok(await bench.engine.accept(listener.id))
      ok(await bench.engine.reset(id))
      await bench.until(connection, ({ state }) => state.phase === 'closed')
      const udp = ok(
        await bench.engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }, { reusePort: true }),
      )
      ok(await bench.engine.closeUdp(udp.id))
      const other = ok(await bench.engine.listen(loopback(), echo, { reuseAddress: false }))
      ok(await bench.engine.closeListener(other.id))
    }
    await bench.untilTrue(() => openDescriptors() <= before)
    expect(left().split('\n').length).toBe(sockets)
  }, 180_000)
})
