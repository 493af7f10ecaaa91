import fc from 'fast-check'
import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { type RecordingStatus } from '../../shared/model/summary'
import { MAX_CHUNK_BYTES } from '../engine/recorder'
import { monotonicClock } from '../engine/clock'
import { openCapture } from './capture'
import { openRecording } from './index/opened'
import { overview } from './overview'
import { Folder, pattern, value } from './testing/folder'
import { Twin } from './testing/twin'
import { type Capture } from './types'

const local: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 40_000 }
const remote: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 8060 }
const local6: Endpoint = { kind: 'tcp', host: '::1', port: 40_000 }
const remote6: Endpoint = { kind: 'tcp', host: '::1', port: 8060 }
const udpLocal: Endpoint = { kind: 'udp', host: '0.0.0.0', port: 5000 }

const PEERS: readonly (readonly [Endpoint, Endpoint, string])[] = [
  [udpLocal, { kind: 'udp', host: '127.0.0.1', port: 6000 }, 'udp://127.0.0.1:6000'],
  [udpLocal, { kind: 'udp', host: '10.1.2.3', port: 65_535 }, 'udp://10.1.2.3:65535'],
  [{ kind: 'udp', host: '::', port: 5000 }, { kind: 'udp', host: '::1', port: 1 }, 'udp://[::1]:1'],
  [
    { kind: 'udp', host: '::', port: 5000 },
    { kind: 'udp', host: 'fe80::1%eth0', port: 7 },
    'udp://[fe80::1%eth0]:7',
  ],
  [
    { kind: 'udp', host: '::', port: 5000 },
    { kind: 'udp', host: '::ffff:127.0.0.1', port: 7 },
    'udp://[::ffff:127.0.0.1]:7',
  ],
]

const SOCKETS = [
  { id: 'C1', kind: 'tcp' },
  { id: 'C2', kind: 'tcp' },
  { id: 'C3', kind: 'unix' },
  { id: 'U1', kind: 'udp' },
  { id: 'L1', kind: 'tcp' },
] as const

const direction = fc.constantFrom('in' as const, 'out' as const)
const size = fc.oneof(
  { weight: 8, arbitrary: fc.nat(80) },
  { weight: 2, arbitrary: fc.nat(3000) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX_CHUNK_BYTES - 1, MAX_CHUNK_BYTES) },
)
const act = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      act: fc.constant('chunk' as const),
      socket: fc.nat(2),
      direction,
      size,
      isInPlace: fc.boolean(),
      times: fc.constantFrom(1, 1, 1, 90),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('datagram' as const),
      direction,
      size: fc.nat(2000),
      peer: fc.nat(PEERS.length - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('event' as const),
      socket: fc.nat(4),
      text: fc.string({ unit: 'grapheme', maxLength: 30 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('turn' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('read' as const),
      socket: fc.nat(4),
      from: fc.nat(1_000_000),
      length: fc.nat(1_000_000),
      stream: fc.constantFrom('in' as const, 'out' as const, 'both' as const),
    }),
  },
)

