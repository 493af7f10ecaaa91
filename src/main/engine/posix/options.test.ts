import { describe, expect, test } from 'vitest'
import { type OptionReading } from '../../../shared/model/options'
import { loopback, ok, python, setUp } from '../testing/bench'
import { sockopt } from './sockopt'

const canRead = sockopt() !== null
const value = (readings: readonly OptionReading[], name: string) =>
  readings.find((each) => each.name === name)?.value

describe.skipIf(!canRead)('options', () => {
  test('are set and read back from the kernel', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const readings = ok(
      bench.engine.setStreamOptions(id, {
        noDelay: true,
        keepAlive: true,
        keepAliveDelayMs: 30_000,
        ttl: 42,
        receiveBufferBytes: 20_000,
      }),
    )
    expect(readings).toMatchObject([
      { name: 'TCP_NODELAY', value: true, asked: true },
      { name: 'SO_KEEPALIVE', value: true, asked: true },
      { name: 'TCP_KEEPIDLE', value: 30, asked: 30 },
      { name: 'IP_TTL', value: 42, asked: 42 },
      { name: 'SO_RCVBUF', asked: 20_000 },
    ])
    if (process.platform === 'linux') {
      expect(readings[4]).toMatchObject({ value: 40_000 })
      expect(readings[4]?.note).toContain('doubles')
    }
    expect(bench.engine.summary(id)).toMatchObject({ options: readings })
    expect(bench.recorder.of(id).story()).toContain('optionsSet')
    const all = ok(bench.engine.readOptions(id))
    expect(value(all, 'IP_TTL')).toBe(42)
    expect(value(all, 'SO_SNDBUF')).toBeGreaterThan(0)
    expect(all.find((each) => each.name === 'SO_RCVBUF')).toMatchObject({ asked: 20_000 })
  })

  test('that a time rounds to whole seconds is said', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const [reading] = ok(bench.engine.setStreamOptions(id, { keepAliveDelayMs: 1500 }))
    expect(reading).toMatchObject({ name: 'TCP_KEEPIDLE', value: 2 })
    expect(reading?.note).toContain('1500 ms')
  })

  test('of a dial and of accepted connections are there from the start', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), undefined, { accepted: { noDelay: true, ttl: 7 } })
    const { id } = ok(bench.engine.dial(listener.at, { noDelay: true }))
    expect(ok(await bench.engine.dialled(id)).options).toMatchObject([{ name: 'TCP_NODELAY', value: true }])
    expect(bench.engine.summary(await bench.accepted(listener.id))).toMatchObject({
      options: [
        { name: 'TCP_NODELAY', value: true },
        { name: 'IP_TTL', value: 7 },
      ],
    })
  })

  test('agree with what Python reads of a fresh socket', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    await using peer = python(
      `s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); g = s.getsockopt
say("%d %d %d %d." % (g(6, socket.TCP_NODELAY), g(1, socket.SO_KEEPALIVE), g(6, socket.TCP_KEEPIDLE), g(0, socket.IP_TTL)))`,
      listener.port,
    )
    const all = ok(bench.engine.readOptions(id))
    const ours = ['TCP_NODELAY', 'SO_KEEPALIVE', 'TCP_KEEPIDLE', 'IP_TTL'].map((name) =>
      Number(value(all, name)),
    )
    expect(await peer.printed('.\n')).toBe(`${ours.join(' ')}.\n`)
  })

  test('of IPv6 have their own names', async () => {
    await using bench = setUp()
    const listener = await bench.listen({ kind: 'tcp', host: '::1', port: 0 }, undefined, { ipv6Only: true })
    expect(value(ok(bench.engine.readOptions(listener.id)), 'IPV6_V6ONLY')).toBe(true)
    const { id } = await bench.dial(listener.at)
    expect(ok(bench.engine.setStreamOptions(id, { ttl: 9 }))).toMatchObject([
      { name: 'IPV6_UNICAST_HOPS', value: 9 },
    ])
  })

  test('of UDP are set, read back, and shown where the kernel allowed less', async () => {
    await using bench = setUp()
    const { id } = ok(
      await bench.engine.bindUdp(
        { kind: 'udp', host: '127.0.0.1', port: 0 },
        { multicastTtl: 3, multicastLoopback: false, receiveBufferBytes: 50_000 },
      ),
    )
    const all = ok(bench.engine.readOptions(id))
    expect(value(all, 'IP_MULTICAST_TTL')).toBe(3)
    expect(value(all, 'IP_MULTICAST_LOOP')).toBe(false)
    expect(value(all, 'SO_BROADCAST')).toBe(false)
    expect(value(all, 'SO_RCVBUF')).toBeGreaterThanOrEqual(50_000)
  })

  test('that a socket does not have are said to be missing', async () => {
    await using bench = setUp()
    const listener = await bench.listen({ kind: 'unix', path: `@options-${process.pid}` })
    const { id } = await bench.dial(listener.at)
    expect(ok(bench.engine.setStreamOptions(id, { noDelay: true }))).toMatchObject([
      { name: 'TCP_NODELAY', value: null, asked: true },
    ])
  })
})
