import fc from 'fast-check'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { MAX_CHUNK_BYTES } from '../engine/recorder'
import { indexFileOf } from './indexPath'
import { openRecording } from './index/opened'
import { overview } from './overview'
import { resumeCapture, type ResumedCapture, type ResumeOptions } from './resume'
import { Folder, has, output, pattern, value } from './testing/folder'
import { Twin } from './testing/twin'
import { type Capture, type CaptureReader } from './types'

const tcp = (port: number): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })

async function resumed(file: string, options: Partial<ResumeOptions> = {}): Promise<ResumedCapture> {
  return value(await resumeCapture({ file, application: 'Switchboard test', ...options }))
}

const refusal = async (file: string, options: Partial<ResumeOptions> = {}): Promise<string> => {
  const reply = await resumeCapture({ file, application: 'test', ...options })
  if (!reply.ok) return `${reply.fault.code} ${reply.fault.summary} ${reply.fault.hint ?? ''}`
  await reply.value.capture.close()
  return 'accepted'
}

async function expectAll(reader: CaptureReader, twins: readonly Twin[]): Promise<void> {
  expect(reader.ids().toSorted()).toEqual(twins.map(({ id }) => id).toSorted())
  for (const twin of twins) {
    const rows = twin.rows.length
    const [inBytes, outBytes] = [twin.stream('in').length, twin.stream('out').length]
    expect(reader.size(twin.id)).toEqual({ rows, inBytes, outBytes })
    expect(reader.about(twin.id)).toBe(`twin ${twin.id}`)
    for (const row of new Set([0, Math.max(0, rows - 300)])) await twin.expectRows(row, row + 512, reader)
    for (const stream of ['in', 'out', 'both'] as const) {
      const { length } = twin.stream(stream)
      for (const at of new Set([0, Math.floor(length / 2), Math.max(0, length - 100_000)]))
        await twin.expectBytes(stream, at, at + 150_000, reader)
    }
  }
}

async function expectOpens(file: string, twins: readonly Twin[], isRebuilt: boolean): Promise<void> {
  const opened = value(await openRecording(file))
  expect(opened).toMatchObject({ lostBytes: 0, warnings: [], isRebuilt })
  await expectAll(opened, twins)
  await opened.close()
}

/** A few sockets, with a bit of everything. @param first number of the first connection */
function recordSome(capture: Capture, first: number, sizes: readonly number[]): Twin[] {
  const c = new Twin(capture, `C${first}`, 'tcp')
  const u = new Twin(capture, `C${first + 1}`, 'unix')
  c.opened(tcp(40_000), tcp(8060), 'local')
  for (const [n, size] of sizes.entries()) {
    c.chunk(n % 3 === 0 ? 'out' : 'in', pattern(first, n, size))
    u.chunk('in', pattern(first + 1, n, size % 1000))
    if (n % 7 === 0) u.event({ what: 'noted', text: `${n} – ünïcode` })
  }
  c.event({ what: 'closed', how: 'fin', by: 'remote', unsentBytes: 0 })
  c.track.end()
  return [c, u]
}

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4000, max: 9000 }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX_CHUNK_BYTES, MAX_CHUNK_BYTES - 1) },
)

