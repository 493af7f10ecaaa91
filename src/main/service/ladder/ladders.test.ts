import { afterEach, beforeEach, expect, test } from 'vitest'
import { unpackLadder } from '../../../shared/contract/packedLadder'
import { unpackRows } from '../../../shared/contract/packedRows'
import { type LadderArrow, type LadderCast, type LadderPage } from '../../../shared/ladder/model'
import { type BenchAct } from '../../../shared/model/bench'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { bundle } from '../../engine/testing/bundle'
import { createService, type LocalService } from '../service'
import { dials, listens } from '../testing/peer'
import { Session, temporaryFolder } from '../testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let service: LocalService
let session: Session
beforeEach(async () => {
  folder = await temporaryFolder()
  session = await begin('new')
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function begin(mode: 'new' | 'resume', caller?: string): Promise<Session> {
  const own = caller === undefined ? {} : { caller }
  const created = await createService({ file: `${folder.path}/s.swb`, application: 'test', mode, ...own })
  if (!created.ok) throw new Error(created.fault.summary)
  service = created.value
  return new Session(service)
}

const text = (said: string): Uint8Array => new TextEncoder().encode(said)

async function listenerAt(at: string, behaviour: string): Promise<string> {
  const { state } = await session.call('listener.open', { at, behaviour })
  if (state.phase !== 'listening') throw new Error(state.phase)
  return formatEndpoint(state.at)
}

interface Shown {
  readonly cast: LadderCast
  readonly page: LadderPage
  /** Each arrow as `C1>C2 data 0+5 arrived`, in the order of what was sent. */
  readonly told: readonly string[]
}

async function ladder(...ids: SocketId[]): Promise<Shown> {
  const cast = await session.call('ladder.cast', { ids })
  const ends = cast.ends.map(({ id, other }) => ({ id, other }))
  const page = unpackLadder(await session.call('ladder.read', { ends, by: 'rank', from: 0, to: 512 }))
  const line = (at: number): string => (at < 0 ? `(${ends[-1 - at]?.id})` : `${ends[at]?.id}`)
  const when = ({ sent, received }: LadderArrow): number => (sent ?? received)?.rank ?? Infinity
  const told = page.arrows
    .toSorted((a, b) => when(a) - when(b))
    .map((each) => {
      const bytes =
        each.kind === 'data' || each.kind === 'datagram' ? ` ${each.offset}+${each.lengthBytes}` : ''
      return `${line(each.from)}>${line(each.to)} ${each.kind}${bytes} ${each.fate}`
    })
  return { cast, page, told }
}

async function inBytesOf(id: SocketId): Promise<number> {
  const { counters } = await session.call('socket.list', {})
  return new Map(counters).get(id)?.inBytes ?? 0
}

/** Waits until so many bytes came in. */
async function received(id: SocketId, bytes: number): Promise<void> {
  while ((await inBytesOf(id)) < bytes) await new Promise((resolve) => setImmediate(resolve))
}

test('a call between two sockets that are here, from the dial to both FINs, with how long each chunk lay in the kernel', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'upper')
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase(id, 'open')
  await session.call('connection.send', { id, bytes: text('hello') })
  await received(id, 5)
  await session.call('connection.close', { id })
  await session.phase(id, 'closed')
  const { cast, page, told } = await ladder(id)
  expect(cast).toMatchObject({
    left: 0,
    ends: [
      { id: 'C1', role: 'dialled', other: 'C2', remote: url },
      { id: 'C2', role: 'accepted', other: 'C1', local: url },
    ],
  })
  expect(told).toEqual([
    'C1>C2 connect arrived',
    'C1>C2 data 0+5 arrived',
    'C2>C1 data 0+5 arrived',
    'C1>C2 fin arrived',
    'C2>C1 fin arrived',
  ])
  const rows = unpackRows(page.rows)
  for (const { from, to, sent, received: taken } of page.arrows) {
    expect([rows[sent?.rank ?? -1]?.row, page.owners[sent?.rank ?? -1]]).toEqual([sent?.row, from])
    expect([rows[taken?.rank ?? -1]?.row, page.owners[taken?.rank ?? -1]]).toEqual([taken?.row, to])
    expect(taken?.atNanos).toBeGreaterThanOrEqual(sent?.atNanos ?? Infinity)
  }
  const lying = [...page.inKernel].filter((bytes) => !Number.isNaN(bytes))
  expect(lying).toEqual([5, 0, 5, 0])
  expect(page.spans.map(({ line, kind }) => `${line} ${kind}`).toSorted()).toEqual([
    '0 blocked',
    '0 halfOpen',
    '0 open',
    '1 halfOpen',
    '1 open',
  ])
  // A listener takes along who called, and who that is.
  expect((await session.call('ladder.cast', { ids: ['L1'] })).ends.map((end) => end.id)).toEqual([
    'L1',
    'C1',
    'C2',
  ])
})

