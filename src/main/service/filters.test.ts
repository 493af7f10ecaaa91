import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createSocket } from 'node:dgram'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { unpackRows } from '../../shared/contract/packedRows'
import { type SocketId } from '../../shared/model/ids'
import { type Row } from '../../shared/model/record'
import { createService } from './service'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let program: Bundle
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session

beforeAll(async () => {
  program = await bundle('src/main/capture/scan/worker.ts')
}, 60_000)
afterAll(() => program[Symbol.asyncDispose]())

beforeEach(async () => {
  folder = await temporaryFolder()
  const file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test', scanner: program.file })
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function rowsOf(id: SocketId): Promise<readonly Row[]> {
  const { rows } = await session.call('capture.read', { id, from: 0, to: 500 })
  return unpackRows(rows)
}

/** The numbers of the rows that fit, once all that are there have been looked at. */
async function fitting(id: SocketId, line: string): Promise<readonly number[]> {
  const { size } = await session.call('capture.read', { id, from: 0, to: 1 })
  const { filter } = await session.call('filter.begin', { id, line })
  const status = await session.until(
    'filter.progressed',
    (each) => each.filter === filter && each.isDone && each.lookedAt >= size.rows,
  )
  expect(status.fault).toBeUndefined()
  const rows = unpackRows(await session.call('filter.rows', { filter, from: 0, to: 500 }))
  expect(rows.length).toBe(status.matching)
  // Each of them knows its place, and is the row that the record has.
  for (const [n, row] of rows.entries())
    expect(await session.call('filter.rank', { filter, row: row.row })).toEqual({ rank: n, fits: true })
  await session.call('filter.end', { filter })
  return rows.map(({ row }) => row)
}

async function bytesIn(id: SocketId, count: number): Promise<void> {
  for (;;) {
    const { counters } = await session.call('socket.list', {})
    if ((counters.find(([each]) => each === id)?.[1].inBytes ?? 0) >= count) return
    // Answers come without a turn of the loop, in which the bytes do.
    await setImmediate()
  }
}

test('rows of a stream are told apart by what they are and by what they hold', async () => {
  await using listener = await listens()
  const to = `127.0.0.1:${listener.port}`
  const { id } = await session.call('connection.dial', { to: `tcp://${to}` })
  await session.phase(id, 'open')
  const peer = await listener.caller()
  peer.socket.setNoDelay(true)
  let sent = 0
  for (const line of ['alpha', 'BETA two', 'gamma\r\n', 'alphabet soup with more']) {
    peer.socket.write(line)
    await bytesIn(id, (sent += line.length))
  }
  await session.call('connection.send', { id, bytes: Buffer.from('alpha of ours') })
  await session.call('connection.reset', { id })
  await session.phase(id, 'closed')

  const all = await rowsOf(id)
  const those = (fits: (row: Row) => boolean): readonly number[] => all.filter(fits).map(({ row }) => row)
  const text = (row: Row): string => (row.kind === 'data' ? Buffer.from(row.head).toString() : '')
  const isData = (row: Row): boolean => row.kind === 'data'
  const data = those(isData)
  expect(data.length).toBe(5)

  expect(await fitting(id, 'kind:data')).toEqual(data)
  expect(await fitting(id, '-kind:data')).toEqual(those((row) => !isData(row)))
  expect(await fitting(id, 'dir:out')).toEqual(data.slice(4))
  expect(await fitting(id, 'size:5..8')).toEqual(data.slice(0, 3))
  expect(await fitting(id, 'alpha')).toEqual(those((row) => text(row).includes('alpha')))
  expect(await fitting(id, 'beta')).toEqual(data.slice(1, 2))
  expect(await fitting(id, 'exact:beta')).toEqual([])
  expect(await fitting(id, 'hex:0d0a or regex:/^alpha$/')).toEqual([data[0], data[2]])
  expect(await fitting(id, 'alpha -dir:out size<10')).toEqual(data.slice(0, 1))
  expect(await fitting(id, 'event:closed or event:opened')).toEqual(
    those((row) => row.kind === 'event' && ['closed', 'opened'].includes(row.event.what)),
  )
  expect(await fitting(id, `peer:${to} dir:in`)).toEqual(data.slice(0, 4))
  expect(await fitting(id, 'peer:127.0.0.1:1 kind:data')).toEqual([])
  const at = all.find(({ row }) => row === data[2])?.atNanos ?? 0
  expect(await fitting(id, `time:..${at}ns kind:data`)).toEqual(data.slice(0, 3))
  expect(await fitting(id, `row:${(data[1] ?? 0) + 1}`)).toEqual(data.slice(1, 2))
})

test('datagrams are told apart by their peers', async () => {
  const { id, state } = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  if (state.phase !== 'bound') throw new Error('not bound')
  const { at } = state
  if (at.kind !== 'udp') throw new Error('not UDP')
  const peers = [createSocket('udp4'), createSocket('udp4')]
  const ports: number[] = []
  let sent = 0
  for (const peer of peers) {
    await new Promise<void>((resolve) => peer.bind(0, '127.0.0.1', resolve))
    ports.push(peer.address().port)
    peer.send('from one of two', at.port, '127.0.0.1')
    await bytesIn(id, (sent += 15))
  }
  for (const peer of peers) peer.close()
  const data = (await rowsOf(id)).filter(({ kind }) => kind === 'data').map(({ row }) => row)
  expect(await fitting(id, 'kind:datagram')).toEqual(data)
  expect(await fitting(id, `peer:127.0.0.1:${ports[1]}`)).toEqual(data.slice(1))
  expect(await fitting(id, `-peer:${ports[1]} two`)).toEqual(data.slice(0, 1))
})

test('a filter goes on as the record grows, over thousands of rows, and the n-th is found', async () => {
  await using listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  const { filter } = await session.call('filter.begin', { id, line: '"7\\n" dir:out' })
  for (let n = 0; n < 5000; n++)
    await session.call('connection.send', { id, bytes: Buffer.from(`line ${n}\n`) })
  await session.until('filter.progressed', (each) => each.filter === filter && each.matching === 500)
  const rows = unpackRows(await session.call('filter.rows', { filter, from: 480, to: 700 }))
  expect(rows.map((row) => (row.kind === 'data' ? Buffer.from(row.head).toString() : ''))).toEqual(
    Array.from({ length: 20 }, (_, n) => `line ${4807 + n * 10}\n`),
  )
})

test('what is no filter is refused with the place of the mistake', async () => {
  const reply = await session.ask('filter.begin', { id: 'C1', line: 'dir:in size>x' })
  expect(reply).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT', summary: expect.stringContaining('Character 13') as string },
  })
  expect(await session.refusal('filter.begin', { id: 'C1', line: ' ' })).toBe('SB_INPUT')
  expect(await session.refusal('filter.rows', { filter: 9, from: 0, to: 5 })).toBe('SB_UNKNOWN')
})
