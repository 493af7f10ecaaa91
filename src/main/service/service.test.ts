import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { unpackRows } from '../../shared/contract/packedRows'
import { type TapMessage } from '../../shared/contract/tap'
import { type ListenerSummary } from '../../shared/model/summary'
import { createService } from './service'
import { dials, listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session
let file: string
const logged: string[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test' }, (text) => logged.push(text))
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
  // Whatever a test did, it found no defect of ours.
  expect(logged.splice(0)).toEqual([])
})

function portOf(summary: ListenerSummary): number {
  if (summary.state.phase !== 'listening' || summary.state.at.kind !== 'tcp')
    throw new Error('it does not listen')
  return summary.state.at.port
}

describe('the phone call', () => {
  test('a caller is answered in upper case, and all of it is in the record', async () => {
    const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'upper' })
    await using caller = await dials(portOf(listener))
    caller.socket.write('hello\n')
    expect((await caller.receives(6)).toString()).toBe('HELLO\n')
    caller.socket.end()
    // 'upper' answers FIN with FIN.
    expect(await session.phase('C1', 'closed')).toMatchObject({ state: { how: 'fin', by: 'remote' } })

    const { rows, size } = await session.call('capture.read', { id: 'C1', from: 0, to: 100 })
    expect(size).toMatchObject({ inBytes: 6, outBytes: 6 })
    const story = unpackRows(rows).map((row) =>
      row.kind === 'event' ? row.event.what : `${row.direction} ${Buffer.from(row.head).toString()}`,
    )
    expect(story.filter((each) => each !== 'optionsSet')).toEqual([
      'opened',
      'in hello\n',
      'out HELLO\n',
      'finished',
      'finished',
      'closed',
    ])
    const both = await session.call('capture.bytes', { id: 'C1', stream: 'both', from: 2, to: 9 })
    expect(Buffer.from(both.bytes).toString()).toBe('llo\nHEL')
  })

  test('a dialled connection sends, hears, and tells how it ended', async () => {
    await using listener = await listens()
    const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
    await session.phase(id, 'open')
    const receipt = await session.call('connection.send', { id, bytes: new Uint8Array([0, 1, 255]) })
    expect(receipt).toEqual({ lengthBytes: 3, takenBytes: 3, queuedBytes: 0 })
    const peer = await listener.caller()
    expect([...(await peer.receives(3))]).toEqual([0, 1, 255])
    peer.socket.resetAndDestroy()
    expect(await session.phase(id, 'closed')).toMatchObject({ state: { how: 'reset', by: 'remote' } })
    expect(await session.refusal('connection.send', { id, bytes: new Uint8Array(1) })).toBe('SB_STATE')
    expect(await session.call('socket.forget', { id })).toBeNull()
    await session.until('socket.forgotten', (event) => event.id === id)
    expect(await session.refusal('connection.close', { id })).toBe('SB_UNKNOWN')
  })

  test('a listener speaks to all its callers at once, and can change its mind about them', async () => {
    const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0' })
    await using first = await dials(portOf(listener))
    await using second = await dials(portOf(listener))
    await session.phase('C2', 'open')
    const bytes = Buffer.from('to all')
    expect(await session.call('listener.broadcast', { id: listener.id, bytes })).toEqual({
      sent: 2,
      failed: 0,
    })
    expect((await first.receives(6)).toString()).toBe('to all')
    expect((await second.receives(6)).toString()).toBe('to all')
    expect(await session.call('listener.behave', { id: listener.id, behaviour: 'echo' })).toMatchObject({
      behaviour: 'echo',
    })
    expect(await session.call('listener.close', { id: listener.id })).toMatchObject({
      state: { phase: 'closed' },
    })
  })
})

describe('datagrams', () => {
  test('come in, go out, and keep their edges', async () => {
    const { id, state } = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
    if (state.phase !== 'bound' || state.at.kind !== 'udp') throw new Error('it is not bound')
    const peer = createSocket('udp4')
    peer.bind(0, '127.0.0.1')
    await once(peer, 'listening')
    const to = `udp://127.0.0.1:${peer.address().port}`
    const arrived = once(peer, 'message')
    await session.call('udp.send', { id, to, bytes: Buffer.from('ping') })
    expect((await arrived)[0]).toEqual(Buffer.from('ping'))
    peer.send('pong', state.at.port, '127.0.0.1')
    await session.until('counters.ticked', (counters) =>
      counters.some(([each, { inBytes }]) => each === id && inBytes === 4),
    )
    const { rows } = await session.call('capture.read', { id, from: 0, to: 100 })
    const data = unpackRows(rows).filter((row) => row.kind === 'data')
    expect(data).toMatchObject([
      { direction: 'out', peer: to },
      { direction: 'in', peer: to },
    ])
    expect(await session.refusal('udp.send', { id, bytes: new Uint8Array(1) })).toBe('SB_STATE')
    expect(await session.call('udp.connect', { id, to })).toMatchObject({
      state: { peer: { port: peer.address().port } },
    })
    peer.close()
  })
})