test('of many small writes and a reader that pauses, each byte is told once, and what it has not read lies in the kernel', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'none')
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase(id, 'open')
  await session.phase('C2', 'open')
  await session.call('connection.pause', { id: 'C2' })
  for (let n = 0; n < 40; n++) await session.call('connection.send', { id, bytes: text(`${n % 10}`) })
  // The first read may be under way when reading is paused.
  const paused = await ladder(id)
  const inBytes = await inBytesOf('C2')
  expect(paused.told.filter((each) => each.endsWith('underWay'))).toHaveLength(40 - inBytes)
  expect([...paused.page.inKernel].findLast((bytes) => !Number.isNaN(bytes))).toBe(40 - inBytes)
  expect(paused.page.spans).toContainEqual(expect.objectContaining({ line: 1, kind: 'paused', to: null }))
  await session.call('connection.resume', { id: 'C2' })
  await received('C2', 40)
  const { page } = await ladder(id)
  const data = page.arrows.filter(({ kind }) => kind === 'data')
  expect(data.every(({ fate }) => fate === 'arrived')).toBe(true)
  expect(data.map(({ offset, lengthBytes }) => [offset, lengthBytes])).toEqual(
    Array.from({ length: 40 }, (_, n) => [n, 1]),
  )
  expect([...page.inKernel].findLast((bytes) => !Number.isNaN(bytes))).toBe(0)
  expect(page.spans.find(({ kind }) => kind === 'paused')?.to).not.toBeNull()
})

test('where one end is here, arrows go to its peer and come from there; a reset is no FIN', async () => {
  await using server = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${server.port}` })
  const caller = await server.caller()
  await session.phase(id, 'open')
  await session.call('connection.send', { id, bytes: text('to you') })
  await caller.receives(6)
  caller.socket.write('to me')
  await received(id, 5)
  caller.socket.resetAndDestroy()
  await session.phase(id, 'closed')
  const { told } = await ladder(id)
  expect(told).toEqual([
    'C1>(C1) connect level',
    'C1>(C1) data 0+6 level',
    '(C1)>C1 data 0+5 level',
    '(C1)>C1 reset level',
  ])
})

test('a reset between two sockets that are here; what was not read before it is lost', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'none')
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase('C2', 'open')
  await session.phase(id, 'open')
  await session.call('connection.pause', { id })
  await session.call('connection.send', { id: 'C2', bytes: text('never read') })
  await session.call('connection.reset', { id })
  await session.phase('C2', 'closed')
  const { told, page } = await ladder('C2')
  const read = await inBytesOf(id)
  expect(told).toContain('C1>C2 reset arrived')
  expect(told.filter((each) => each.startsWith('C2>C1 data'))).toEqual(
    read === 0 ? ['C2>C1 data 0+10 lost'] : ['C2>C1 data 0+10 arrived'],
  )
  expect(page.arrows.filter(({ kind }) => kind === 'fin')).toEqual([])
})

test('a dial that is refused ends in nothing, and tells so', async () => {
  const { id } = await session.call('connection.dial', { to: 'tcp://127.0.0.1:1' })
  await session.phase(id, 'failed')
  const { told, page, cast } = await ladder(id)
  expect(told).toEqual(['C1>(C1) connect lost'])
  expect(cast.ends[0]).toMatchObject({ role: 'dialled', other: null, remote: 'tcp://127.0.0.1:1' })
  expect(page.spans).toMatchObject([{ kind: 'blocked', label: 'connecting' }])
})

test('a caller from elsewhere, and Unix sockets both ends of which are here', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'echo')
  await using peer = await dials(Number(url.split(':').at(-1)))
  peer.socket.write('abc')
  await peer.receives(3)
  expect((await ladder('C1')).told).toEqual([
    '(C1)>C1 connect level',
    '(C1)>C1 data 0+3 level',
    'C1>(C1) data 0+3 level',
  ])
  const unix = await listenerAt(`unix:${folder.path}/ladder.sock`, 'echo')
  const { id } = await session.call('connection.dial', { to: unix })
  await session.phase(id, 'open')
  await session.call('connection.send', { id, bytes: text('over a file') })
  await received(id, 11)
  const { cast, told } = await ladder(id)
  expect(cast.ends.map((end) => [end.id, end.role, end.other])).toEqual([
    ['C2', 'dialled', 'C3'],
    ['C3', 'accepted', 'C2'],
  ])
  expect(told).toEqual(['C2>C3 connect arrived', 'C2>C3 data 0+11 arrived', 'C3>C2 data 0+11 arrived'])
})

test('datagrams go from socket to socket; one to a port where nobody is goes elsewhere', async () => {
  const one = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  const other = await session.call('udp.bind', { at: 'udp://0.0.0.0:0' })
  if (one.state.phase !== 'bound' || other.state.phase !== 'bound' || other.state.at.kind !== 'udp')
    throw new Error()
  const to = `udp://127.0.0.1:${other.state.at.port}`
  for (const said of ['first', '', 'third'])
    await session.call('udp.send', { id: one.id, to, bytes: text(said) })
  await received(other.id, 10)
  await session.call('udp.send', { id: one.id, to: 'udp://127.0.0.1:9', bytes: text('nobody') })
  const { cast, told } = await ladder(one.id)
  expect(cast.ends.map((end) => [end.id, end.role])).toEqual([
    ['U1', 'datagrams'],
    ['U2', 'datagrams'],
  ])
  expect(told).toEqual([
    'U1>U2 datagram 0+5 arrived',
    'U1>U2 datagram 0+0 arrived',
    'U1>U2 datagram 0+5 arrived',
    'U1>(U1) datagram 0+6 level',
  ])
  await session.call('udp.close', { id: other.id })
  await session.call('udp.send', { id: one.id, to, bytes: text('too late') })
  expect((await ladder(one.id)).told.at(-1)).toBe('U1>U2 datagram 0+8 lost')
})