describe('a recording that is gone on with', () => {
  test('holds what it held and what came, however often, by its index and without', async () => {
    await using folder = await Folder.make()
    const parts = fc.array(fc.tuple(fc.array(size, { maxLength: 40 }), fc.boolean()), {
      minLength: 2,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(parts, async (all) => {
        const file = folder.file()
        const twins: Twin[] = []
        for (const [n, [sizes, isIndexLost]] of all.entries()) {
          const capture = n === 0 ? await folder.record(file) : (await resumed(file)).capture
          await expectAll(capture, twins)
          twins.push(...recordSome(capture, n * 2 + 1, sizes))
          await expectAll(capture, twins)
          await capture.flush()
          await expectAll(capture, twins)
          await capture.close()
          await expectOpens(file, twins, false)
          if (isIndexLost) fs.rmSync(indexFileOf(file))
        }
        fs.rmSync(indexFileOf(file), { force: true })
        await expectOpens(file, twins, true)
        expect(value(await overview(file))).toMatchObject({ tornBytes: 0, warnings: [] })
      }),
      { numRuns: 25 },
    )
  }, 180_000)

  test('goes on at full speed behind a page that was begun', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    const twins = recordSome(first, 1, [5])
    await first.close()
    expect(fs.statSync(first.file).size % 4096).not.toBe(0)
    const { capture } = await resumed(first.file)
    const large = new Twin(capture, 'C9', 'tcp')
    large.opened(tcp(1), tcp(2), 'local')
    for (let n = 0; n < 100; n++) {
      while (!capture.hasRoom) await new Promise((resolve) => setImmediate(resolve))
      large.chunk('in', pattern(9, n, MAX_CHUNK_BYTES))
    }
    await expectAll(capture, [...twins, large])
    await capture.close()
    await expectOpens(first.file, [...twins, large], false)
  }, 30_000)

  test('that is only opened and closed stays as it is, to the byte', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(first, 1, [5, 5000, 70])
    await first.close()
    const [bytes, index] = [fs.readFileSync(first.file), fs.readFileSync(indexFileOf(first.file))]
    const { capture } = await resumed(first.file)
    await capture.close()
    expect(fs.readFileSync(first.file).equals(bytes)).toBe(true)
    expect(fs.readFileSync(indexFileOf(first.file)).equals(index)).toBe(true)
    expect(fs.readdirSync(folder.path)).toHaveLength(2)
  })

  test('tells what there was: sockets, marks and the last arrangement', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(first, 1, [5, 6, 7, 8])
    first.mark({ v: 1, kind: 'mark', socket: 'C1', row: 1, note: 'here', colour: 'amber' })
    first.arrange('{"panes":["C1"]}')
    first.arrange('{ "panes": ["C2", "–"] }')
    await first.close()
    for (const isIndexLost of [false, true]) {
      const file = folder.file()
      fs.copyFileSync(first.file, file)
      if (!isIndexLost) fs.copyFileSync(indexFileOf(first.file), indexFileOf(file))
      const { capture, past } = await resumed(file)
      expect(past.ids).toEqual(['C1', 'C2'])
      expect(past.chunks('C1')).toEqual({ in: 2, out: 2 })
      expect(past.warnings).toEqual([])
      expect(past.others).toEqual([
        { v: 1, kind: 'mark', socket: 'C1', row: 1, note: 'here', colour: 'amber' },
        { kind: 'arrangement', arrangement: '{ "panes": ["C2", "–"] }' },
      ])
      capture.arrange('[]')
      await capture.close()
      const again = await resumed(file)
      expect(again.past.others.at(-1)).toEqual({ kind: 'arrangement', arrangement: '[]' })
      expect(again.past.others).toHaveLength(2)
      await again.capture.close()
    }
  })

  test('has one clock: it goes on by the wall clock, and never runs back', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    const began = Number(first.epochNanos / 1_000_000n)
    recordSome(first, 1, [5])
    await first.close()
    const hour = 3600e9
    const later = (await resumed(first.file, { nowMs: began + 3600_000 })).capture
    expect(later.epochNanos).toBe(first.epochNanos)
    const twin = new Twin(later, 'C3', 'tcp')
    twin.chunk('in', pattern(3, 0, 5))
    const [row] = value(await later.read('C3', 0, 1))
    expect(row?.atNanos).toBeGreaterThanOrEqual(hour)
    expect(row?.atNanos).toBeLessThan(hour + 60e9)
    await later.close()
    // The wall clock was set back meanwhile.
    const earlier = (await resumed(first.file, { nowMs: began - 5000 })).capture
    new Twin(earlier, 'C4', 'tcp').chunk('in', pattern(4, 0, 5))
    const [after] = value(await earlier.read('C4', 0, 1))
    expect(after?.atNanos).toBeGreaterThan(row?.atNanos ?? 0)
    await earlier.close()
    expect(await refusal(first.file, { nowMs: began + 36 * 365 * 24 * 3600_000 })).toMatch(
      /^SB_UNSUPPORTED .*clock/,
    )
    // A clock from long before its beginning would be such a one, too.
    expect(await refusal(first.file, { nowMs: 0 })).toBe('accepted')
  })

  test('goes on years later, with times that all agree: in rows, in the index and without, and in the file', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    const began = Number(first.epochNanos / 1_000_000n)
    const twins = recordSome(first, 1, [5, 6])
    await first.close()
    const day = 24 * 3600_000
    for (const [n, days] of [120, 400, 12_000].entries()) {
      const { capture } = await resumed(first.file, { nowMs: began + days * day })
      const [twin, other] = recordSome(capture, 3 + 2 * n, [7, 70, 700])
      const rows = value(await capture.read(`C${3 + 2 * n}`, 0, 10))
      for (const row of rows) {
        expect(row.atNanos).toBeGreaterThanOrEqual(days * day * 1e6)
        expect(row.atNanos).toBeLessThan(days * day * 1e6 + 60e9)
      }
      expect(await capture.rowAtTime(`C${3 + 2 * n}`, days * day * 1e6)).toEqual({ ok: true, value: 0 })
      await capture.close()
      if (twin !== undefined && other !== undefined) twins.push(twin, other)
      const byIndex = value(await openRecording(first.file))
      expect(byIndex.isRebuilt).toBe(false)
      const told = await byIndex.read(`C${3 + 2 * n}`, 0, 10)
      expect(told).toEqual({ ok: true, value: rows })
      await byIndex.close()
    }
    fs.rmSync(indexFileOf(first.file))
    const rebuilt = value(await openRecording(first.file))
    expect(rebuilt).toMatchObject({ isRebuilt: true, warnings: [] })
    await expectAll(rebuilt, twins)
    const [last] = value(await rebuilt.read('C7', 0, 1))
    await rebuilt.close()
    const { sockets } = value(await overview(first.file))
    expect(sockets.find(({ id }) => id === 'C7')?.firstNanos).toBe(last?.atNanos)
    if (!has('tshark')) return
    const shown = await output('tshark', [
      '-r',
      first.file,
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'frame.interface_name',
    ])
    const packet = shown.split('\n').find((line) => line.endsWith('\tC7')) ?? ''
    const [seconds = '', fraction = ''] = packet.replace(/\t.*/, '').split('.')
    expect(BigInt(seconds) * 1_000_000_000n + BigInt(fraction)).toBe(
      first.epochNanos + BigInt(last?.atNanos ?? 0),
    )
  })

  test.skipIf(!has('tshark'))(
    'is one file to tshark and capinfos, and equal addresses are followed apart',
    async () => {
      await using folder = await Folder.make()
      const first = await folder.record()
      recordSome(first, 1, [50, 60, 70])
      await first.close()
      const { capture } = await resumed(first.file)
      const again = recordSome(capture, 3, [150, 160, 170])
      await capture.close()
      for (const stream of [0, 1]) {
        const followed = await output('tshark', ['-r', first.file, '-q', '-z', `follow,tcp,raw,${stream}`])
        const bytes = [...followed.matchAll(/^\t?([0-9a-f]+)$/gm)].map(([, hex = '']) => hex).join('')
        const sizes = stream === 0 ? 180 : 480
        expect(bytes.length / 2, followed).toBe(sizes)
      }
      expect(again[0]?.stream('both').length).toBe(480)
      const shown = await output('sh', ['-c', 'tshark -r "$0" -q 2>&1; capinfos "$0" 2>&1', first.file])
      expect(shown).not.toMatch(/warn|damaged|cut short|error/i)
      expect(shown).toMatch(/Number of interfaces in file: 4/)
    },
  )
})

