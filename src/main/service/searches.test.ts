import { createSocket } from 'node:dgram'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SocketId } from '../../shared/model/ids'
import { type Match, type SearchQuery, type SearchStatus } from '../../shared/model/search'
import { createService } from './service'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { dials, listens } from './testing/peer'
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

const text = (pattern: string): SearchQuery => ({ kind: 'text', pattern, matchCase: true, stream: 'both' })

/** The status of a search once it satisfies something. */
async function until(search: number, isSo: (status: SearchStatus) => boolean): Promise<SearchStatus> {
  return await session.until('search.progressed', (status) => status.search === search && isSo(status))
}

async function all(id: SocketId | null, query: SearchQuery): Promise<readonly Match[]> {
  const { search } = await session.call('search.begin', { id, query })
  const { found, kept, fault } = await until(search, ({ isDone }) => isDone)
  expect(fault).toBeUndefined()
  expect(kept).toBe(found)
  const matches = await session.call('search.matches', { search, from: 0, to: 500 })
  await session.call('search.end', { search })
  return matches
}

/** A connection of ours to a plain Node server, and the server's end. */
async function connection(listener: Awaited<ReturnType<typeof listens>>, index = 0) {
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  return { id, peer: await listener.caller(index) }
}

async function inBytes(id: SocketId, count: number): Promise<void> {
  for (;;) {
    const { counters } = await session.call('socket.list', {})
    if ((counters.find(([each]) => each === id)?.[1].inBytes ?? 0) >= count) return
    // Answers come without a turn of the loop, in which the bytes do.
    await setImmediate()
  }
}

test('a match across chunks is told with the row, time and offset of its beginning, and its bytes are there', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  peer.socket.setNoDelay(true)
  peer.socket.write('.....need')
  await inBytes(id, 9)
  await session.call('connection.send', { id, bytes: Buffer.from('a needle of ours') })
  peer.socket.write('le....needle')
  await inBytes(id, 21)
  const matches = await all(id, text('needle'))
  expect(matches.map(({ direction, offset }) => `${direction} ${offset}`)).toEqual(['in 5', 'out 2', 'in 15'])
  expect(matches[0]?.row).toBeLessThan(matches[1]?.row ?? 0)
  expect(matches[2]?.combinedOffset).toBe(15 + 'a needle of ours'.length)
  for (const { direction, offset, lengthBytes } of matches) {
    const range = { id, stream: direction, from: offset, to: offset + lengthBytes }
    expect(Buffer.from((await session.call('capture.bytes', range)).bytes).toString()).toBe('needle')
  }
  expect(await all(id, { ...text('needle'), stream: 'out' })).toHaveLength(1)
  expect(await all(id, { kind: 'hex', pattern: '6e 65 65 64', matchCase: false, stream: 'in' })).toHaveLength(
    2,
  )
  expect(await all(id, { ...text('NEEDLE'), matchCase: false })).toHaveLength(3)
  expect(await all(id, { ...text('need.{2}'), kind: 'regex' })).toHaveLength(3)
})

test('all sockets are searched at once, and datagrams each for itself', async () => {
  await using listener = await listens()
  const first = await connection(listener, 0)
  const second = await connection(listener, 1)
  first.peer.socket.write('x needle')
  second.peer.socket.write('needle needle')
  await inBytes(first.id, 8)
  await inBytes(second.id, 13)
  const bound = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  if (bound.state.phase !== 'bound' || bound.state.at.kind !== 'udp') throw new Error('it is not bound')
  const socket = createSocket('udp4')
  for (const part of ['nee', 'dle', 'a needle']) {
    await new Promise((sent) => socket.send(part, (bound.state as { at: { port: number } }).at.port, sent))
  }
  socket.close()
  await inBytes(bound.id, 14)
  const matches = await all(null, text('needle'))
  expect(matches.map(({ id, offset }) => `${id} ${offset}`)).toEqual(['C1 2', 'C2 0', 'C2 7', 'U1 8'])
})

