import dns from 'node:dns'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { echo, faultOf, has, loopback, ok, setUp, start, utf8 } from '../testing/bench'

const tcp = (host: string, port: number): Endpoint => ({ kind: 'tcp', host, port })

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Has the resolver answer with an IPv6 and an IPv4 address, which not every machine does for any name of its own. */
function resolveToBoth(): void {
  const both = [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]
  const answer = (_host: string, _options: unknown, told: (error: null, addresses: unknown) => void) =>
    told(null, both)
  vi.spyOn(dns, 'lookup').mockImplementation(answer as never)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a dial', () => {
  test('answers at once, and tells how it goes on', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    const { id, state } = ok(bench.engine.dial(listener.at))
    expect(state).toMatchObject({ phase: 'dialling', to: listener.at })
    const open = ok(await bench.engine.dialled(id))
    expect(open.state).toMatchObject({
      phase: 'open',
      remote: listener.at,
      local: { kind: 'tcp', host: '127.0.0.1' },
    })
    const accepted = await bench.accepted(listener.id)
    expect(bench.engine.summary(accepted)).toMatchObject({
      listener: listener.id,
      state: open.state.phase === 'open' ? { local: open.state.remote, remote: open.state.local } : {},
    })
    expect(bench.recorder.of(id).story()).toEqual(['dialling', 'attempted', 'opened'])
  })

  test.skipIf(!has('ncat'))('reaches ncat, exchanges bytes, and ends with it', async () => {
    await using bench = setUp()
    const port = await freePort()
    await using peer = start('ncat', ['-l', '127.0.0.1', String(port), '-e', '/bin/cat'])
    let id = ok(bench.engine.dial(loopback(port))).id
    // ncat needs a moment until it listens.
    while (ok(await bench.engine.dialled(id)).state.phase !== 'open')
      id = ok(bench.engine.dial(loopback(port))).id
    ok(bench.engine.send(id, utf8('mind this')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'mind this')
    ok(await bench.engine.halfClose(id))
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'fin', by: 'local' })
    await peer.ended()
  })

  test('to a port on which nothing listens is refused, with a hint', async () => {
    await using bench = setUp()
    const port = await freePort()
    const { id, state } = await bench.dial(loopback(port))
    expect(state).toMatchObject({
      phase: 'failed',
      fault: { code: 'ECONNREFUSED', syscall: 'connect', endpoint: `tcp://127.0.0.1:${port}` },
      attempts: [{ address: `tcp://127.0.0.1:${port}`, outcome: 'failed', fault: { code: 'ECONNREFUSED' } }],
    })
    expect(bench.recorder.of(id).story()).toEqual(['dialling', 'attempted', 'failed'])
    expect(bench.recorder.of(id).hasEnded).toBe(true)
    expect(faultOf(bench.engine.send(id, utf8('x'))).code).toBe('SB_STATE')
  })

  test('to a name that does not resolve says so', async () => {
    await using bench = setUp()
    const { state } = await bench.dial(tcp('no-such-host.invalid', 80))
    expect(state).toMatchObject({
      phase: 'failed',
      fault: { syscall: 'getaddrinfo', endpoint: 'tcp://no-such-host.invalid:80' },
    })
    if (state.phase !== 'failed') throw new Error('it did not fail')
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(state.fault.code)
    expect(state.fault.hint).toBeDefined()
  })

  test('over IPv6 tells IPv6 addresses', async () => {
    await using bench = setUp()
    const listener = await bench.listen(tcp('::1', 0), echo)
    const { state } = await bench.dial(listener.at)
    expect(state).toMatchObject({
      phase: 'open',
      remote: { host: '::1', port: listener.port },
      local: { host: '::1' },
    })
  })

  test('to localhost reaches a listener on 127.0.0.1 only', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { state } = await bench.dial(tcp('localhost', listener.port))
    expect(state).toMatchObject({ phase: 'open', remote: { host: '127.0.0.1' } })
  })

  test('to a name with two addresses of which none answers tells both attempts', async () => {
    await using bench = setUp()
    const port = await freePort()
    resolveToBoth()
    const { state } = await bench.dial(tcp('both.test', port))
    if (state.phase !== 'failed') throw new Error('it did not fail')
    expect(state.attempts).toMatchObject([
      { address: `tcp://[::1]:${port}`, outcome: 'failed', fault: { code: 'ECONNREFUSED' } },
      { address: `tcp://127.0.0.1:${port}`, outcome: 'failed', fault: { code: 'ECONNREFUSED' } },
    ])
    expect(state.fault).toMatchObject({ code: 'ECONNREFUSED', endpoint: `tcp://both.test:${port}` })
    expect(state.fault.attempts?.map((each) => each.code)).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
  })

  test('to a name with two addresses goes on to the one that answers', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), echo)
    resolveToBoth()
    const { id, state } = await bench.dial(tcp('both.test', listener.port))
    expect(state).toMatchObject({ phase: 'open', remote: { host: '127.0.0.1', port: listener.port } })
    const attempts = bench.recorder
      .of(id)
      .events()
      .filter((each) => each.what === 'attempted')
    expect(attempts).toMatchObject([
      { address: `tcp://[::1]:${listener.port}`, outcome: 'failed' },
      { outcome: 'connected' },
    ])
    ok(bench.engine.send(id, utf8('over the second handle')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'over the second handle')
  })

  test('that is cancelled has failed, and leaves no connection behind', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = ok(bench.engine.dial(listener.at))
    expect(ok(await bench.engine.close(id)).state).toMatchObject({
      phase: 'failed',
      fault: { code: 'SB_CANCELLED' },
    })
    const named = ok(bench.engine.dial(tcp('localhost', listener.port)))
    expect(ok(await bench.engine.reset(named.id)).state).toMatchObject({
      phase: 'failed',
      fault: { code: 'SB_CANCELLED' },
    })
    expect(ok(await bench.engine.dialled(id)).state.phase).toBe('failed')
  })

  test('binds the local port that is asked for', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const localPort = await freePort()
    const { id } = ok(bench.engine.dial(listener.at, { localHost: '127.0.0.1', localPort }))
    expect(ok(await bench.engine.dialled(id)).state).toMatchObject({
      phase: 'open',
      local: { port: localPort },
    })
  })

  test('from an address that this machine does not have, or that is none, fails with a word', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const other = ok(bench.engine.dial(listener.at, { localHost: '203.0.113.7' }))
    expect(ok(await bench.engine.dialled(other.id)).state).toMatchObject({
      phase: 'failed',
      fault: { code: 'EADDRNOTAVAIL' },
    })
    const none = ok(bench.engine.dial(listener.at, { localHost: 'nonsense' }))
    expect(ok(await bench.engine.dialled(none.id)).state).toMatchObject({
      phase: 'failed',
      fault: { code: 'SB_INPUT' },
    })
  })

  test('sends nothing before it is open', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback())
    const { id } = ok(bench.engine.dial(listener.at))
    expect(faultOf(bench.engine.send(id, utf8('too early')))).toMatchObject({ code: 'SB_STATE' })
    expect(faultOf(await bench.engine.halfClose(id))).toMatchObject({ code: 'SB_STATE' })
  })
})

describe('what makes no sense', () => {
  test.each<[string, Endpoint]>([
    ['port 70000', tcp('127.0.0.1', 70000)],
    ['port -1', tcp('127.0.0.1', -1)],
    ['half a port', tcp('127.0.0.1', 1.5)],
    ['port 0 as a destination', tcp('127.0.0.1', 0)],
    ['no host', tcp('', 80)],
    ['an empty path', { kind: 'unix', path: '' }],
    ['a UDP address', { kind: 'udp', host: '127.0.0.1', port: 9 }],
  ])('is refused: %s', async (_, to) => {
    await using bench = setUp()
    const reply = bench.engine.dial(to)
    expect(faultOf(reply)).toMatchObject({ code: 'SB_INPUT' })
    expect(faultOf(reply).summary).not.toBe('')
    expect(bench.engine.summaries()).toEqual([])
  })
})