describe('what is damaged', () => {
  test('cut off at any byte: it is told, all before is there, and it goes on from there', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(first, 1, [5, 300, 70, 12, 900])
    await first.close()
    const whole = fs.readFileSync(first.file)
    const ends = new Set<number>()
    for (let at = 0; at < whole.length; at += whole.readUInt32LE(at + 4)) ends.add(at)
    ends.add(whole.length)
    const file = folder.file('cut.swb')
    for (let length = 0; length < whole.length; length += length < 450 ? 1 : 41) {
      for (const zeros of length % 6 === 0 ? [0, 70_000] : [0]) {
        fs.writeFileSync(file, Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)]))
        fs.rmSync(indexFileOf(file), { force: true })
        const before = value(await openAny(file))
        const reply = await resumeCapture({ file, application: 'test' })
        if (!reply.ok) {
          expect(['SB_CAPTURE', 'SB_FOREIGN']).toContain(reply.fault.code)
          expect(before ?? []).toEqual([])
          expect(length).toBeLessThan(400)
          expect(fs.statSync(file).size).toBe(length + zeros)
          continue
        }
        const { capture, past } = reply.value
        expect(past.warnings).toHaveLength(ends.has(length) && zeros === 0 ? 0 : 1)
        expect(ends.has(fs.statSync(file).size)).toBe(true)
        const sizes = past.ids.map((id) => capture.size(id))
        expect(sizes).toEqual(before)
        const twin = new Twin(capture, 'C77', 'unix')
        twin.chunk('out', pattern(7, 0, 700))
        await twin.expectRows(0, 1)
        await capture.close()
        const opened = value(await openRecording(file))
        expect(opened).toMatchObject({ warnings: [], isRebuilt: false })
        await twin.expectRows(0, 1, opened)
        await opened.close()
      }
    }
  }, 180_000)

  test('in its middle, or by a second section behind: it stays as it is', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(
      first,
      1,
      Array.from({ length: 50 }, () => 100),
    )
    await first.close()
    const whole = fs.readFileSync(first.file)
    let at = 0
    while (at < whole.length / 2) at += whole.readUInt32LE(at + 4)
    const flipped = Buffer.from(whole)
    flipped.writeUInt32LE(whole.readUInt32LE(at + 4) ^ 0x400, at + 4)
    for (const bytes of [
      flipped,
      Buffer.concat([whole, whole]),
      Buffer.concat([whole, Buffer.alloc(9e6, 7)]),
    ]) {
      fs.writeFileSync(first.file, bytes)
      fs.rmSync(indexFileOf(first.file), { force: true })
      expect(await refusal(first.file)).toMatch(
        /^SB_CAPTURE .*damaged at byte \d+ of \d+; nothing was changed/,
      )
      expect(fs.readFileSync(first.file).equals(bytes)).toBe(true)
      expect(fs.readdirSync(folder.path)).toEqual(['1.swb'])
    }
  })

  test('in its times: they may run backwards, and the clock does not believe an index that lies of them', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(
      first,
      1,
      Array.from({ length: 200 }, () => 20),
    )
    await first.close()
    const [whole, index] = [fs.readFileSync(first.file), fs.readFileSync(indexFileOf(first.file))]
    const day = 24 * 3600e9
    // The time of the last row of the last block: before the mark of the end.
    index.writeDoubleLE(30 * day, index.length - 80 + 8)
    fs.writeFileSync(indexFileOf(first.file), index)
    const timeOfNext = async (): Promise<number> => {
      const { capture } = await resumed(first.file)
      const id: SocketId = `C${capture.ids().length + 1}`
      new Twin(capture, id, 'unix').chunk('in', pattern(1, 0, 10))
      const [row] = value(await capture.read(id, 0, 1))
      for (const each of capture.ids()) {
        expect(value(await capture.read(each, 0, 300)).length).toBeGreaterThan(0)
        for (const moment of [0, 1e6, 1e9, 40 * day])
          expect((await capture.rowAtTime(each, moment)).ok).toBe(true)
        expect((await capture.totalsBefore(each, [0, 1e6, 40 * day])).ok).toBe(true)
      }
      await capture.close()
      return row?.atNanos ?? Infinity
    }
    expect(await timeOfNext()).toBeLessThan(day)
    // Each packet a second before the one before it.
    let packets = 0
    for (let at = 0; at < whole.length; at += whole.readUInt32LE(at + 4)) {
      if (whole.readUInt32LE(at) !== 6) continue
      const atNanos = first.epochNanos + 1_000_000_000n * BigInt(1000 - ++packets)
      whole.writeUInt32LE(Number(atNanos >> 32n), at + 12)
      whole.writeUInt32LE(Number(atNanos & 0xffff_ffffn), at + 16)
    }
    fs.writeFileSync(first.file, whole)
    fs.rmSync(indexFileOf(first.file))
    const next = await timeOfNext()
    expect(next).toBeGreaterThan(900e9)
    expect(next).toBeLessThan(day)
  })

  test('by any flipped bits: it is gone on with, or refused, and what is not understood is told', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(first, 1, [5, 300, 70, 12, 900, 40, 50, 60])
    await first.close()
    const [whole, index] = [fs.readFileSync(first.file), fs.readFileSync(indexFileOf(first.file))]
    const bad = folder.file('bad.swb')
    const flips = (most: number) => fc.array(fc.nat(most * 8 - 1), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.option(flips(whole.length)), fc.option(flips(index.length)), async (data, lies) => {
        fs.writeFileSync(bad, flippedIn(whole, data ?? []))
        fs.rmSync(indexFileOf(bad), { force: true })
        if (lies !== null) fs.writeFileSync(indexFileOf(bad), flippedIn(index, lies))
        const { size: sizeBefore } = fs.statSync(bad)
        const reply = await resumeCapture({ file: bad, application: 'test' })
        if (!reply.ok) {
          expect(['SB_CAPTURE', 'SB_FOREIGN', 'SB_NEWER', 'SB_UNSUPPORTED']).toContain(reply.fault.code)
          expect(fs.statSync(bad).size).toBe(sizeBefore)
          return
        }
        const { capture, past } = reply.value
        if (fs.statSync(bad).size < sizeBefore) expect(past.warnings.length).toBeGreaterThan(0)
        const id: SocketId = 'C500'
        const twin = new Twin(capture, id, 'unix')
        twin.chunk('in', pattern(1, 0, 100))
        for (const each of capture.ids()) {
          expect((await capture.read(each, 0, 512)).ok).toBe(true)
          expect((await capture.bytes(each, 'in', 0, 1e6)).ok).toBe(true)
        }
        await capture.close()
        const opened = value(await openRecording(bad))
        await twin.expectRows(0, 1, opened)
        await opened.close()
      }),
      { numRuns: 300 },
    )
  }, 180_000)
})

