import { createSocket } from 'node:dgram'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type TapMessage } from '../../shared/contract/tap'
import { openCapture } from '../capture/capture'
import { indexFileOf } from '../capture/indexPath'
import { monotonicClock } from '../engine/clock'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { dials, listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'
import { startWorkerService, type WorkerService } from './workerClient'

/** The service as the app runs it: in a thread, behind messages that are cloned. */
let program: Bundle
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let client: WorkerService
let session: Session
let file: string

/** A worker that opens as ours does, and throws at the first thing it is asked. */
const DYING = `
  import { parentPort } from 'node:worker_threads'
  parentPort.postMessage({ type: 'ready', file: '' })
  parentPort.on('message', () => { throw new Error('out of luck') })
`

beforeAll(async () => {
  program = await bundle('src/main/service/worker.ts')
}, 60_000)
afterAll(() => program[Symbol.asyncDispose]())

beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'deep', 'session.swb')
  const started = await startWorkerService(program.file, { file, application: 'test' })
  if (!started.ok) throw new Error(started.fault.summary)
  client = started.value
  session = new Session(client)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('a conversation goes through the thread: commands, events, rows and bytes', async () => {
  expect(client.file).toBe(file)
  const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'upper' })
  if (listener.state.phase !== 'listening' || listener.state.at.kind !== 'tcp')
    throw new Error('it does not listen')
  await using caller = await dials(listener.state.at.port)
  caller.socket.write('hello\n')
  expect((await caller.receives(6)).toString()).toBe('HELLO\n')
  await session.phase('C1', 'open')
  const { bytes } = await session.call('capture.bytes', { id: 'C1', stream: 'out', from: 0, to: 6 })
  expect(Buffer.from(bytes).toString()).toBe('HELLO\n')
  const { rows } = await session.call('capture.read', { id: 'C1', from: 0, to: 10 })
  // Nothing drags more memory through the clone than it shows.
  expect(rows.bytes.buffer.byteLength).toBe('hello\nHELLO\n'.length)
  expect(bytes.buffer.byteLength).toBe(6)
})

test('a payload that is a small part of a large buffer crosses alone', async () => {
  await using listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  const large = Buffer.alloc(1 << 20, 'x')
  large.write('needle', 5000)
  await session.call('connection.send', { id, bytes: large.subarray(5000, 5006) })
  const peer = await listener.caller()
  expect((await peer.receives(6)).toString()).toBe('needle')
})

test('a tap follows through the thread, stalls when nobody settles, and goes on when somebody does', async () => {
  const { id, state } = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  if (state.phase !== 'bound' || state.at.kind !== 'udp') throw new Error('it is not bound')
  const { port } = state.at
  const messages: TapMessage[] = []
  const tap = client.openTap(id, 0, (message) => messages.push(message))
  await vi.waitUntil(() => messages.length > 0)
  const peer = createSocket('udp4')
  const payload = Buffer.alloc(512, 'd')
  const spent = (): boolean => messages.at(-1)?.type === 'skipped' && owed() >= 1024 * 1024
  const owed = (): number =>
    messages.reduce((sum, each) => sum + (each.type === 'rows' ? each.costBytes : 0), 0)
  while (!spent()) {
    for (let each = 0; each < 50; each++) peer.send(payload, port, '127.0.0.1')
    // A turn of the loop: the thread's messages come in between.
    await setImmediate()
  }
  const before = messages.length
  tap.settle(owed())
  await new Promise<void>((sent) => peer.send('last', port, '127.0.0.1', () => sent()))
  await vi.waitUntil(() => messages.length > before && messages.at(-1)?.type === 'rows')
  tap.close()
  peer.close()
})

test('a file is sent by its grant', async () => {
  const path = join(folder.path, 'picked.txt')
  await writeFile(path, 'from a file')
  await using listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  await session.call('connection.sendFile', { id, grant: client.grantFile(path) })
  const peer = await listener.caller()
  expect((await peer.receives(11)).toString()).toBe('from a file')
  await session.until('file.progressed', ({ progress }) => progress.phase === 'sent')
})

