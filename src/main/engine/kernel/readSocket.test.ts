import { describe, expect, test } from 'vitest'
import { tcpStateName, type KernelValues } from '../../../shared/model/kernel'
import { type SocketId } from '../../../shared/model/ids'
import { hasPort, type Endpoint } from '../../../shared/model/endpoint'
import { ok, setUp, silent, start, scratchFolder, utf8, loopback, type Bench } from '../testing/bench'
import { hasSs, ss, type SsSocket } from '../testing/ss'

const isLinux = process.platform === 'linux'

function read(bench: Bench, id: SocketId): KernelValues {
  const reading = bench.engine.readKernel(id)
  if (reading === null) throw new Error(`the kernel says nothing of ${id}`)
  return reading.values
}

/** What ss says of a socket by its local port; the first that fits. */
function asSs(kind: '-t' | '-u', port: number, state?: string): SsSocket {
  return theOne(port, ss(kind, `sport = :${port}`), state)
}

/** One end of a connection: a port of its own may be that of another connection, to elsewhere, at the same time. */
function endAsSs({ local, remote }: { readonly local: Endpoint; readonly remote: Endpoint }): SsSocket {
  const port = portOf(local)
  return theOne(port, ss('-t', `sport = :${port} and dport = :${portOf(remote)}`))
}

function theOne(port: number, sockets: readonly SsSocket[], state?: string): SsSocket {
  const found = sockets.find((each) => state === undefined || each.state === state)
  if (found === undefined) throw new Error(`ss knows no socket at ${port}`)
  return found
}

/** SK_MEMINFO as ss calls it, and by our names. */
const memoryNames = {
  r: 'rmemAlloc',
  rb: 'rcvbuf',
  t: 'wmemAlloc',
  tb: 'sndbuf',
  f: 'fwdAlloc',
  w: 'wmemQueued',
  o: 'optmem',
  bl: 'backlog',
  d: 'drops',
} as const

function expectMemory(values: KernelValues, theirs: SsSocket): void {
  const ours = Object.fromEntries(Object.entries(memoryNames).map(([letter, name]) => [letter, values[name]]))
  expect(ours).toEqual(theirs.memory)
}

const portOf = (endpoint: Endpoint): number => (hasPort(endpoint) ? endpoint.port : 0)

