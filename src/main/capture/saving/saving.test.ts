import fs from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type Reply } from '../../../shared/model/fault'
import { MAX_CHUNK_BYTES } from '../../engine/recorder'
import { openRecording } from '../index/opened'
import { overview } from '../overview'
import { resumeCapture } from '../resume'
import { Folder, output, pattern, value } from '../testing/folder'
import { Twin } from '../testing/twin'
import { type Capture } from '../types'

const tcp = (port: number): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })
const open = new AbortController().signal

const codeOf = (reply: Reply<unknown>): string => (reply.ok ? 'accepted' : reply.fault.code)

async function expectHolds(file: string, twins: readonly Twin[]): Promise<void> {
  const opened = value(await openRecording(file))
  expect(opened).toMatchObject({ lostBytes: 0, warnings: [] })
  for (const twin of twins) {
    const streams = { in: twin.stream('in'), out: twin.stream('out') }
    const [inBytes, outBytes] = [streams.in.length, streams.out.length]
    expect(opened.size(twin.id)).toEqual({ rows: twin.rows.length, inBytes, outBytes })
    for (const stream of ['in', 'out'] as const) {
      for (let at = 0; at < streams[stream].length;) {
        const { bytes } = value(await opened.bytes(twin.id, stream, at, at + 256 * 1024))
        expect(streams[stream].subarray(at, at + bytes.length).equals(bytes)).toBe(true)
        at += bytes.length
      }
    }
    await twin.expectRows(Math.max(0, twin.rows.length - 512), twin.rows.length, opened)
  }
  await opened.close()
}

const PATTERN = pattern(1, 0, 4_000_037)

/** Records until it is told to stop, as fast as the disk takes it. */
function traffic(capture: Capture, twin: Twin, sizes: readonly number[], mostBytes: number) {
  let isOver = false
  const done = (async () => {
    for (let n = 0, bytes = 0; !isOver && bytes < mostBytes; n++) {
      while (!capture.hasRoom) await setImmediate()
      const length = sizes[n % sizes.length] as number
      twin.chunkInPlace('in', PATTERN.subarray((n * 65_537) % 3_000_017).subarray(0, length))
      bytes += length
      if (n % 8 === 0) await setImmediate()
    }
  })()
  return {
    stop(): Promise<void> {
      isOver = true
      return done
    },
  }
}

/** What lies in a folder besides the given files and what belongs to them. */
function others(folder: string, ...files: string[]): string[] {
  return fs.readdirSync(folder).filter((name) => !files.some((file) => name.startsWith(path.basename(file))))
}