function setUp(capture: Capture): Twin[] {
  const twins = SOCKETS.map(({ id, kind }) => new Twin(capture, id, kind))
  twins[0]?.opened(local, remote, 'local')
  twins[1]?.opened(local6, remote6, 'remote')
  return twins
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a capture', () => {
  test('gives back any range of what was recorded, from memory and from the file, while it grows', async () => {
    await using folder = await Folder.make()
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 60 }), async (acts) => {
        const capture = await folder.record()
        const twins = setUp(capture)
        const twin = (n: number) => twins[n] as Twin
        for (const [n, each] of acts.entries()) {
          if (each.act === 'chunk') {
            const times = each.size > 3000 ? Math.min(each.times, 12) : each.times
            for (let round = 0; round < times; round++) {
              const bytes = pattern(n, round * each.size, each.size)
              if (each.isInPlace) twin(each.socket).chunkInPlace(each.direction, bytes)
              else twin(each.socket).chunk(each.direction, bytes)
            }
          } else if (each.act === 'datagram') {
            const [own, peer, told] = PEERS[each.peer] as (typeof PEERS)[number]
            twin(3).datagram(each.direction, pattern(n, 0, each.size), own, peer, told)
          } else if (each.act === 'event') twin(each.socket).event({ what: 'noted', text: each.text })
          else if (each.act === 'flush') await capture.flush()
          else if (each.act === 'turn') await turn()
          else {
            const asked = twin(each.socket)
            const first = each.from % (asked.rows.length + 1)
            await asked.expectRows(first, first + (each.length % 600))
            const from = each.from % (asked.stream(each.stream).length + 1)
            await asked.expectBytes(each.stream, from, from + each.length)
          }
        }
        for (const each of twins) {
          await each.expectRows(0, each.rows.length)
          expect(capture.size(each.id)).toEqual({
            rows: each.rows.length,
            inBytes: each.stream('in').length,
            outBytes: each.stream('out').length,
          })
          expect(each.track.rows).toBe(each.rows.length)
        }
        await capture.close()
        const found = value(await overview(capture.file))
        expect(found).toMatchObject({ tornBytes: 0, warnings: [] })
        for (const each of twins) {
          expect(found.sockets.find(({ id }) => id === each.id)).toMatchObject({
            inBytes: each.stream('in').length,
            outBytes: each.stream('out').length,
            inChunks: each.rows.filter((row) => row.kind === 'data' && row.direction === 'in').length,
          })
        }
        fs.rmSync(capture.file)
      }),
      { numRuns: 25 },
    )
  })

  test('keeps heads and ends of long chunks at hand, whatever their bytes and whatever stands between', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    const other = new Twin(capture, 'C2', 'tcp')
    const sizes = [16_384, 40_000, 100, 16_384, 3, 1, 515, 70_000, 16_383, 20_000, 512, 30_000]
    for (let n = 0; n < 900; n++) {
      const bytes = pattern(2, n, sizes[n % sizes.length] ?? 1)
      // Floats that are no numbers, if anything took them for floats.
      if (n % 5 === 0) bytes.fill(0xff)
      twin.chunk(n % 7 === 0 ? 'out' : 'in', bytes)
      if (n % 3 === 0) other.chunk('in', bytes.subarray(0, 20_000))
      if (n % 50 === 49) twin.event({ what: 'noted', text: `after ${n}` })
      // Nothing but short ones for a while.
      if (n % 200 === 199)
        for (let short = 0; short < 60; short++) twin.chunk('in', pattern(3, short, 1 + short))
      if (n % 20 === 0) await turn()
    }
    for (let from = 0; from < twin.rows.length; from += 61) await twin.expectRows(from, from + 70)
    await capture.flush()
    for (let from = 0; from < twin.rows.length; from += 61) await twin.expectRows(from, from + 70)
    for (let from = 0; from < other.rows.length; from += 17) await other.expectRows(from, from + 3)
    await capture.close()
    const opened = value(await openRecording(capture.file))
    expect(opened.isRebuilt).toBe(false)
    await twin.expectRows(0, 500, opened)
    await opened.close()
  })

  test('finds rows in a long record of many sizes, all of it on disk', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    twin.opened(local, remote, 'local')
    // Past both places at which the index takes to larger blocks.
    for (let n = 0; n < 70_000; n++) {
      twin.chunk(n % 1000 === 0 ? 'out' : 'in', pattern(1, n, 1 + (n % 7)))
      if (n % 5000 === 0) await turn()
    }
    await capture.flush()
    for (const row of [0, 63, 64, 4095, 4096, 5000, 65_535, 65_536, 69_500])
      await twin.expectRows(row, row + 300)
    for (const from of [0, 1, 100_000, 261_000]) await twin.expectBytes('in', from, from + 3000)
    await twin.expectBytes('out', 0, 1000)
    await twin.expectBytes('both', 123_456, 130_000)
    for (const row of [0, 1, 63, 64, 5000, 65_536, 69_990, 70_000]) {
      const [found] = value(await capture.read('C1', row, row + 1))
      const atNanos = found?.atNanos ?? NaN
      const before = value(await capture.rowAtTime('C1', atNanos))
      // Rows of one moment: the first of them.
      expect(before).toBeLessThanOrEqual(row)
      expect(value(await capture.read('C1', before, before + 1))[0]?.atNanos).toBe(atNanos)
      expect(value(await capture.rowAtTime('C1', atNanos + 1))).toBeGreaterThan(row)
      if (found?.kind !== 'data') continue
      const last = found.offset + found.lengthBytes - 1
      expect(value(await capture.rowAtOffset('C1', found.direction, found.offset))).toBe(row)
      expect(value(await capture.rowAtOffset('C1', found.direction, last))).toBe(row)
      expect(value(await capture.rowAtOffset('C1', 'both', found.combinedOffset))).toBe(row)
    }
    expect(value(await capture.rowAtTime('C1', 0))).toBe(0)
    expect(value(await capture.rowAtTime('C1', Number.MAX_SAFE_INTEGER))).toBe(70_001)
    expect(await capture.rowAtTime('C9', 0)).toMatchObject({ ok: false, fault: { code: 'SB_UNKNOWN' } })
    expect(await capture.rowAtOffset('C1', 'in', -1)).toMatchObject({ fault: { code: 'SB_INPUT' } })
    await capture.close()
  })

  test('reads on while memory is used again and again', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'tcp', '')
    track.event({ what: 'opened', local, remote, by: 'local' })
    const reads: Promise<void>[] = []
    const expectBytes = async (chunk: number) => {
      const start = chunk * MAX_CHUNK_BYTES
      const { bytes } = value(await capture.bytes('C1', 'in', start - 1000, start + 1000))
      expect(Buffer.concat([Buffer.alloc(1000, chunk - 1), Buffer.alloc(1000, chunk)]).equals(bytes)).toBe(
        true,
      )
    }
    for (let n = 0; n < 200; n++) {
      while (!capture.hasRoom) await turn()
      const space = track.readSpace() ?? new Uint8Array(0)
      track.chunk('in', space.fill(n))
      // Not awaited: what is in memory now may be gone before it is answered.
      for (const back of [0, 10, 16, 50]) if (n > back) reads.push(expectBytes(n - back))
    }
    expect(capture.size('C1').inBytes).toBe(200 * MAX_CHUNK_BYTES)
    await Promise.all(reads)
    await capture.close()
  })

  test('holds what comes in while nobody heeds that there is no room, and loses none of it', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const told: boolean[] = []
    capture.onRoom((hasRoom) => told.push(hasRoom))
    const twin = new Twin(capture, 'C1', 'tcp')
    twin.opened(local, remote, 'local')
    // Without a turn of the event loop no write can come to its end.
    const bytes = pattern(1, 0, MAX_CHUNK_BYTES)
    for (let n = 0; n < 256; n++) twin.chunk('out', bytes)
    expect(capture.hasRoom).toBe(false)
    await capture.flush()
    expect(capture.hasRoom).toBe(true)
    expect(told).toEqual([false, true])
    await twin.expectBytes('out', 100 * MAX_CHUNK_BYTES, 100 * MAX_CHUNK_BYTES + 1000)
    await twin.expectRows(0, 256)
    await capture.close()
    expect(value(await overview(capture.file)).sockets[0]).toMatchObject({
      outChunks: 256,
      outBytes: 256 * MAX_CHUNK_BYTES,
    })
  })

  test('takes bytes as they lie where readSpace said, and tells when that place is no longer good', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    let moved = 0
    const off = capture.onMoved(() => moved++)
    const [four, six] = setUp(capture) as [Twin, Twin]
    const before = moved
    for (const twin of [four, six]) {
      const space = twin.track.readSpace()
      expect(space?.length).toBe(MAX_CHUNK_BYTES)
      expect(twin.track.readSpace()?.byteOffset).toBe(space?.byteOffset)
      for (const length of [1, 2, 3, 4, 65_515, 65_516, MAX_CHUNK_BYTES])
        twin.chunkInPlace('in', pattern(2, 0, length))
      await twin.expectRows(0, 10)
      await twin.expectBytes('in', 0, 300_000)
    }
    expect(moved - before).toBe(14)
    off()
    four.chunk('in', pattern(1, 0, 5))
    expect(moved - before).toBe(14)
    await capture.close()
  })

  test('splits what is longer than a packet, and passes over an empty chunk', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'unix', 'long')
    track.chunk('out', new Uint8Array(0))
    track.chunk('out', pattern(1, 0, 600_000))
    const rows = value(await capture.read('C1', 0, 10))
    expect(rows.map((row) => row.kind === 'data' && row.lengthBytes)).toEqual([261_888, 261_888, 76_224])
    expect(value(await capture.bytes('C1', 'out', 400_000, 500_000)).bytes).toEqual(
      pattern(1, 400_000, 100_000),
    )
    await capture.close()
  })

  test('keeps an event that is too long for a block as a note of it', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'tcp', '')
    track.event({ what: 'noted', text: '€'.repeat(100_000) })
    const [row] = value(await capture.read('C1', 0, 1))
    expect(row?.kind === 'event' && row.event.what === 'noted' && row.event.text).toMatch(
      /^noted, too long to keep \(100\d+ characters\): .*€€/,
    )
    await capture.close()
  })

  test('has small traffic in its file after a moment, to the byte', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    const told = new Promise<RecordingStatus>((resolve) => {
      capture.onStatus(resolve)
    })
    twin.chunk('in', Buffer.from('hello'))
    // Nobody asks for it to be flushed.
    const { bytes } = await told
    await expect.poll(() => fs.statSync(capture.file).size, { interval: 5 }).toBe(bytes)
    expect(value(await overview(capture.file))).toMatchObject({
      tornBytes: 0,
      sockets: [{ id: 'C1', inBytes: 5 }],
    })
    await capture.close()
    expect(fs.statSync(capture.file).size).toBe(bytes)
  })

  test('answers what cannot be read with a fault', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    capture.track('C1', 'tcp', '')
    expect(await capture.read('C2', 0, 1)).toMatchObject({ ok: false, fault: { code: 'SB_UNKNOWN' } })
    expect(await capture.read('C1', -1, 1)).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
    expect(await capture.bytes('C1', 'in', 0.5, 1)).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
    expect(await capture.read('C1', 5, 2)).toEqual({ ok: true, value: [] })
    expect(value(await capture.bytes('C1', 'both', 5, 9)).bytes).toEqual(new Uint8Array(0))
    expect(capture.size('C2')).toEqual({ rows: 0, inBytes: 0, outBytes: 0 })
    await Promise.all([capture.close(), capture.close()])
    expect(await capture.read('C1', 0, 1)).toMatchObject({ ok: false, fault: { code: 'SB_STATE' } })
  })

  test('records nothing, and harms nothing, after it was closed', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    twin.chunk('in', Buffer.from('before'))
    await capture.close()
    const size = fs.statSync(capture.file).size
    twin.track.chunk('in', Buffer.from('after'))
    twin.track.event({ what: 'paused' })
    expect(twin.track.readSpace()).toBeNull()
    await capture.flush()
    expect(fs.statSync(capture.file).size).toBe(size)
  })

  test('never overwrites: a file that holds something is refused, an empty one is taken', async () => {
    await using folder = await Folder.make()
    const file = folder.file()
    const open = (at: string) => openCapture({ file: at, application: 'test', clock: monotonicClock() })
    fs.writeFileSync(file, 'precious')
    expect(await open(file)).toMatchObject({
      ok: false,
      fault: { code: 'EEXIST', syscall: 'open', endpoint: file },
    })
    expect(fs.readFileSync(file, 'utf8')).toBe('precious')
    fs.writeFileSync(file, '')
    await value(await open(file)).close()
    expect(await open(folder.path)).toMatchObject({ ok: false, fault: { code: 'EISDIR' } })
    expect(await open(`${file}/below`)).toMatchObject({ ok: false, fault: { code: /ENOTDIR|EEXIST/ } })
    const deep = `${folder.path}/a/b/c.swb`
    await value(await open(deep)).close()
    expect(fs.statSync(deep).mode & 0o077).toBe(0)
  })

  test('takes 2,000 sockets with little memory for each', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twins: Twin[] = []
    for (let n = 1; n <= 2000; n++) {
      const id: SocketId = `C${n}`
      const twin = new Twin(capture, id, 'tcp')
      twin.opened({ ...local, port: 10_000 + n }, remote, 'local')
      twins.push(twin)
    }
    for (const round of [0, 1, 2])
      for (const [n, twin] of twins.entries()) twin.chunk('out', pattern(n, round * 10, 10))
    for (const twin of twins) twin.track.end()
    await capture.flush()
    for (const n of [0, 999, 1999]) await (twins[n] as Twin).expectRows(0, 3)
    await capture.close()
    expect(value(await overview(capture.file)).sockets).toHaveLength(2000)
  })
})