function flippedIn(bytes: Buffer, bits: readonly number[]): Buffer {
  const flipped = Buffer.from(bytes)
  for (const bit of bits) flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

/** Sizes of the sockets that reading finds; null where it finds no recording. */
async function openAny(file: string): Promise<{ ok: true; value: unknown }> {
  const reply = await openRecording(file)
  if (!reply.ok) return { ok: true, value: null }
  const sizes = reply.value.ids().map((id) => reply.value.size(id))
  await reply.value.close()
  fs.rmSync(indexFileOf(file), { force: true })
  return { ok: true, value: sizes }
}

describe('what is no recording', () => {
  test('is refused with a word on what it is, and stays as it is', async () => {
    await using folder = await Folder.make()
    const file = folder.file('other.swb')
    expect(await refusal(file)).toMatch(/^ENOENT /)
    const kinds: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.alloc(0), /^SB_CAPTURE .*is empty/],
      [Buffer.from('504b0304'.repeat(40), 'hex'), /^SB_CAPTURE .*no recording: it does not begin as pcapng/],
      [Buffer.from('ffd8ffe000104a464946'.repeat(20), 'hex'), /^SB_CAPTURE .*does not begin as pcapng/],
      [Buffer.from('d4c3b2a1'.repeat(20), 'hex'), /^SB_FOREIGN /],
      [Buffer.from('no recording at all'), /^SB_CAPTURE /],
    ]
    for (const [bytes, told] of kinds) {
      fs.writeFileSync(file, bytes)
      expect(await refusal(file)).toMatch(told)
      expect(fs.readFileSync(file).equals(bytes)).toBe(true)
      expect(fs.readdirSync(folder.path)).toEqual(['other.swb'])
    }
    fs.rmSync(file)
    fs.mkdirSync(file)
    expect(await refusal(file)).toMatch(/^SB_CAPTURE .*a folder/)
  })

  const canMount = process.platform === 'linux' && process.getuid?.() === 0
  test.skipIf(!canMount)(
    'nor may what cannot be written be gone on with (needs root, to mount it)',
    async () => {
      await using folder = await Folder.make()
      const disk = folder.file('disk')
      fs.mkdirSync(disk)
      await output('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
      try {
        const first = await folder.record(`${disk}/a.swb`)
        recordSome(first, 1, [50])
        await first.close()
        await output('mount', ['-o', 'remount,ro', disk])
        expect(await refusal(first.file)).toMatch(
          /^SB_PERMISSION a\.swb cannot be recorded into: EROFS.*writable/,
        )
      } finally {
        await output('umount', [disk])
      }
    },
  )

  test('making its index anew can be cancelled', async () => {
    await using folder = await Folder.make()
    const first = await folder.record()
    recordSome(first, 1, [50])
    await first.close()
    fs.rmSync(indexFileOf(first.file))
    expect(await refusal(first.file, { signal: AbortSignal.abort() })).toMatch(/^SB_CANCELLED /)
    expect(fs.readdirSync(folder.path)).toEqual(['1.swb'])
  })
})
