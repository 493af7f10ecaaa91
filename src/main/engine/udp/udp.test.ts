import { describe, expect, test } from 'vitest'
import { hasPort, type Endpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { faultOf, ok, python, setUp, utf8, type Bench } from '../testing/bench'

const udp = (port: number, host = '127.0.0.1'): Endpoint => ({ kind: 'udp', host, port })
const any = udp(0)

async function bound(bench: Bench, at = any, options = {}) {
  const summary = ok(await bench.engine.bindUdp(at, options))
  if (summary.state.phase !== 'bound') throw new Error('not bound')
  const { at: local } = summary.state
  return { id: summary.id, at: local, port: hasPort(local) ? local.port : 0 }
}

const texts = (bench: Bench, id: SocketId) =>
  bench.recorder
    .of(id)
    .chunks('in')
    .map((each) => Buffer.from(each).toString())

describe('a UDP socket', () => {
  test('exchanges datagrams with Python, each whole and with its addresses', async () => {
    await using bench = setUp()
    const socket = await bound(bench)
    await using peer = python(
      `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); say("port %d." % s.getsockname()[1])
for i in range(3):
  b, a = s.recvfrom(70000); say("got %d from %d." % (len(b), a[1])); s.sendto(b.upper(), a)`,
    )
    const port = Number(/port (\d+)\./.exec(await peer.printed('.\n'))?.[1])
    expect(ok(await bench.engine.sendUdp(socket.id, utf8('one'), udp(port)))).toEqual({
      lengthBytes: 3,
      takenBytes: 3,
      queuedBytes: 0,
    })
    ok(await bench.engine.sendUdp(socket.id, new Uint8Array(0), udp(port)))
    ok(await bench.engine.sendUdp(socket.id, utf8('two'), udp(port, 'localhost')))
    await bench.untilTrue(() => texts(bench, socket.id).length === 3)
    expect(texts(bench, socket.id)).toEqual(['ONE', '', 'TWO'])
    expect(await peer.printed('got 0')).toContain(`got 3 from ${socket.port}.`)
    const remotes = bench.recorder
      .of(socket.id)
      .entries.flatMap((each) => (each.kind === 'data' ? [each.remote] : []))
    expect(new Set(remotes.map((each) => JSON.stringify(each)))).toEqual(new Set([JSON.stringify(udp(port))]))
    expect(bench.engine.counters(socket.id)).toMatchObject({
      inBytes: 6,
      inChunks: 3,
      outBytes: 6,
      outChunks: 3,
    })
    expect(bench.recorder.of(socket.id).story()).toEqual(['bound'])
  })

  test('works over IPv6', async () => {
    await using bench = setUp()
    const one = await bound(bench, udp(0, '::1'))
    const two = await bound(bench, udp(0, '::1'))
    ok(await bench.engine.sendUdp(one.id, utf8('six'), two.at))
    await bench.untilTrue(() => texts(bench, two.id).length === 1)
    expect(faultOf(await bench.engine.sendUdp(one.id, utf8('x'), udp(9)))).toMatchObject({
      endpoint: 'udp://127.0.0.1:9',
    })
  })

  test('sends nowhere without an address, unless it is connected', async () => {
    await using bench = setUp()
    const one = await bound(bench)
    const two = await bound(bench)
    expect(faultOf(await bench.engine.sendUdp(one.id, utf8('x'), null)).code).toBe('SB_STATE')
    expect(ok(await bench.engine.connectUdp(one.id, two.at)).state).toMatchObject({
      phase: 'bound',
      peer: two.at,
    })
    ok(await bench.engine.sendUdp(one.id, utf8('to my peer'), null))
    await bench.untilTrue(() => texts(bench, two.id).includes('to my peer'))
    expect(faultOf(await bench.engine.sendUdp(one.id, utf8('x'), any)).code).toBe('SB_INPUT')
    expect(faultOf(await bench.engine.sendUdp(one.id, utf8('x'), two.at)).code).toBe('SB_STATE')
    expect(ok(bench.engine.disconnectUdp(one.id)).state).toMatchObject({ phase: 'bound', peer: null })
    expect(faultOf(bench.engine.disconnectUdp(one.id)).code).toBe('SB_STATE')
    ok(await bench.engine.sendUdp(one.id, utf8('free again'), two.at))
    await bench.untilTrue(() => texts(bench, two.id).includes('free again'))
    expect(
      bench.recorder
        .of(one.id)
        .story()
        .filter((each) => each === 'peerSet'),
    ).toHaveLength(2)
  })

  test('that is connected hears of the port where nothing is, and stays open', async () => {
    await using bench = setUp()
    const gone = await bound(bench)
    const socket = await bound(bench)
    ok(await bench.engine.connectUdp(socket.id, gone.at))
    ok(await bench.engine.closeUdp(gone.id))
    ok(await bench.engine.sendUdp(socket.id, utf8('anybody?'), null))
    await bench.untilTrue(() => bench.recorder.of(socket.id).story().includes('failed'))
    const failure = bench.recorder
      .of(socket.id)
      .events()
      .find((each) => each.what === 'failed')
    expect(failure).toMatchObject({ fault: { code: 'ECONNREFUSED' } })
    expect(bench.engine.summary(socket.id)).toMatchObject({ state: { phase: 'bound' } })
  })

  test('refuses a datagram that is too long, with its errno and a hint', async () => {
    await using bench = setUp()
    const socket = await bound(bench)
    const fault = faultOf(await bench.engine.sendUdp(socket.id, new Uint8Array(65_508), udp(socket.port)))
    expect(fault).toMatchObject({ code: 'EMSGSIZE', syscall: 'send' })
    expect(fault.hint).toContain('65,507')
    ok(await bench.engine.sendUdp(socket.id, new Uint8Array(65_507), udp(socket.port)))
  })

  test('is refused a broadcast until the option is set', async () => {
    await using bench = setUp()
    const socket = await bound(bench, udp(0, '0.0.0.0'))
    const to = udp(9, '127.255.255.255')
    const fault = faultOf(await bench.engine.sendUdp(socket.id, utf8('x'), to))
    expect(fault).toMatchObject({ code: 'EACCES', syscall: 'send' })
    expect(fault.hint).toContain('broadcast')
    const connected = faultOf(await bench.engine.connectUdp(socket.id, to))
    expect(connected).toMatchObject({ code: 'EACCES', syscall: 'connect' })
    expect(connected.hint).toContain('broadcast')
    expect(ok(bench.engine.setUdpOptions(socket.id, { broadcast: true }))).toMatchObject([
      { name: 'SO_BROADCAST', value: true, asked: true },
    ])
    ok(await bench.engine.sendUdp(socket.id, utf8('x'), to))
  })

  test('hears a group on the loopback interface until it leaves it', async () => {
    await using bench = setUp()
    const group = '239.255.42.42'
    const member = await bound(bench, udp(0, '0.0.0.0'), { reuseAddress: true })
    expect(ok(bench.engine.joinGroup(member.id, group, '127.0.0.1')).groups).toEqual([
      `${group} on 127.0.0.1`,
    ])
    await using peer = python(
      `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
for line in sys.stdin: s.sendto(line.strip().encode(), (sys.argv[1], int(sys.argv[2]))); s.sendto(line.strip().upper().encode(), ("127.0.0.1", int(sys.argv[2])))`,
      group,
      member.port,
    )
    peer.child.stdin.write('in the group\n')
    await bench.untilTrue(() => texts(bench, member.id).includes('IN THE GROUP'))
    expect(texts(bench, member.id)).toContain('in the group')
    const sender = await bound(bench)
    ok(bench.engine.joinGroup(sender.id, group, '127.0.0.1'))
    ok(await bench.engine.sendUdp(sender.id, utf8('from ourselves'), udp(member.port, group)))
    await bench.untilTrue(() => texts(bench, member.id).includes('from ourselves'))
    expect(ok(bench.engine.leaveGroup(member.id, group, '127.0.0.1')).groups).toEqual([])
    ok(bench.engine.leaveGroup(sender.id, group, '127.0.0.1'))
    peer.child.stdin.write('left\n')
    await bench.untilTrue(() => texts(bench, member.id).includes('LEFT'))
    expect(texts(bench, member.id)).not.toContain('left')
    expect(bench.recorder.of(member.id).story()).toEqual(['bound', 'optionsSet', 'groupJoined', 'groupLeft'])
  })

  test('joins no address that is no group', async () => {
    await using bench = setUp()
    const socket = await bound(bench)
    for (const group of ['10.0.0.1', 'nonsense', 'ff02::1']) {
      const fault = faultOf(bench.engine.joinGroup(socket.id, group))
      expect(['EINVAL', 'SB_INPUT']).toContain(fault.code)
      expect(fault.hint).toBeDefined()
    }
    expect(faultOf(bench.engine.leaveGroup(socket.id, '239.1.1.1', '127.0.0.1'))).toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
  })

  test('says when its port is taken, its host unknown, its address not ours', async () => {
    await using bench = setUp()
    const first = await bound(bench)
    expect(faultOf(await bench.engine.bindUdp(first.at))).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'bind',
    })
    expect(faultOf(await bench.engine.bindUdp(udp(0, 'no-such-host.invalid')))).toMatchObject({
      syscall: 'getaddrinfo',
    })
    expect(faultOf(await bench.engine.bindUdp(udp(0, '203.0.113.7')))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    })
    expect(faultOf(await bench.engine.bindUdp({ kind: 'tcp', host: '127.0.0.1', port: 0 })).code).toBe(
      'SB_INPUT',
    )
    expect(
      faultOf(await bench.engine.sendUdp(first.id, utf8('x'), udp(9, 'no-such-host.invalid'))),
    ).toMatchObject({ syscall: 'getaddrinfo' })
    expect(faultOf(await bench.engine.sendUdp(first.id, utf8('x'), udp(0))).code).toBe('SB_INPUT')
  })

  test('answers a send that its close overtook', async () => {
    await using bench = setUp()
    const socket = await bound(bench)
    const sends = Array.from({ length: 20 }, () => bench.engine.sendUdp(socket.id, utf8('x'), socket.at))
    await Promise.resolve()
    ok(await bench.engine.closeUdp(socket.id))
    for (const each of await Promise.all(sends))
      if (!each.ok) expect(['SB_STATE', 'ECANCELED']).toContain(each.fault.code)
  })

  test('closes once, and frees its port', async () => {
    await using bench = setUp()
    const socket = await bound(bench)
    expect(ok(await bench.engine.closeUdp(socket.id)).state).toMatchObject({ phase: 'closed' })
    expect(faultOf(await bench.engine.closeUdp(socket.id)).code).toBe('SB_STATE')
    expect(faultOf(await bench.engine.sendUdp(socket.id, utf8('x'), any)).code).toBe('SB_STATE')
    await bound(bench, socket.at)
  })
})