test('malformed messages are answered with faults', async () => {
  expect(await client.call('__proto__', {})).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
  expect(await client.call('connection.send', { id: 'C1', bytes: 'no' })).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT' },
  })
  expect(await client.call('connection.send', { id: 'C1', bytes: () => 0 })).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT' },
  })
  expect(await session.call('socket.list', {})).toMatchObject({ sockets: [] })
})

test('closing ends the thread; what is asked later is refused', async () => {
  await session.call('listener.open', { at: 'tcp://127.0.0.1:0' })
  await Promise.all([client.close(), client.close()])
  expect(await client.ended).toBeNull()
  expect(await client.call('socket.list', {})).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
  expect(await session.phase('L1', 'closed')).toBeDefined()
})

test('a capture that cannot be opened is told, and the thread ends', async () => {
  const started = await startWorkerService(program.file, {
    file: join(program.file, 'x.swb'),
    application: 'test',
  })
  expect(started).toMatchObject({ ok: false, fault: { code: 'EEXIST' } })
})

test('a thread that dies leaves no call unanswered', async () => {
  const entry = join(folder.path, 'dying.mjs')
  await writeFile(entry, DYING)
  const logged: string[] = []
  const started = await startWorkerService(entry, { file, application: 'test' }, (text) => logged.push(text))
  if (!started.ok) throw new Error(started.fault.summary)
  const doomed = new Session(started.value)
  const replies = await Promise.all([doomed.ask('socket.list', {}), doomed.ask('socket.list', {})])
  const fault = { code: 'SB_BUG', summary: expect.stringContaining('out of luck') as string }
  expect(replies).toMatchObject([
    { ok: false, fault },
    { ok: false, fault },
  ])
  expect(await started.value.ended).toMatchObject(fault)
  expect(logged).toEqual([expect.stringMatching(/out of luck\n\s+at /)])
  expect(await doomed.until('problem.arose', ({ id }) => id === null)).toMatchObject({ fault })
  expect(await doomed.ask('socket.list', {})).toMatchObject({ ok: false, fault })
})

test('a recording is gone on with in the thread: how far it is read is told, and it can be ended', async () => {
  const long = join(folder.path, 'long.swb')
  const opened = await openCapture({ file: long, application: 'test', clock: monotonicClock() })
  if (!opened.ok) throw new Error(opened.fault.summary)
  const track = opened.value.track('C1', 'unix', 'long')
  const bytes = new Uint8Array(20)
  for (let n = 0; n < 400_000; n++) {
    if (!opened.value.hasRoom) await opened.value.flush()
    track.chunk('in', bytes)
  }
  await opened.value.close()
  await rm(indexFileOf(long))
  const options = { file: long, application: 'test', mode: 'resume' } as const
  const cancel = new AbortController()
  const cancelled = await startWorkerService(program.file, options, undefined, {
    signal: cancel.signal,
    onProgress: () => cancel.abort(),
  })
  expect(cancelled).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
  expect((await readdir(folder.path)).toSorted()).toEqual(['deep', 'long.swb'])

  const told: number[] = []
  const started = await startWorkerService(program.file, options, undefined, {
    onProgress: (doneBytes, totalBytes) => told.push(doneBytes / totalBytes),
  })
  if (!started.ok) throw new Error(started.fault.summary)
  expect(told.length).toBeGreaterThan(2)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(told.at(-1)).toBe(1)
  await using resumed = new Session(started.value)
  const { counters } = await resumed.call('socket.list', {})
  expect(new Map(counters).get('C1')).toMatchObject({ inBytes: 8_000_000, inChunks: 400_000 })
  const target = join(folder.path, 'moved.swb')
  await resumed.call('session.saveAs', { grant: started.value.grantTarget(target) })
  expect(started.value.file).toBe(target)
})
