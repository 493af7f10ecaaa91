import { truncate, unlink, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ConnectionId } from '../../shared/model/ids'
import { type FileProgress } from '../../shared/model/summary'
import { createService } from './service'
import { listens, type PeerListener } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

/** More than loopback's buffers take while nobody reads. */
const MORE_THAN_FITS = 64 * 1024 * 1024

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session

beforeEach(async () => {
  folder = await temporaryFolder()
  const created = await createService({ file: join(folder.path, 'session.swb'), application: 'test' })
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A file whose every byte tells its place. */
async function fileOf(lengthBytes: number): Promise<{ readonly path: string; readonly content: Buffer }> {
  const content = Buffer.alloc(lengthBytes)
  for (let at = 0; at + 4 <= lengthBytes; at += 4) content.writeUInt32LE(at, at)
  const path = join(folder.path, 'picked.bin')
  await writeFile(path, content)
  return { path, content }
}

async function dialled(to: PeerListener): Promise<ConnectionId> {
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${to.port}` })
  await session.phase(id, 'open')
  return id
}

async function startSending(id: ConnectionId, path: string): Promise<FileProgress> {
  return session.call('connection.sendFile', { id, grant: session.service.grantFile(path) })
}

/** How it ended. */
async function theEnd(id: ConnectionId) {
  return session.until('file.progressed', (event) => event.id === id && event.progress.phase !== 'sending')
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('a file arrives byte for byte, and its progress ends at its length', async () => {
  const { path, content } = await fileOf(5_000_003)
  await using listener = await listens()
  const id = await dialled(listener)
  expect(await startSending(id, path)).toMatchObject({
    name: 'picked.bin',
    totalBytes: 5_000_003,
    phase: 'sending',
  })
  const peer = await listener.caller()
  expect(sha256(await peer.receives(content.length))).toBe(sha256(content))
  expect(await theEnd(id)).toMatchObject({ progress: { phase: 'sent', sentBytes: 5_000_003 } })
})

test('an empty file is sent as soon as it is opened', async () => {
  const { path } = await fileOf(0)
  await using listener = await listens()
  const id = await dialled(listener)
  await startSending(id, path)
  expect(await theEnd(id)).toMatchObject({ progress: { phase: 'sent', sentBytes: 0, totalBytes: 0 } })
})

test('a grant is good once, and a made-up one never', async () => {
  const { path } = await fileOf(10)
  await using listener = await listens()
  const id = await dialled(listener)
  const grant = session.service.grantFile(path)
  await session.call('connection.sendFile', { id, grant })
  await theEnd(id)
  expect(await session.refusal('connection.sendFile', { id, grant })).toBe('SB_INPUT')
  expect(await session.refusal('connection.sendFile', { id, grant: path })).toBe('SB_INPUT')
})

test('to a peer that does not read, a file waits on the disk and can be cancelled', async () => {
  const { path } = await fileOf(MORE_THAN_FITS)
  await using listener = await listens({ isReading: false })
  const id = await dialled(listener)
  await startSending(id, path)
  await session.until('file.progressed', ({ progress }) => progress.sentBytes > 0)
  expect(await session.refusal('connection.sendFile', { id, grant: session.service.grantFile(path) })).toBe(
    'SB_STATE',
  )
  const { sockets } = await session.call('socket.list', {})
  const queued = sockets.map((each) => (each.kind === 'connection' ? each.queuedBytes : 0))
  expect(Math.max(...queued)).toBeLessThan(1024 * 1024)

  expect(await session.call('connection.cancelFile', { id })).toBeNull()
  const { progress } = await theEnd(id)
  expect(progress.phase).toBe('cancelled')
  expect(progress.sentBytes).toBeLessThan(MORE_THAN_FITS)
  // What was told as sent is what arrives once the peer reads.
  const peer = await listener.caller()
  peer.socket.resume()
  expect(await peer.receives(progress.sentBytes)).toHaveLength(progress.sentBytes)
  expect(await session.refusal('connection.cancelFile', { id })).toBe('SB_STATE')
})

test('a file that vanishes while it is sent is told with errno and call', async () => {
  const { path } = await fileOf(MORE_THAN_FITS)
  await using listener = await listens({ isReading: false })
  const id = await dialled(listener)
  await startSending(id, path)
  await session.until('file.progressed', ({ progress }) => progress.sentBytes > 0)
  await unlink(path)
  expect(await theEnd(id)).toMatchObject({
    progress: { phase: 'failed' },
    fault: { code: 'ENOENT', syscall: 'stat' },
  })
  const { sockets } = await session.call('socket.list', {})
  expect(sockets).toMatchObject([{ state: { phase: 'open' } }])
})

test('a file that becomes shorter while it is sent is told', async () => {
  const { path } = await fileOf(MORE_THAN_FITS)
  await using listener = await listens({ isReading: false })
  const id = await dialled(listener)
  await startSending(id, path)
  await session.until('file.progressed', ({ progress }) => progress.sentBytes > 0)
  await truncate(path, 10)
  const { progress, fault } = await theEnd(id)
  expect(progress.phase).toBe('failed')
  expect(fault?.summary).toMatch(/became shorter/)
})

test('a file that is gone before it is sent, and a directory, are refused at once', async () => {
  await using listener = await listens()
  const id = await dialled(listener)
  const gone = await session.ask('connection.sendFile', {
    id,
    grant: session.service.grantFile(join(folder.path, 'gone')),
  })
  expect(gone).toMatchObject({ ok: false, fault: { code: 'ENOENT', syscall: 'open' } })
  const directory = await session.ask('connection.sendFile', {
    id,
    grant: session.service.grantFile(folder.path),
  })
  expect(directory).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT', summary: expect.stringContaining('directory') as string },
  })
})

test('a connection that is reset while the file is sent fails it, with what the kernel had taken', async () => {
  const { path } = await fileOf(MORE_THAN_FITS)
  await using listener = await listens({ isReading: false })
  const id = await dialled(listener)
  await startSending(id, path)
  await session.until('file.progressed', ({ progress }) => progress.sentBytes > 0)
  const peer = await listener.caller()
  peer.socket.resetAndDestroy()
  const { progress, fault } = await theEnd(id)
  expect(progress.phase).toBe('failed')
  expect(fault).toBeDefined()
  const { sockets, counters } = await session.call('socket.list', {})
  expect(sockets).toMatchObject([{ state: { phase: 'closed', how: 'reset' } }])
  expect(progress.sentBytes).toBe(counters[0]?.[1].outBytes)
})

test('the end of the program cancels what is on its way', async () => {
  const { path } = await fileOf(MORE_THAN_FITS)
  await using listener = await listens({ isReading: false })
  const id = await dialled(listener)
  await startSending(id, path)
  await session.service.close()
  expect(await theEnd(id)).toMatchObject({ progress: { phase: 'cancelled' } })
})