test('what is no ladder is refused', async () => {
  expect(await session.refusal('ladder.cast', { ids: ['C7'] })).toBe('SB_UNKNOWN')
  expect(await session.refusal('ladder.cast', { ids: [] })).toBe('SB_INPUT')
  await listenerAt('tcp://127.0.0.1:0', 'none')
  const ends = [{ id: 'L1', other: null }] as const
  expect(await session.refusal('ladder.read', { ends: [...ends], by: 'rank', from: 3, to: 1 })).toBe(
    'SB_INPUT',
  )
  expect(await session.refusal('ladder.read', { ends: [...ends, ...ends], by: 'time', from: 0, to: 1 })).toBe(
    'SB_INPUT',
  )
})

test('what the kernel says is acknowledged is told of the sender, in bytes of its stream', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'echo')
  await session.call('kernel.configure', { rate: 50, isAll: false })
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase(id, 'open')
  await session.call('kernel.look', { sampled: [id, 'C2'], shown: [id, 'C2'] })
  await session.call('connection.send', { id, bytes: text('acknowledged') })
  await received(id, 12)
  // The next round asks the kernel; the dialler's SYN is no byte of its stream.
  await session.until('kernel.sampled', (told) => told.id === id && told.sample?.values.bytesAcked === 13)
  await session.until('kernel.sampled', (told) => told.id === 'C2' && told.sample?.values.bytesAcked === 12)
  const { page } = await ladder(id)
  expect(page.acks).toMatchObject([
    { line: 0, ackedBytes: 12, unackedBytes: 0 },
    { line: 1, ackedBytes: 12, unackedBytes: 0 },
  ])
  const sent = page.arrows.find(({ kind, from }) => kind === 'data' && from === 0)?.sent
  expect(page.acks[0]?.atNanos).toBeGreaterThan(sent?.atNanos ?? Infinity)
})

test('a session that is gone on with, and a recording that is opened beside, have their ladders as before', async () => {
  const url = await listenerAt('tcp://127.0.0.1:0', 'upper')
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase(id, 'open')
  await session.call('connection.send', { id, bytes: text('kept') })
  await received(id, 4)
  const before = (await ladder(id)).told
  const grant = service.grantTarget(`${folder.path}/copy.swb`)
  await session.call('session.saveCopy', { grant })
  await session[Symbol.asyncDispose]()

  session = await begin('resume')
  const again = await session.call('connection.dial', { to: await listenerAt('tcp://127.0.0.1:0', 'upper') })
  await session.phase(again.id, 'open')
  const gone = (await ladder(id)).told
  expect(gone.slice(0, before.length)).toEqual(before)
  // Its numbers are taken: in this session they are others.
  const opened = await session.call('session.open', { grant: service.grantFile(`${folder.path}/copy.swb`) })
  const first = opened.ids.find((each) => each.startsWith('C')) ?? 'C0'
  expect(first).not.toBe('C1')
  const beside = await ladder(first)
  expect(beside.cast.ends).toHaveLength(2)
  expect(beside.told.map((each) => each.replace(/C\d+/g, 'C'))).toEqual(
    before.map((each) => each.replace(/C\d+/g, 'C')),
  )
  const listener = opened.ids.find((each) => each.startsWith('L')) ?? 'L0'
  expect((await ladder(listener)).cast.ends.map((end) => end.id)).toEqual([
    listener,
    ...beside.cast.ends.map((end) => end.id),
  ])
  // Each recording has a clock of its own.
  expect(await session.refusal('ladder.cast', { ids: ['C1', first] })).toBe('SB_INPUT')
})

