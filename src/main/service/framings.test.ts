import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { unpackFrames } from '../../shared/contract/packedFrames'
import { type Frame, type FramesStatus } from '../../shared/model/frame'
import { MAX_FRAME_BYTES, type Framing } from '../../shared/model/framing'
import { type SocketId } from '../../shared/model/ids'
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

/** A connection of ours to a plain Node server, and the server's end. */
async function connection(listener: Awaited<ReturnType<typeof listens>>) {
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  const peer = await listener.caller()
  peer.socket.setNoDelay(true)
  return { id, peer }
}

async function inBytes(id: SocketId, count: number): Promise<void> {
  for (;;) {
    const { counters } = await session.call('socket.list', {})
    if ((counters.find(([each]) => each === id)?.[1].inBytes ?? 0) >= count) return
    // Answers come without a turn of the loop, in which the bytes do.
    await setImmediate()
  }
}

/** Begins to cut, and answers once so many bytes have been gone through. */
async function cut(
  id: SocketId,
  framing: Framing,
  bytes: number,
): Promise<FramesStatus & { readonly frames: number }> {
  const { frames } = await session.call('frames.begin', { id, framing })
  return until(frames, ({ scannedBytes }) => scannedBytes >= bytes)
}
const until = (frames: number, isSo: (status: FramesStatus) => boolean) =>
  session.until('frames.progressed', (status) => status.frames === frames && isSo(status))

async function read(frames: number, from = 0, to = from + 256): Promise<readonly Frame[]> {
  return unpackFrames((await session.call('frames.read', { frames, from, to })).frames)
}
const shown = ({ direction, head, isComplete }: Frame): string =>
  `${direction} ${Buffer.from(head).toString('latin1')}${isComplete ? '' : ' …'}`

test('frames of both directions come in the order in which they became complete, and what is not comes last', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  peer.socket.write('one\ntw')
  await inBytes(id, 6)
  await session.call('connection.send', { id, bytes: Buffer.from('hello\r\nhalf') })
  peer.socket.write('o\nthr')
  await inBytes(id, 11)
  const status = await cut(id, { kind: 'line' }, 22)
  expect(status).toMatchObject({ id, count: 3, unfinished: 2, problems: 0, totalBytes: 22 })
  const frames = await read(status.frames)
  expect(frames.map(shown)).toEqual(['in one', 'out hello', 'in two', 'in thr …', 'out half …'])
  expect(frames.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4])
  const [one, , two] = frames as [Frame, Frame, Frame]
  expect(two).toMatchObject({ offset: 4, lengthBytes: 4, row: one.row })
  expect(two.endNanos).toBeGreaterThan(two.atNanos)
  expect(one.endNanos).toBe(one.atNanos)

  // It goes on as the record does.
  peer.socket.write('ee\n')
  await until(status.frames, ({ count }) => count === 4)
  expect((await read(status.frames)).map(shown).slice(3)).toEqual(['in three', 'out half …'])
  await session.call('frames.end', { frames: status.frames })
  expect(await session.refusal('frames.read', { frames: status.frames, from: 0, to: 1 })).toBe('SB_UNKNOWN')
})

test('any frame of a long stream is the one that a plain split has there, whatever it is read by', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  const lines = Array.from({ length: 200_000 }, (_, n) => `${n} ${'x'.repeat((n * 7919) % 90)}`)
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  for (let at = 0, n = 1; at < bytes.length; n++) {
    const to = at + ((n * 104_729) % 60_000)
    peer.socket.write(bytes.subarray(at, to))
    at = to
  }
  await inBytes(id, bytes.length)
  const status = await cut(id, { kind: 'line' }, bytes.length)
  expect(status).toMatchObject({ count: lines.length, unfinished: 0, scannedBytes: bytes.length })
  const offsets: number[] = []
  let offset = 0
  for (const line of lines) {
    offsets.push(offset)
    offset += line.length + 1
  }
  for (const from of [0, 1, 63, 64, 65, 12_345, 99_999, 150_000, 199_999]) {
    const [frame] = await read(status.frames, from, from + 1)
    expect(frame).toMatchObject({ number: from, offset: offsets[from], isHeadWhole: true })
    expect(Buffer.from(frame?.head ?? []).toString()).toBe(lines[from])
  }
  const page = await read(status.frames, 77_777, 78_000)
  expect(page.map(({ head }) => Buffer.from(head).toString())).toEqual(lines.slice(77_777, 78_000))
  // The rows told are those that hold their first bytes.
  for (const { row, offset: at } of page.filter((_, n) => n % 50 === 0)) {
    const { bytes: held, spans } = await session.call('capture.bytes', {
      id,
      stream: 'in',
      from: at,
      to: at + 1,
    })
    expect(held).toHaveLength(1)
    expect(spans[0]?.row).toBe(row)
  }
})

