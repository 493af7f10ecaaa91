import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectionId, type SocketId } from '../../shared/model/ids'
import { type CommandInput } from '../../shared/contract/commands'
import { reportOf, type ReplayReport } from '../../shared/model/replay'
import { type LocalService, createService } from './service'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let service: LocalService
let session: Session

beforeEach(async () => {
  folder = await temporaryFolder()
  const created = await createService({ file: join(folder.path, 'session.swb'), application: 'test' })
  if (!created.ok) throw new Error(created.fault.summary)
  service = created.value
  session = new Session(service)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

type Asked = CommandInput<'replay.begin'>

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const asked: Asked = { ids: null, beside: null, role: 'both', url: null, speed: 'max', wait: 'peer' }

/** A call to our own `upper`, said and heard and hung up. */
async function called(words: string): Promise<{ readonly id: ConnectionId; readonly url: string }> {
  const { state } = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'upper' })
  if (state.phase !== 'listening' || state.at.kind !== 'tcp') throw new Error('it does not listen')
  const url = `tcp://127.0.0.1:${state.at.port}`
  const { id } = await session.call('connection.dial', { to: url })
  await session.phase(id, 'open')
  const heard = new Promise<void>((resolve) => service.engine.onReceived(id, () => resolve()))
  await session.call('connection.send', { id, bytes: text(words) })
  await heard
  await session.call('connection.close', { id })
  return { id, url }
}

async function played(more: Partial<Asked>): Promise<ReplayReport> {
  const { replay } = await session.call('replay.begin', { ...asked, ...more })
  const status = await session.until(
    'replay.progressed',
    (each) => each.replay === replay && each.phase === 'done',
  )
  const report = reportOf(await session.call('replay.report', { replay }))
  expect(status.isEqual).toBe(report.isEqual)
  await session.call('replay.end', { replay })
  return report
}

test('what was recorded in this session is played again in it', async () => {
  const { id, url } = await called('hello\n')
  const both = await played({})
  expect(both).toMatchObject({ isEqual: true, equal: 2 })
  // Their own sockets are there like all others.
  const { sockets } = await session.call('socket.list', {})
  expect(sockets.map((each) => each.id)).toContain(both.verdicts[0]?.now as SocketId)
  const client = await played({ ids: [id], role: 'client', url })
  expect(client).toMatchObject({ isEqual: true, url, verdicts: [{ connection: id, sentBytes: 6 }] })
})

test('what replays opened is not played with the rest, after a restart neither; asked for by itself, it is', async () => {
  await called('hello\n')
  const first = await played({})
  const ids = (report: ReplayReport): SocketId[] => report.verdicts.map(({ connection }) => connection)
  for (let again = 1; again <= 2; again++) {
    const report = await played({})
    expect(ids(report)).toEqual(ids(first))
    expect(report.warnings.join()).toMatch(/^Left out: \d connections? on which replays had played\.$/)
  }
  const [{ now } = { now: null }] = first.verdicts
  if (now === null) throw new Error('nothing was played')
  expect(await played({ ids: [now] })).toMatchObject({ isEqual: true, verdicts: [{ connection: now }, {}] })
  await session[Symbol.asyncDispose]()
  const resumed = await createService({
    file: join(folder.path, 'session.swb'),
    application: 'test',
    mode: 'resume',
  })
  if (!resumed.ok) throw new Error(resumed.fault.summary)
  service = resumed.value
  session = new Session(service)
  expect(ids(await played({}))).toEqual(ids(first))
  const { sockets } = await session.call('socket.list', {})
  expect(sockets.find(({ id }) => id === now)).toMatchObject({ plays: ids(first)[0] })
})

test('the report tells the bytes of both sides at the first divergence', async () => {
  const { id } = await called('hello\n')
  await using other = await listens()
  const playing = played({ ids: [id], role: 'client', url: `tcp://127.0.0.1:${other.port}` })
  const peer = await other.caller(0)
  await peer.receives(6)
  peer.socket.end('HELLo\n')
  const report = await playing
  expect(report.divergence).toMatchObject({ kind: 'bytes', offset: 4, connection: id, direction: 'in' })
  expect(report.divergence?.expected).toEqual(text('HELLO\n'))
  expect(report.divergence?.actual).toEqual(text('HELLo\n'))
  expect(report.exchanges).toHaveLength(3)
  const again = played({ ids: [id], role: 'client', url: `tcp://127.0.0.1:${other.port}`, masks: ['4'] })
  const caller = await other.caller(1)
  await caller.receives(6)
  caller.socket.end('HELLo\n')
  expect(await again).toMatchObject({ isEqual: true, verdicts: [{ masked: 1 }] })
})

test('a replay is paused, stepped, and stopped', async () => {
  const { id } = await called('hello\n')
  await using other = await listens()
  const url = `tcp://127.0.0.1:${other.port}`
  const { replay } = await session.call('replay.begin', { ...asked, ids: [id], role: 'client', url })
  await session.call('replay.pause', { replay })
  await session.until('replay.progressed', (each) => each.replay === replay && each.phase === 'paused')
  const peer = await other.caller(0)
  while ((await session.ask('replay.step', { replay })).ok === false)
    await new Promise((resolve) => setImmediate(resolve))
  expect((await peer.receives(6)).toString()).toBe('hello\n')
  expect(await session.refusal('replay.report', { replay })).toBe('SB_STATE')
  await session.call('replay.stop', { replay })
  await session.until('replay.progressed', (each) => each.replay === replay && each.phase === 'done')
  const report = reportOf(await session.call('replay.report', { replay }))
  expect(report).toMatchObject({ isStopped: true, isEqual: false, notPlayed: 1 })
})

test('what cannot be played is refused', async () => {
  expect(await session.refusal('replay.begin', asked)).toBe('SB_INPUT')
  const { id, url } = await called('hello\n')
  expect(await session.refusal('replay.begin', { ...asked, ids: ['C99'] })).toBe('SB_UNKNOWN')
  expect(await session.refusal('replay.begin', { ...asked, role: 'client', url: 'nowhere' })).toBe('SB_INPUT')
  expect(await session.refusal('replay.begin', { ...asked, ids: [id], masks: ['/(/'] })).toBe('SB_INPUT')
  expect(await session.refusal('replay.begin', { ...asked, ids: [id], sets: ['/a/={b}'] })).toBe('SB_INPUT')
  expect(await session.refusal('replay.begin', { ...asked, role: 'server', url })).toBe('EADDRINUSE')
  expect(await session.refusal('replay.begin', { ...asked, speed: 0, ids: [id] })).toBe('SB_INPUT')
  expect(await session.refusal('replay.pause', { replay: 7 })).toBe('SB_UNKNOWN')
})