test('as many as grep counts, in a record of many megabytes; marks and places agree with them', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  const line = (n: number): string => `${n} ${n % 1000 === 0 ? 'needle' : 'straw'} ${'·'.repeat(n % 50)}\n`
  const lines = Array.from({ length: 200_000 }, (_, n) => line(n)).join('')
  const bytes = Buffer.from(lines)
  peer.socket.write(bytes)
  await inBytes(id, bytes.length)
  const counted = Number(execFileSync('grep', ['-F', '-c', 'needle'], { input: bytes }).toString())
  const { search } = await session.call('search.begin', { id, query: text('needle') })
  const status = await until(search, ({ isDone }) => isDone)
  expect(status).toMatchObject({ found: counted, kept: counted, searchedBytes: bytes.length })
  const marks = await session.call('search.marks', { search, id, parts: 10 })
  expect(marks.reduce((sum, each) => sum + each, 0)).toBe(counted)
  // By the bytes of the stream, each where it lies in it.
  const places = [...bytes.toString('latin1').matchAll(/needle/g)].map(({ index }) => index)
  const parted = Array.from(
    { length: 10 },
    (_, part) => places.filter((at) => Math.floor((at / bytes.length) * 10) === part).length,
  )
  expect(await session.call('search.marks', { search, id, parts: 10, stream: 'in' })).toEqual(parted)
  expect(await session.call('search.marks', { search, id, parts: 10, stream: 'both' })).toEqual(parted)
  expect(await session.call('search.marks', { search, id, parts: 4, stream: 'out' })).toEqual([0, 0, 0, 0])
  const matches = await session.call('search.matches', { search, from: 0, to: 500 })
  expect(matches.map(({ offset }) => offset)).toEqual(
    [...bytes.toString('latin1').matchAll(/needle/g)].map(({ index }) => index),
  )
  const middle = matches[100]
  const index = await session.call('search.firstFrom', { search, id, row: middle?.row ?? 0 })
  expect(matches[index]?.row).toBe(middle?.row)
  expect(matches[index - 1]?.row).not.toBe(middle?.row)
})

test('a search goes on while its record grows, until it is ended', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  peer.socket.write('needle')
  await inBytes(id, 6)
  const { search } = await session.call('search.begin', { id, query: text('needle') })
  await until(search, ({ found, isDone }) => found === 1 && isDone)
  peer.socket.write(' and needle')
  await until(search, ({ found, isDone }) => found === 2 && isDone)
  await session.call('search.end', { search })
  expect(await session.refusal('search.matches', { search, from: 0, to: 1 })).toBe('SB_UNKNOWN')
})

test('what cannot be looked for is refused, and no more than two dozen are under way', async () => {
  await using caller = await dials(
    await (async () => {
      const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0' })
      if (listener.state.phase !== 'listening' || listener.state.at.kind !== 'tcp')
        throw new Error('not listening')
      return listener.state.at.port
    })(),
  )
  caller.socket.write('x')
  expect(await session.refusal('search.begin', { id: 'C1', query: { ...text('('), kind: 'regex' } })).toBe(
    'SB_INPUT',
  )
  for (let n = 0; n < 24; n++) await session.call('search.begin', { id: null, query: text('x') })
  expect(await session.refusal('search.begin', { id: null, query: text('x') })).toBe('SB_STATE')
  await session.call('search.end', { search: 2 })
  await session.call('search.begin', { id: null, query: text('x') })
})

test('an expression that never ends holds up nobody, and can be ended', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  peer.socket.write(`${'a'.repeat(5000)}!`)
  await inBytes(id, 5001)
  const { search } = await session.call('search.begin', { id, query: { ...text('(a+)+$'), kind: 'regex' } })
  // The service answers while the thread is lost in its expression.
  peer.socket.write('more')
  await inBytes(id, 5005)
  await session.call('search.end', { search })
  expect(await session.refusal('search.matches', { search, from: 0, to: 1 })).toBe('SB_UNKNOWN')
})