describe.skipIf(!isLinux || !hasSs())('what the kernel says is what ss says', () => {
  test('of an idle connection that has carried something: state, queues, memory and all of TCP_INFO', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), silent)
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.send(id, new Uint8Array(300_000).fill(120)))
    await bench.untilTrue(() => bench.recorder.of(other).bytes('in').length === 300_000)
    ok(bench.engine.send(other, utf8('a short answer')))
    await bench.untilTrue(() => bench.recorder.of(id).bytes('in').length === 14)
    await bench.untilTrue(() => read(bench, other).unacked === 0 && read(bench, id).unacked === 0)
    const { state } = await bench.phase(id, 'open')
    if (state.phase !== 'open') throw new Error('it is not open')

    // Between two equal readings of ours nothing can have changed for ss.
    const before = read(bench, id)
    const theirs = endAsSs(state)
    const values = read(bench, id)
    expect(still(before)).toEqual(still(values))

    expect(theirs.state).toBe('ESTAB')
    expect(tcpStateName(values.state ?? 0)).toBe('ESTABLISHED')
    expect([values.recvQ, values.sendQ]).toEqual([theirs.recvQ, theirs.sendQ])
    expectMemory(values, theirs)
    const word = (name: string): string | undefined => theirs.words.get(name)
    const number = (name: string): number => parseFloat(word(name) ?? '0')
    expect(word('rtt')).toBe(`${millis(values.rtt)}/${millis(values.rttvar)}`)
    expect(word('rto')).toBe(millis(values.rto))
    expect(word('minrtt')).toBe(millis(values.minRtt))
    expect(word('wscale')).toBe(`${values.sndWscale},${values.rcvWscale}`)
    expect({
      cwnd: values.sndCwnd,
      mss: values.sndMss,
      rcvmss: values.rcvMss,
      advmss: values.advmss,
      pmtu: values.pmtu,
      bytes_sent: values.bytesSent,
      bytes_acked: values.bytesAcked,
      bytes_received: values.bytesReceived,
      segs_out: values.segsOut,
      segs_in: values.segsIn,
      data_segs_out: values.dataSegsOut,
      data_segs_in: values.dataSegsIn,
      rcv_space: values.rcvSpace,
      rcv_ssthresh: values.rcvSsthresh,
      delivered: values.delivered,
      snd_wnd: values.sndWnd,
      busy: Math.floor((values.busyTime ?? 0) / 1000),
      delivery_rate: (values.deliveryRate ?? 0) * 8,
      pacing_rate: (values.pacingRate ?? 0) * 8,
    }).toEqual({
      cwnd: number('cwnd'),
      mss: number('mss'),
      rcvmss: number('rcvmss'),
      advmss: number('advmss'),
      pmtu: number('pmtu'),
      bytes_sent: number('bytes_sent'),
      bytes_acked: number('bytes_acked'),
      bytes_received: number('bytes_received'),
      segs_out: number('segs_out'),
      segs_in: number('segs_in'),
      data_segs_out: number('data_segs_out'),
      data_segs_in: number('data_segs_in'),
      rcv_space: number('rcv_space'),
      rcv_ssthresh: number('rcv_ssthresh'),
      delivered: number('delivered'),
      snd_wnd: number('snd_wnd'),
      busy: number('busy'),
      delivery_rate: number('delivery_rate'),
      pacing_rate: number('pacing_rate'),
    })
    expect((values.bytesSent ?? 0) - (values.bytesRetrans ?? 0)).toBe(300_000)
    // SYN counts as one byte.
    expect(values.bytesAcked).toBe(300_001)
    const reading = bench.engine.readKernel(id)
    expect([...theirs.words.keys(), ...theirs.words.values()].join(' ')).toContain(
      reading?.congestion ?? 'none',
    )
  })

  test('of a peer that reads nothing: Send-Q here, Recv-Q there, and time held back by its window', async () => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), silent, { accepted: { receiveBufferBytes: 8192 } })
    const { id, state } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.pause(other))
    ok(bench.engine.send(id, new Uint8Array(1_000_000)))
    await bench.untilTrue(() => (read(bench, id).rwndLimited ?? 0) > 0 && (read(bench, other).recvQ ?? 0) > 0)
    if (state.phase !== 'open') throw new Error('it is not open')
    const [ours, theirs] = steady(
      () => read(bench, id),
      () => endAsSs(state),
      ['recvQ', 'sendQ', 'notsentBytes', 'unacked', 'sndWnd'],
    )
    expect(ours.sendQ).toBeGreaterThan(0)
    expect(ours.sendQ).toBe(theirs.sendQ)
    expect(ours.notsentBytes).toBe(Number(theirs.words.get('notsent')))
    expect(theirs.words.has('rwnd_limited')).toBe(true)
    const there = endAsSs({ local: state.remote, remote: state.local })
    expect(read(bench, other).recvQ).toBe(there.recvQ)
  })

  test('of a listener: how many wait to be accepted, and how many may', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    // It takes nobody: the program is stopped.
    await using python = start('python3', [
      '-c',
      `import socket, sys
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(3)
print(s.getsockname()[1], flush=True)
sys.stdin.read()`,
    ])
    const port = Number(await python.printed('\n'))
    const clients = await Promise.all([1, 2, 3].map(() => bench.dial(loopback(port))))
    expect(clients).toHaveLength(3)
    const theirs = asSs('-t', port, 'LISTEN')
    expect([theirs.recvQ, theirs.sendQ]).toEqual([3, 3])

    // Ours accepts at once: its queue is empty, its limit is what was asked.
    const listener = await bench.listen(loopback(), silent, { backlog: 7 })
    const own = asSs('-t', listener.port, 'LISTEN')
    const values = read(bench, listener.id)
    expect([values.acceptQueue, values.acceptLimit]).toEqual([own.recvQ, own.sendQ])
    expect(values.acceptLimit).toBe(7)
    expect(tcpStateName(values.state ?? 0)).toBe('LISTEN')
    expectMemory(values, own)

    const path = `${folder.path}/s`
    const unix = await bench.listen({ kind: 'unix', path }, silent, { backlog: 9 })
    const listed = ss('-x', 'src', path).find((each) => each.state === 'LISTEN')
    expect(read(bench, unix.id)).toMatchObject({ acceptQueue: listed?.recvQ, acceptLimit: listed?.sendQ })
    expect(read(bench, unix.id).acceptLimit).toBe(9)
  })

  test('of a Unix connection: what the peer has not read, and who the peer is', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const listener = await bench.listen({ kind: 'unix', path: `${folder.path}/s` }, silent)
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.pause(other))
    ok(bench.engine.send(id, new Uint8Array(5000)))
    expect(read(bench, other)).toMatchObject({
      recvQ: 5000,
      peerPid: process.pid,
      peerUid: process.getuid?.(),
    })
    const theirs = ss('-x', 'src', `${folder.path}/s`).find((each) => each.state === 'ESTAB')
    expect(theirs?.recvQ).toBe(5000)
    expect(read(bench, id).sendQ).toBeGreaterThanOrEqual(5000)
    expectMemory(
      read(bench, id),
      ss('-x').find((each) => each.memory['t'] === read(bench, id).wmemAlloc)!,
    )
  })

  test('of a flood of datagrams: sent is received and dropped, to the last one', async () => {
    await using bench = setUp()
    const bound = ok(
      await bench.engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }, { receiveBufferBytes: 4096 }),
    )
    if (bound.state.phase !== 'bound') throw new Error('it is not bound')
    const port = portOf(bound.state.at)
    await using python = start('python3', [
      '-c',
      `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(20000): s.sendto(b'x' * 100, ('127.0.0.1', ${port}))
print('done', flush=True)`,
    ])
    await python.ended()
    await bench.untilTrue(() => read(bench, bound.id).recvQ === 0)
    const values = read(bench, bound.id)
    const received = bench.recorder.of(bound.id).chunks('in').length
    expect(received + (values.drops ?? 0)).toBe(20_000)
    expect(values.drops).toBeGreaterThan(0)
    expectMemory(values, asSs('-u', port))
    expect(bench.engine.summary(bound.id)).toMatchObject({ dropped: values.drops })
    ok(await bench.engine.closeUdp(bound.id))
    expect(bench.recorder.of(bound.id).drops).toBe(values.drops)
  })
})

/** What does not move while nobody sends. */
function still(values: KernelValues): KernelValues {
  const { lastDataSent: _1, lastDataRecv: _2, lastAckRecv: _3, ...rest } = values
  return rest
}

/** Reads here, there and here again until these fields of ours are the same before and after. */
function steady(
  ours: () => KernelValues,
  theirs: () => SsSocket,
  fields: readonly (keyof KernelValues)[],
): readonly [KernelValues, SsSocket] {
  for (let n = 0; n < 100; n++) {
    const before = ours()
    const between = theirs()
    const after = ours()
    if (fields.every((field) => before[field] === after[field])) return [after, between]
  }
  throw new Error('it never stood still')
}

/** Microseconds as ss writes milliseconds. */
function millis(micros = 0): string {
  return String(Number((micros / 1000).toPrecision(6)))
}