test('frames are read while a long record is still being cut', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  const bytes = Buffer.from('ab\n'.repeat(8_000_000))
  peer.socket.write(bytes)
  await inBytes(id, bytes.length)
  const { frames } = await session.call('frames.begin', { id, framing: { kind: 'line' } })
  await until(frames, ({ count }) => count > 256)
  const [first] = await read(frames, 0, 1)
  expect(first).toMatchObject({ number: 0, lengthBytes: 3 })
  const isThrough = session.events.some(
    ({ name, value }) =>
      name === 'frames.progressed' && value.frames === frames && value.scannedBytes === bytes.length,
  )
  expect(isThrough).toBe(false)
  await session.call('frames.end', { frames })
}, 60_000)

test('silence ends a frame; the next thing that happens on the socket shows it', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  peer.socket.write('abc')
  await inBytes(id, 3)
  await session.call('connection.send', { id, bytes: Buffer.from('x') })
  const status = await cut(id, { kind: 'idleGap', gapNanos: 1 }, 4)
  expect((await read(status.frames)).map(shown)).toEqual(['in abc', 'out x …'])
  peer.socket.end()
  await until(status.frames, ({ count }) => count === 2)
})

test('long frames are found from within, and answered a few at a time', async () => {
  await using listener = await listens()
  const { id, peer } = await connection(listener)
  const longBytes = 9 * 1024 * 1024
  const header = Buffer.alloc(4)
  header.writeUInt32BE(longBytes)
  for (let n = 0; n < 6; n++) {
    header[4] = n
    peer.socket.write(Buffer.concat([header, Buffer.alloc(longBytes, n)]))
  }
  const total = 6 * (longBytes + 4)
  await inBytes(id, total)
  const framing = {
    kind: 'lengthPrefix',
    sizeBytes: 4,
    byteOrder: 'big',
    offsetBytes: 0,
    includesItself: false,
  } as const
  const { frames, count } = await cut(id, framing, total)
  expect(count).toBe(6)
  const some = await read(frames)
  expect(some.length).toBeGreaterThan(1)
  expect(some.length).toBeLessThan(6)
  const [last] = await read(frames, 5)
  expect(last).toMatchObject({
    number: 5,
    offset: 5 * (longBytes + 4),
    lengthBytes: longBytes + 4,
    isHeadWhole: false,
  })
  expect(last?.head).toEqual(new Uint8Array(512).fill(5))

  const wrong = await cut(id, { ...framing, sizeBytes: 8 }, total)
  expect(wrong.problems).toBeGreaterThan(0)
  const endless = await cut(id, { kind: 'delimiter', hex: 'ff' }, total)
  expect(endless).toMatchObject({ count: 3, problems: 3, unfinished: 1 })
  expect((await read(endless.frames))[0]).toMatchObject({ lengthBytes: MAX_FRAME_BYTES, problem: 'tooLong' })
})

test('each datagram is a frame, and within it the framing holds', async () => {
  const bound = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  if (bound.state.phase !== 'bound' || bound.state.at.kind !== 'udp') throw new Error('it is not bound')
  const { port } = bound.state.at
  const socket = createSocket('udp4')
  for (const part of ['one\ntwo', '', 'three\n', 'four'])
    await new Promise((sent) => socket.send(part, port, '127.0.0.1', sent))
  socket.close()
  await inBytes(bound.id, 17)
  const lines = await cut(bound.id, { kind: 'line' }, 17)
  expect((await read(lines.frames)).map(shown)).toEqual(['in one', 'in two', 'in ', 'in three', 'in four'])
  const whole = await cut(bound.id, { kind: 'idleGap', gapNanos: 1_000_000 }, 17)
  expect((await read(whole.frames)).map(shown)).toEqual(['in one\ntwo', 'in ', 'in three\n', 'in four'])
  const fixed = await cut(bound.id, { kind: 'fixed', lengthBytes: 4 }, 17)
  expect((await read(fixed.frames)).map(({ problem }) => problem)).toEqual([
    null,
    'cutShort',
    null,
    null,
    'cutShort',
    null,
  ])
})

test('a framing that makes no sense is refused, and so is a cutting that is not there', async () => {
  const refusal = async (framing: unknown): Promise<string> => {
    const reply = await session.ask('frames.begin', { id: 'C1', framing: framing as Framing })
    return reply.ok ? 'accepted' : reply.fault.summary
  }
  expect(await refusal({ kind: 'delimiter', hex: '' })).toBe(
    'frames.begin: framing: A delimiter has at least one byte.',
  )
  expect(await refusal({ kind: 'fixed', lengthBytes: 0.5 })).toContain('1 to 16777216 bytes')
  expect(await refusal({ kind: 'fixed', lengthBytes: NaN })).toContain('framing')
  expect(
    await refusal({
      kind: 'lengthPrefix',
      sizeBytes: 5,
      byteOrder: 'big',
      offsetBytes: 0,
      includesItself: false,
    }),
  ).toContain('a length takes 1, 2, 3, 4, 8 bytes')
  expect(await refusal({ kind: 'idleGap', gapNanos: -1 })).toContain('more than 0 ms')
  expect(await refusal({ kind: 'words' })).toContain('framing')
  expect(await session.refusal('frames.read', { frames: 7, from: 0, to: 1 })).toBe('SB_UNKNOWN')
})