test('a datagram that recv() took, which does not ask who sent it, came from the socket that sent these bytes', async () => {
  await using caller = await bundle('src/main/engine/bench/callerThread.ts')
  await session[Symbol.asyncDispose]()
  session = await begin('resume', caller.file)
  const bench = await session.call('bench.open', {})
  const call = (act: BenchAct) => session.call('bench.call', { id: bench.id, act })
  await call({ call: 'socket', family: 'AF_INET', type: 'SOCK_DGRAM', protocol: '0' })
  await session.phase('S1', 'made')
  await call({ call: 'bind', socket: 'S1', address: { family: 'AF_INET', host: '127.0.0.1', port: 0 } })
  await session.phase('S1', 'bound')
  const { sockets } = await session.call('socket.list', {})
  const bound = sockets.find(({ id }) => id === 'S1')
  if (bound?.kind !== 'benchSocket' || bound.state.phase !== 'bound') throw new Error()
  const one = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  for (const said of ['one', 'and two'])
    await session.call('udp.send', { id: one.id, to: formatEndpoint(bound.state.at), bytes: text(said) })
  await call({ call: 'recvfrom', socket: 'S1', bufsize: 99, flags: [] })
  await received('S1', 3)
  await call({ call: 'recv', socket: 'S1', bufsize: 99, flags: [] })
  await received('S1', 10)
  expect((await ladder(one.id, 'S1')).told).toEqual([
    'U1>S1 datagram 0+3 arrived',
    'U1>S1 datagram 0+7 arrived',
  ])
})

test('a socket of a syscall bench is an end like others, and a call that does not return is a time on its line', async () => {
  await using caller = await bundle('src/main/engine/bench/callerThread.ts')
  await session[Symbol.asyncDispose]()
  session = await begin('resume', caller.file)
  const url = await listenerAt('tcp://127.0.0.1:0', 'none')
  const port = Number(url.split(':').at(-1))
  const bench = await session.call('bench.open', {})
  const calls = { family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' } as const
  await session.call('bench.call', { id: bench.id, act: { call: 'socket', ...calls } })
  await session.phase('S1', 'made')
  const address = { family: 'AF_INET', host: '127.0.0.1', port } as const
  await session.call('bench.call', { id: bench.id, act: { call: 'connect', socket: 'S1', address } })
  await session.phase('C1', 'open')
  await session.phase('S1', 'open')
  await session.call('bench.call', {
    id: bench.id,
    act: { call: 'send', socket: 'S1', bytes: text('from C'), flags: [] },
  })
  await received('C1', 6)
  await session.call('bench.call', {
    id: bench.id,
    act: { call: 'recv', socket: 'S1', bufsize: 9, flags: [] },
  })
  await session.until('socket.changed', (told) => told.kind === 'benchSocket' && told.blocked === 1)
  // That it blocks is written once it is plain, some milliseconds after it began.
  let blocking = await ladder('S1')
  while (!blocking.page.spans.some(({ label }) => label === 'recv()')) {
    await new Promise((resolve) => setImmediate(resolve))
    blocking = await ladder('S1')
  }
  expect(blocking.cast.ends.map((end) => [end.id, end.role, end.other])).toEqual([
    ['S1', 'dialled', 'C1'],
    ['C1', 'accepted', 'S1'],
  ])
  expect(blocking.page.spans).toContainEqual(
    expect.objectContaining({ line: 0, kind: 'blocked', label: 'recv()', to: null }),
  )
  await session.call('connection.send', { id: 'C1', bytes: text('at last') })
  await received('S1', 7)
  const { told } = await ladder('S1')
  expect(told).toContain('S1>C1 data 0+6 arrived')
  expect(told).toContain('C1>S1 data 0+7 arrived')
  await session[Symbol.asyncDispose]()
})
