import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SPREAD_FLOATS, TCP_CLOSE, tcpStateName, type KernelSample } from '../../../shared/model/kernel'
import { isConnectionId, type SocketId } from '../../../shared/model/ids'
import { start } from '../../engine/testing/bench'
import { ss, hasSs } from '../../engine/testing/ss'
import { createService } from '../service'
import { listens } from '../testing/peer'
import { Session, temporaryFolder } from '../testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'session.swb')
  session = await begin('new')
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function begin(mode: 'new' | 'resume'): Promise<Session> {
  const created = await createService({ file, application: 'test', mode })
  if (!created.ok) throw new Error(created.fault.summary)
  return new Session(created.value)
}

function samplesOf(id: SocketId): KernelSample[] {
  return session.events.flatMap((event) =>
    event.name === 'kernel.sampled' && event.value.id === id && event.value.sample !== null
      ? [event.value.sample]
      : [],
  )
}

async function dialled(port: number): Promise<`C${number}`> {
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${port}` })
  await session.phase(id, 'open')
  if (!isConnectionId(id)) throw new Error(id)
  return id
}

const until = (id: SocketId, fits: (sample: KernelSample) => boolean): Promise<unknown> =>
  session.until('kernel.sampled', (told) => told.id === id && told.sample !== null && fits(told.sample))

describe.skipIf(process.platform !== 'linux')('the kernel’s view of a session', () => {
  test('is told of sockets that are looked at, and of no others; it is no row, and there when the session is gone on with', async () => {
    await using listener = await listens()
    const [one, other] = [await dialled(listener.port), await dialled(listener.port)]
    expect(await session.call('kernel.look', { sampled: [one], shown: [one, other] })).toMatchObject({
      rate: 2,
    })
    await session.call('kernel.configure', { rate: 50, isAll: false })
    const rows = (await session.call('capture.read', { id: one, from: 0, to: 100 })).size.rows
    await until(one, ({ of, values }) => of === 'tcp' && values.state === 1)
    await session.call('connection.send', { id: one, bytes: new Uint8Array(1000) })
    await until(one, ({ values }) => values.bytesAcked === 1001)
    expect(samplesOf(other)).toEqual([])
    const told = await session.call('kernel.sampling', {})
    expect(told).toMatchObject({ rate: 50, isAll: false, sockets: 1 })
    expect(told.costMicros).toBeGreaterThan(0)
    expect((await session.call('capture.read', { id: one, from: 0, to: 100 })).size.rows).toBe(rows + 1)

    const latest = await session.call('kernel.latest', { id: one })
    const span = { fromNanos: latest.firstNanos ?? 0, toNanos: (latest.sample?.atNanos ?? 0) + 1 }
    const query = {
      asker: 'test',
      id: one,
      fields: ['bytesAcked', 'state'] as ['bytesAcked', 'state'],
      parts: 1,
      ...span,
    }
    const series = await session.call('kernel.series', query)
    // SYN is acknowledged too.
    expect([...series.values]).toEqual([1, 1001, 1001, 1, 1, 1])

    await session[Symbol.asyncDispose]()
    session = await begin('resume')
    const again = await session.call('kernel.series', query)
    expect([...again.values]).toEqual([...series.values])
    expect(again.count).toBe(series.count)
    expect((await session.call('kernel.latest', { id: one })).sample?.values).toMatchObject({
      bytesSent: 1000,
    })
    expect((await session.call('kernel.latest', { id: other })).sample).toBeNull()
  })

  test('of all sockets, at the rate that is set, and of none when that is off', async () => {
    await using listener = await listens()
    const id = await dialled(listener.port)
    await session.call('kernel.configure', { rate: 20, isAll: true })
    await session.until('kernel.sampling', ({ sockets, perSecond }) => sockets === 1 && perSecond > 0)
    // Nobody looks at it: it is recorded, and not told.
    expect(samplesOf(id)).toEqual([])
    await session.call('kernel.look', { sampled: [id], shown: [id] })
    await until(id, () => true)
    await session.call('kernel.configure', { rate: 0, isAll: true })
    const { sample } = await session.call('kernel.latest', { id })
    await session.call('connection.send', { id, bytes: new Uint8Array(10) })
    await session.until('counters.ticked', (all) =>
      all.some(([each, { outBytes }]) => each === id && outBytes === 10),
    )
    expect((await session.call('kernel.latest', { id })).sample).toEqual(sample)
    expect(await session.call('kernel.sampling', {})).toMatchObject({ rate: 0, sockets: 0, perSecond: 0 })
  })

  test('goes on after the end: who closes first waits in TIME_WAIT, as ss tells too', async () => {
    await using listener = await listens()
    const id = await dialled(listener.port)
    const peer = await listener.caller()
    peer.socket.on('end', () => peer.socket.end())
    await session.call('kernel.look', { sampled: [], shown: [id] })
    const closed = await session.call('connection.close', { id })
    if (closed.state.phase !== 'closed' || closed.state.local.kind !== 'tcp') throw new Error('not closed')
    await until(id, ({ of, values }) => of === 'afterlife' && values.state === 6)
    const [sample] = samplesOf(id).filter(({ values }) => values.state === 6)
    expect(tcpStateName(sample?.values.state ?? 0)).toBe('TIME_WAIT')
    expect(sample?.values.timer).toBe(3)
    expect(sample?.values.timerMs).toBeGreaterThan(55_000)
    expect(sample?.values.timerMs).toBeLessThanOrEqual(60_000)
    if (hasSs()) {
      const theirs = ss('-t', `sport = :${closed.state.local.port} and dport = :${listener.port}`)
      expect(theirs.map(({ state }) => state)).toEqual(['TIME-WAIT'])
      expect(theirs[0]?.words.get('timer')).toMatch(/^\(timewait,(59|5\d\.?\d*|1min)/)
    }
  })

  test('of one that was reset there is nothing left', async () => {
    await using listener = await listens()
    const id = await dialled(listener.port)
    await session.call('kernel.look', { sampled: [], shown: [id] })
    await session.call('connection.reset', { id })
    await until(id, ({ of, values }) => of === 'afterlife' && values.state === TCP_CLOSE)
  })

  test('a peer that keeps its side open leaves ours in FIN_WAIT2', async () => {
    await using listener = await listens()
    const id = await dialled(listener.port)
    await listener.caller()
    await session.call('kernel.configure', { rate: 50, isAll: false })
    await session.call('kernel.look', { sampled: [id], shown: [id] })
    await session.call('connection.halfClose', { id })
    await until(id, ({ of, values }) => of === 'tcp' && values.state === 5)
    await session.call('connection.close', { id })
    await until(id, ({ of, values }) => of === 'afterlife' && values.state === 5)
    // What was known of it while it had a descriptor stays known, then and when the session is gone on with.
    const known = await session.call('kernel.latest', { id })
    expect(known).toMatchObject({ sample: { of: 'afterlife' }, before: { of: 'tcp', values: { state: 5 } } })
    await session[Symbol.asyncDispose]()
    session = await begin('resume')
    expect((await session.call('kernel.latest', { id })).before).toEqual(known.before)
  })

  test('tells a dial that nobody answers as SYN_SENT', async () => {
    // With a backlog of 0 one may wait to be accepted; the SYN of the next one is dropped.
    await using python = start('python3', [
      '-c',
      `import socket, sys
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)
print(s.getsockname()[1], flush=True)
sys.stdin.read()`,
    ])
    const port = Number(await python.printed('\n'))
    await dialled(port)
    const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${port}` })
    await session.call('kernel.configure', { rate: 50, isAll: false })
    await session.call('kernel.look', { sampled: [id], shown: [id] })
    await until(id, ({ values }) => values.state === 2)
  })

  test('folds many samples into parts: the least, the greatest and the last of each', async () => {
    await using listener = await listens()
    const id = await dialled(listener.port)
    await session.call('kernel.configure', { rate: 50, isAll: false })
    await session.call('kernel.look', { sampled: [id], shown: [id] })
    while (samplesOf(id).length < 90) {
      await session.call('connection.send', { id, bytes: new Uint8Array(100) })
      const { length } = samplesOf(id)
      await session.until('kernel.sampled', () => samplesOf(id).length > length)
    }
    await session.call('kernel.configure', { rate: 0, isAll: false })
    const all = samplesOf(id)
    const [fromNanos, toNanos, parts] = [all[3]?.atNanos ?? 0, all[80]?.atNanos ?? 0, 7]
    const series = await session.call('kernel.series', {
      asker: 'test',
      id,
      fields: ['bytesAcked', 'recvQ', 'acceptQueue'],
      fromNanos,
      toNanos,
      parts,
    })
    const told = all.filter(({ atNanos }) => atNanos >= fromNanos && atNanos < toNanos)
    // An event may replace one before it within a frame; the recording has them all.
    expect(series.count).toBeGreaterThanOrEqual(told.length)
    const acked = series.values.subarray(0, parts * SPREAD_FLOATS)
    for (const { atNanos, values } of told) {
      const part = Math.floor(((atNanos - fromNanos) / (toNanos - fromNanos)) * parts)
      const [min = NaN, max = NaN] = acked.subarray(part * SPREAD_FLOATS)
      expect(values.bytesAcked).toBeGreaterThanOrEqual(min)
      expect(values.bytesAcked).toBeLessThanOrEqual(max)
    }
    // Of what only listeners have there is nothing.
    expect([...series.values.subarray(2 * parts * SPREAD_FLOATS)].every(Number.isNaN)).toBe(true)
    expect(
      await session.refusal('kernel.series', {
        asker: 't',
        id,
        fields: ['rtt'],
        fromNanos: 5,
        toNanos: 5,
        parts: 1,
      }),
    ).toBe('SB_INPUT')
    expect(
      await session.refusal('kernel.series', {
        asker: 't',
        id,
        fields: ['nonsense' as 'rtt'],
        fromNanos: 0,
        toNanos: 5,
        parts: 1,
      }),
    ).toBe('SB_INPUT')
    expect(await session.refusal('kernel.configure', { rate: 3 as 2, isAll: false })).toBe('SB_INPUT')
  })

  test('counts what the kernel drops of datagrams, while a pane shows the socket and at its end', async () => {
    const { id, state } = await session.call('udp.bind', {
      at: 'udp://127.0.0.1:0',
      options: { receiveBufferBytes: 4096 },
    })
    if (state.phase !== 'bound' || state.at.kind !== 'udp') throw new Error('not bound')
    await session.call('kernel.look', { sampled: [], shown: [id] })
    const flood = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(5000): s.sendto(b'x' * 100, ('127.0.0.1', ${state.at.port}))`
    expect(spawnSync('python3', ['-c', flood]).status).toBe(0)
    const told = await session.until(
      'socket.changed',
      (each) => each.kind === 'udp' && (each.dropped ?? 0) > 0,
    )
    const dropped = told.kind === 'udp' ? (told.dropped ?? 0) : 0
    const received = 5000 - dropped
    await session.until('counters.ticked', (all) =>
      all.some(([each, { inChunks }]) => each === id && inChunks === received),
    )
    await session.call('udp.close', { id })
    await until(id, ({ of, values }) => of === 'udp' && values.drops === dropped)
    await session[Symbol.asyncDispose]()
    session = await begin('resume')
    const { sockets } = await session.call('socket.list', {})
    expect(sockets.find((each) => each.id === id)).toMatchObject({ dropped })
  })
})