describe('saving as', () => {
  test.each([
    ['small chunks', [10, 100, 1000, 3], 8e6],
    ['chunks of all sizes', [10, MAX_CHUNK_BYTES, 70_000, 5000, 1], 60e6],
    ['full speed', [MAX_CHUNK_BYTES], 200e6],
  ])(
    'while %s come: not a byte is lost or there twice',
    async (_, sizes, mostBytes) => {
      await using folder = await Folder.make()
      const capture = await folder.record()
      const twin = new Twin(capture, 'C1', 'tcp')
      twin.opened(tcp(1), tcp(2), 'local')
      const coming = traffic(capture, twin, sizes, mostBytes)
      await capture.flush()
      let last = capture.file
      for (const name of ['one.swb', 'two.swb', 'three.swb']) {
        const file = folder.file(name)
        const reported: number[] = []
        const saved = value(
          await capture.saveAs(file, { signal: open, onProgress: (bytes) => reported.push(bytes) }),
        )
        expect(saved.file).toBe(fs.realpathSync(file))
        expect(capture.file).toBe(saved.file)
        expect(capture.status().file).toBe(saved.file)
        expect(reported).toEqual(reported.toSorted((a, b) => a - b))
        // What it left is whole: a prefix of what it has become.
        const left = fs.readFileSync(last)
        const now = fs.openSync(file, 'r')
        const start = Buffer.alloc(left.length)
        fs.readSync(now, start, 0, left.length, 0)
        fs.closeSync(now)
        expect(left.equals(start)).toBe(true)
        expect(value(await overview(last))).toMatchObject({ tornBytes: 0, warnings: [] })
        expect(fs.existsSync(`${last}.lock`)).toBe(false)
        last = file
        await twin.expectRows(0, 512)
        await twin.expectRows(Math.max(0, twin.rows.length - 200), twin.rows.length)
        await twin.expectBytes('in', 0, 200_000)
      }
      await coming.stop()
      await capture.flush()
      await twin.expectRows(Math.max(0, twin.rows.length - 512), twin.rows.length)
      await capture.close()
      await expectHolds(last, [twin])
      expect(others(folder.path, '1.swb', 'one.swb', 'two.swb', 'three.swb')).toEqual([])
      const opened = value(await openRecording(last))
      expect(opened.isRebuilt).toBe(false)
      await opened.close()
    },
    60_000,
  )

  test('under a first name, the file itself gets it: nothing is copied, however much there is', async () => {
    await using folder = await Folder.make()
    const old = await folder.record(folder.file('named.swb'))
    new Twin(old, 'C1', 'tcp').chunk('in', pattern(9, 0, 99))
    await old.close()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    const coming = traffic(capture, twin, [MAX_CHUNK_BYTES, 70_000, 5], 60e6)
    await capture.flush()
    const [first, { ino }] = [capture.file, fs.statSync(capture.file)]
    const copied: number[] = []
    const saved = value(
      await capture.saveAs(folder.file('named.swb'), {
        signal: open,
        isMoved: true,
        onProgress: (bytes) => copied.push(bytes),
      }),
    )
    expect(copied).toEqual([])
    expect(fs.statSync(saved.file).ino).toBe(ino)
    expect([capture.file, capture.status().file]).toEqual([saved.file, saved.file])
    expect(others(folder.path, 'named.swb')).toEqual([])
    expect(fs.existsSync(`${first}.lock`)).toBe(false)
    expect(fs.existsSync(`${saved.file}.lock`)).toBe(true)
    await twin.expectRows(0, 512)
    await coming.stop()
    await capture.flush()
    await twin.expectRows(Math.max(0, twin.rows.length - 512), twin.rows.length)
    await capture.close()
    expect(fs.existsSync(`${saved.file}.lock`)).toBe(false)
    await expectHolds(saved.file, [twin])
    const opened = value(await openRecording(saved.file))
    expect(opened.isRebuilt).toBe(false)
    await opened.close()
  })

  test('replaces what is there, only whole, and goes on into it after that', async () => {
    await using folder = await Folder.make()
    const old = await folder.record(folder.file('target.swb'))
    new Twin(old, 'C1', 'tcp').chunk('in', pattern(9, 0, 99))
    await old.close()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'unix')
    twin.chunk('in', pattern(1, 0, 5000))
    capture.arrange('[1]')
    const was = fs.readFileSync(old.file)
    const cancel = AbortSignal.abort()
    expect(codeOf(await capture.saveAs(old.file, { signal: cancel }))).toBe('SB_CANCELLED')
    expect(fs.readFileSync(old.file).equals(was)).toBe(true)
    value(await capture.saveAs(old.file, { signal: open }))
    twin.chunk('out', pattern(1, 5000, 300))
    await capture.close()
    await expectHolds(old.file, [twin])
    const { capture: again, past } = value(await resumeCapture({ file: old.file, application: 'test' }))
    expect(past.others).toEqual([{ kind: 'arrangement', arrangement: '[1]' }])
    await again.close()
  })

  test('a copy is what was recorded when it was asked for, and the recording goes on where it was', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    for (let n = 0; n < 100; n++) twin.chunk('in', pattern(1, n, 30_000))
    const { bytes } = capture.status()
    const copying = capture.saveCopy(folder.file('copy.swb'), { signal: open })
    const rows = twin.rows.length
    for (let n = 0; n < 100; n++) twin.chunk('in', pattern(2, n, 30_000))
    expect(codeOf(await capture.saveAs(folder.file('late.swb'), { signal: open }))).toBe('SB_STATE')
    const copy = value(await copying)
    expect(capture.file).toBe(folder.file('1.swb'))
    expect(fs.statSync(copy.file).size).toBe(bytes)
    await capture.close()
    const whole = fs.readFileSync(capture.file)
    expect(fs.readFileSync(copy.file).equals(whole.subarray(0, bytes))).toBe(true)
    const opened = value(await openRecording(copy.file))
    expect(opened.size('C1').rows).toBe(rows)
    await opened.close()
    expect(others(folder.path, '1.swb', 'copy.swb')).toEqual([])
  })

  test('where it may not be: refused with a word, and all goes on', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const other = await folder.record()
    const twin = new Twin(capture, 'C1', 'tcp')
    twin.chunk('in', pattern(1, 0, 3000))
    await capture.flush()
    const file = folder.file('folder')
    fs.mkdirSync(file)
    const save = async (to: string): Promise<string> => {
      const reply = await capture.saveAs(to, { signal: open })
      return reply.ok ? 'accepted' : `${reply.fault.code} ${reply.fault.summary}`
    }
    expect(await save(file)).toMatch(/^SB_INPUT .*a folder/)
    expect(await save(capture.file)).toMatch(/^SB_INPUT .*goes on here/)
    expect(await save(other.file)).toMatch(/^SB_BUSY .*another window of this program/)
    expect(await save(path.join(folder.path, 'none', 'x.swb'))).toMatch(/^ENOENT /)
    expect(await save('/proc/nowhere.swb')).toMatch(/^E(NOENT|ACCES|PERM) /)
    twin.chunk('in', pattern(1, 3000, 10))
    await other.close()
    await capture.close()
    await expectHolds(capture.file, [twin])
    expect(others(folder.path, '1.swb', '2.swb', 'folder')).toEqual([])
    expect(codeOf(await capture.saveAs(folder.file('x.swb'), { signal: open }))).toBe('SB_STATE')
  })
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf(!canMount)('a disk that is too small (needs root, to mount one)', () => {
  test('is told before anything is written, and when it fills up meanwhile; the recording goes on', async () => {
    await using folder = await Folder.make()
    const disk = folder.file('disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk])
    try {
      const capture = await folder.record()
      const twin = new Twin(capture, 'C1', 'tcp')
      const record = async (megabytes: number): Promise<void> => {
        for (let n = 0; n < megabytes * 4; n++) {
          while (!capture.hasRoom) await setImmediate()
          twin.chunk('in', PATTERN.subarray(n, n + 250_000))
        }
        await capture.flush()
      }
      await record(12)
      const reply = await capture.saveAs(`${disk}/a.swb`, {
        signal: open,
        // Somebody else takes the room.
        onProgress: () => {
          if (!fs.existsSync(`${disk}/other`))
            expect(() => fs.writeFileSync(`${disk}/other`, Buffer.alloc(30e6))).toThrow('ENOSPC')
        },
      })
      expect(reply).toMatchObject({ ok: false, fault: { code: 'ENOSPC', hint: /Free some room/ } })
      expect(fs.readdirSync(disk)).toEqual(['other'])
      fs.rmSync(`${disk}/other`)
      await record(12)
      const told = await capture.saveAs(`${disk}/a.swb`, { signal: open })
      expect(told).toMatchObject({ ok: false, fault: { code: 'ENOSPC', summary: /are needed; .* are free/ } })
      expect(fs.readdirSync(disk)).toEqual([])
      expect(capture.status().fault).toBeUndefined()
      await capture.close()
      await expectHolds(capture.file, [twin])
    } finally {
      await output('umount', [disk])
    }
  }, 30_000)

  test('of another file system is copied onto, also under a first name', async () => {
    await using folder = await Folder.make()
    const disk = folder.file('disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk])
    try {
      const capture = await folder.record()
      const twin = new Twin(capture, 'C1', 'tcp')
      twin.chunk('in', pattern(1, 0, 100_000))
      await capture.flush()
      const saved = value(await capture.saveAs(`${disk}/a.swb`, { signal: open, isMoved: true }))
      // What is left is for the one who asked to remove.
      expect(fs.existsSync(folder.file('1.swb'))).toBe(true)
      expect(fs.existsSync(folder.file('1.swb.lock'))).toBe(false)
      twin.chunk('in', pattern(1, 100_000, 100_000))
      await capture.close()
      await expectHolds(saved.file, [twin])
      expect(fs.readdirSync(disk).toSorted()).toEqual(['a.swb', 'a.swb.idx'])
    } finally {
      await output('umount', [disk])
    }
  })

  test('does not take the room of the recording that is on it', async () => {
    await using folder = await Folder.make()
    const disk = folder.file('disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=30m', 'tmpfs', disk])
    try {
      const capture = await folder.record(`${disk}/1.swb`)
      const twin = new Twin(capture, 'C1', 'tcp')
      twin.chunk('in', pattern(1, 0, 100_000))
      const reply = await capture.saveCopy(`${disk}/2.swb`, { signal: open })
      expect(reply).toMatchObject({
        ok: false,
        fault: { code: 'ENOSPC', summary: /for the recording to go on/ },
      })
      twin.chunk('in', pattern(1, 0, 100_000))
      await capture.close()
      await expectHolds(capture.file, [twin])
      expect(fs.readdirSync(disk).toSorted()).toEqual(['1.swb', '1.swb.idx'])
    } finally {
      await output('umount', [disk])
    }
  })
})