describe('bad input', () => {
  test.each([
    ['tcp://127.0.0.1:70000', /SB_INPUT/, /70000/],
    ['tcp://127.0.0.1:-1', /SB_INPUT/, /-1/],
    ['', /SB_INPUT/, /empty/],
    ['tcp://no-such-host.invalid:80', /ENOTFOUND|EAI_AGAIN/, /no-such-host\.invalid/],
    [`unix:/tmp/${'x'.repeat(120)}`, /ENAMETOOLONG/, /107/],
    ['unix:/tmp', /EADDRINUSE/, /\/tmp/],
  ])('an address such as %o is refused with %s', async (at, code, words) => {
    const reply = await session.ask('listener.open', { at })
    if (reply.ok) throw new Error('it was accepted')
    expect(reply.fault.code).toMatch(code)
    expect(`${reply.fault.summary} ${reply.fault.endpoint}`).toMatch(words)
  })

  test('an unknown behaviour is refused with those that there are', async () => {
    const reply = await session.ask('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'shout' })
    expect(reply).toMatchObject({
      ok: false,
      fault: { code: 'SB_INPUT', hint: expect.stringContaining('upper') as string },
    })
  })

  test('a port in use is told with errno and call', async () => {
    await using other = await listens()
    const reply = await session.ask('listener.open', { at: `tcp://127.0.0.1:${other.port}` })
    expect(reply).toMatchObject({ ok: false, fault: { code: 'EADDRINUSE', syscall: 'listen' } })
  })

  test('a range that runs backwards is refused', async () => {
    await session.call('listener.open', { at: 'tcp://127.0.0.1:0' })
    expect(await session.refusal('capture.read', { id: 'L1', from: 2, to: 1 })).toBe('SB_INPUT')
    expect(await session.refusal('capture.bytes', { id: 'L1', stream: 'in', from: 2, to: 1 })).toBe(
      'SB_INPUT',
    )
  })
})

test('a window that has just loaded is told everything', async () => {
  await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'echo' })
  const { sockets, counters, recording } = await session.call('socket.list', {})
  expect(sockets).toMatchObject([{ id: 'L1', behaviour: 'echo', state: { phase: 'listening' } }])
  expect(counters.map(([id]) => id)).toEqual(['L1'])
  expect(recording).toMatchObject({ file, isDiskBehind: false })
})

test('a tap tells the rows of a live connection as they come', async () => {
  const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'echo' })
  await using caller = await dials(portOf(listener))
  await session.phase('C1', 'open')
  const messages: TapMessage[] = []
  const tap = session.service.openTap('C1', 0, (message) => messages.push(message))
  const outBytes = (): number => messages.at(-1)?.size.outBytes ?? 0
  for (let round = 1; round <= 5; round++) {
    caller.socket.write('hello')
    await vi.waitUntil(() => outBytes() === round * 5)
  }
  const rows = messages.flatMap((message) => (message.type === 'rows' ? unpackRows(message.rows) : []))
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index))
  expect(rows.filter((row) => row.kind === 'data')).toHaveLength(10)
  tap.close()
})

describe('the end', () => {
  test('comes soon even with a peer that never closes, and only once; then nothing is taken any more', async () => {
    await using listener = await listens()
    const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
    await session.phase(id, 'open')
    await listener.caller()
    const began = performance.now()
    await Promise.all([session.service.close(), session.service.close()])
    expect(performance.now() - began).toBeLessThan(2000)
    expect(
      session.events.some((event) => event.name === 'socket.changed' && event.value.state.phase === 'closed'),
    ).toBe(true)
    expect(await session.refusal('socket.list', {})).toBe('SB_CANCELLED')
  })

  test('leaves a file that begins as pcapng does', async () => {
    await session.call('listener.open', { at: 'tcp://127.0.0.1:0' })
    await session.service.close()
    expect((await readFile(file)).readUInt32LE(0)).toBe(0x0a0d0d0a)
  })
})

test('a capture that cannot be opened is a fault, not an exception', async () => {
  const created = await createService({ file: join(file, 'x.swb'), application: 'test' })
  expect(created).toMatchObject({ ok: false, fault: { code: 'EEXIST' } })
})
