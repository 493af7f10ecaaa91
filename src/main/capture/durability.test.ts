import fc from 'fast-check'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type Fault } from '../../shared/model/fault'
import { scanBlocks } from './blockReader'
import { checksumOf } from './indexLog'
import { indexFileOf } from './indexPath'
import { overview } from './overview'
import { ipPayloadBytes } from './packetPayload'
import { BLOCK, PACKET_HEAD_BYTES } from './pcapng'
import { bundle } from './testing/bundle'
import { Folder, output, pattern, value } from './testing/folder'
import { Twin } from './testing/twin'
import { cutTornTail } from './tornTail'

const tcp = (port: number): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })

/** The payloads of all TCP packets, one after the other, found without the capture's own reader and index. */
async function payloads(file: string): Promise<Buffer> {
  const found: Buffer[] = []
  await scanBlocks(file, ({ type, bytes, view, from }) => {
    if (type !== BLOCK.packet) return
    const start = from + PACKET_HEAD_BYTES
    const end = start + view.getUint32(from + 20, true)
    const length = ipPayloadBytes(bytes, start, end)
    if (length > 0) found.push(Buffer.from(bytes.subarray(end - length, end)))
  })
  return Buffer.concat(found)
}

describe('a recording that is killed', () => {
  let folder: Folder
  let writer = ''
  beforeAll(async () => {
    folder = await Folder.make()
    writer = await bundle(new URL('./testing/writer.ts', import.meta.url), folder.path)
  })
  afterAll(() => folder[Symbol.asyncDispose]())

  test.each([
    ['small chunks', 300],
    ['large chunks at full speed', 261_888],
  ])('has all that was told to be written: %s', async (_, largest) => {
    const random = fc.sample(fc.nat(1000), { numRuns: 3, seed: largest })
    for (const each of random) {
      const file = folder.file()
      const child = spawn(process.execPath, [writer, file, String(largest)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let told = 0
      let lines = 0
      const reader = createInterface(child.stdout)
      for await (const line of reader) {
        told = Number(line)
        if (++lines === 1 + (each % 6)) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
      const torn = value(await overview(file))
      expect(torn.sockets[0]?.outBytes).toBeGreaterThanOrEqual(told)
      const { cutBytes } = value(await cutTornTail(file))
      expect(cutBytes).toBe(torn.tornBytes)
      expect(value(await overview(file))).toMatchObject({
        tornBytes: 0,
        fileBytes: torn.goodBytes,
        warnings: [],
      })
      const bytes = await payloads(file)
      expect(bytes.length).toBe(torn.sockets[0]?.outBytes)
      const sent = pattern(1, 0, 4 * 1024 * 1024)
      for (let at = 0; at < bytes.length; at += sent.length) {
        const part = bytes.subarray(at, at + sent.length)
        expect(part.equals(sent.subarray(0, part.length))).toBe(true)
      }
      // What the index says is in the file: it was written after it.
      expect(await lastIndexed(indexFileOf(file))).toBeLessThanOrEqual(torn.goodBytes)
      fs.rmSync(file)
    }
  })
})

/** The end of the data that the index's last block of rows points to. */
async function lastIndexed(file: string): Promise<number> {
  const bytes = await fs.promises.readFile(file)
  const floats = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 8)),
  )
  let end = 0
  for (let at = 0; at + 5 <= floats.length; at += 5)
    if (floats[at] === -2) end = Math.max(end, floats[at + 4] ?? 0)
  return end
}

describe('the index', () => {
  test('says where each row lies, and that it was closed', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const twins = [new Twin(capture, 'C1', 'unix'), new Twin(capture, 'C22', 'unix')]
    for (let n = 0; n < 200; n++) (twins[n % 2] as Twin).chunk(n % 3 ? 'in' : 'out', pattern(1, n, n))
    await capture.close()
    const bytes = fs.readFileSync(indexFileOf(capture.file))
    const floats = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    const data = fs.readFileSync(capture.file)
    const sockets: string[] = []
    let rows = 0
    let at = 5
    for (; floats[at] !== -4; at += 5) {
      if (floats[at] === -3) sockets.push(String.fromCharCode(floats[at + 2] ?? 0) + String(floats[at + 3]))
      else {
        expect(floats[at]).toBe(-2)
        const count = floats[at + 3] ?? 0
        for (let n = 0; n < count; n++) {
          at += 5
          const block = floats[at] ?? 0
          expect(data.readUInt32LE(block)).toBe(BLOCK.packet)
        }
        rows += count
      }
    }
    expect(sockets).toEqual(['C1', 'C22'])
    // The first chunk had no bytes, and was none.
    expect([...floats.subarray(at)]).toEqual([
      -4,
      data.length,
      199,
      2,
      checksumOf(floats.subarray(0, at + 4)),
    ])
    expect(rows).toBe(199)
  })
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf(!canMount)('a full disk (needs root, to mount one of 1 MB)', () => {
  test.each([
    ['the recording itself', 100, 20_000],
    ['its index', 20_000, 40],
  ])('stops the recording with a fault: %s', async (_, chunks, size) => {
    await using folder = await Folder.make()
    const disk = folder.file('disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
    try {
      const capture = await folder.record(`${disk}/full.swb`)
      const faults: Fault[] = []
      capture.onFailed((fault) => faults.push(fault))
      const twin = new Twin(capture, 'C1', 'tcp')
      twin.opened(tcp(1), tcp(2), 'local')
      let lost = 0
      for (let n = 0; n < chunks; n++) {
        if (faults.length > 0) {
          twin.track.chunk('in', pattern(1, 0, size))
          lost++
        } else twin.chunk('in', pattern(1, n * size, size))
        if (n % 10 === 0) await capture.flush()
      }
      expect(faults).toMatchObject([{ code: 'ENOSPC', syscall: 'write', hint: /disk is full/ }])
      expect(capture.status()).toMatchObject({ fault: { code: 'ENOSPC' }, isDiskBehind: false })
      expect(capture.hasRoom).toBe(true)
      expect(lost).toBeGreaterThan(0)
      expect(twin.track.rows).toBe(twin.rows.length + lost)
      // All from before is still to be seen, also what the disk did not take any more.
      expect(capture.size('C1').rows).toBe(twin.rows.length)
      await twin.expectRows(0, twin.rows.length)
      await twin.expectRows(Math.max(0, twin.rows.length - 300), twin.rows.length)
      await twin.expectBytes('in', twin.stream('in').length - 5000, twin.stream('in').length)
      await capture.close()
      const found = value(await overview(capture.file))
      expect(found).toMatchObject({ tornBytes: 0, warnings: [] })
      const kept = await payloads(capture.file)
      expect(kept.length).toBeGreaterThan(200_000)
      expect(kept.equals(twin.stream('in').subarray(0, kept.length))).toBe(true)
    } finally {
      await output('umount', [disk])
    }
  })

  test('refuses at once when there is no room at all', async () => {
    await using folder = await Folder.make()
    const disk = folder.file('disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
    try {
      const full = `${disk}/filler`
      expect(() => fs.writeFileSync(full, Buffer.alloc(2_000_000))).toThrow('ENOSPC')
      const capture = await folder.record(`${disk}/a.swb`)
      const failed = new Promise<Fault>((resolve) => {
        capture.onFailed(resolve)
      })
      capture.track('C1', 'tcp', '').chunk('in', Buffer.from('x'))
      expect(await failed).toMatchObject({ code: 'ENOSPC' })
      await capture.close()
    } finally {
      await output('umount', [disk])
    }
  })
})

/** A small recording with a bit of everything. */
async function sample(folder: Folder): Promise<Buffer> {
  const capture = await folder.record()
  const twin = new Twin(capture, 'C1', 'tcp')
  twin.track.event({ what: 'opened', local: tcp(1), remote: tcp(2), by: 'local' })
  for (let n = 1; n < 6; n++) twin.chunk(n % 2 ? 'in' : 'out', pattern(1, 0, n * 3))
  twin.track.event({ what: 'closed', how: 'reset', by: 'remote', unsentBytes: 0 })
  const udp = new Twin(capture, 'U1', 'udp')
  udp.datagram(
    'in',
    pattern(1, 0, 5),
    { ...tcp(1), kind: 'udp' } as Endpoint,
    { ...tcp(2), kind: 'udp' } as Endpoint,
    '',
  )
  udp.event({ what: 'noted', text: 'all of it' })
  await capture.close()
  return fs.readFileSync(capture.file)
}

describe('a damaged file', () => {
  test('cut at any byte is read up to its last whole block, and mended by a cut there', async () => {
    await using folder = await Folder.make()
    const whole = await sample(folder)
    const ends: number[] = []
    for (let at = 0; at < whole.length; at += whole.readUInt32LE(at + 4)) ends.push(at)
    const expectCut = async (file: string, length: number) => {
      fs.truncateSync(file, length)
      const reply = await overview(file)
      const good = ends.findLast((end) => end <= length)
      if (length < 12) expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_CAPTURE' } })
      else
        expect(reply).toMatchObject({ ok: true, value: { goodBytes: good, tornBytes: length - (good ?? 0) } })
    }
    // Several copies at once, each cut shorter and shorter.
    const copies = Array.from({ length: 16 }, () => folder.file())
    await Promise.all(
      copies.map(async (copy, n) => {
        fs.writeFileSync(copy, whole)
        for (let length = whole.length - 1 - n; length >= 0; length -= copies.length)
          await expectCut(copy, length)
      }),
    )
    const file = folder.file()
    fs.writeFileSync(file, Buffer.concat([whole, whole.subarray(0, 30)]))
    expect(await cutTornTail(file)).toEqual({ ok: true, value: { cutBytes: 30 } })
    expect(fs.readFileSync(file).equals(whole)).toBe(true)
    expect(await cutTornTail(file)).toEqual({ ok: true, value: { cutBytes: 0 } })
  })

  test('that was grown ahead is read without its zeros', async () => {
    await using folder = await Folder.make()
    const whole = await sample(folder)
    const file = folder.file()
    fs.writeFileSync(file, whole)
    fs.truncateSync(file, 16 * 1024 * 1024)
    const found = value(await overview(file))
    expect(found).toMatchObject({ goodBytes: whole.length, warnings: [/ends in \d+ zeros/] })
    expect(await cutTornTail(file)).toMatchObject({ ok: true })
    expect(fs.statSync(file).size).toBe(whole.length)
  })

  test('in its middle is not cut', async () => {
    await using folder = await Folder.make()
    const whole = await sample(folder)
    const file = folder.file()
    fs.writeFileSync(file, Buffer.concat([whole, Buffer.alloc(12_000_000, 0xab)]))
    expect(value(await overview(file)).warnings).toEqual([expect.stringMatching(/damaged at byte/)])
    expect(await cutTornTail(file)).toMatchObject({ ok: false, fault: { code: 'SB_CAPTURE' } })
    expect(fs.statSync(file).size).toBe(whole.length + 12_000_000)
  })

  test('by any flipped bits is an answer or a fault, in bounded time', async () => {
    await using folder = await Folder.make()
    const whole = await sample(folder)
    const file = folder.file()
    const flips = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(flips, async (bits) => {
        const bytes = Buffer.from(whole)
        for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        fs.writeFileSync(file, bytes)
        const reply = await overview(file)
        if (reply.ok) expect(reply.value.goodBytes + reply.value.tornBytes).toBe(whole.length)
        else expect(reply.fault.summary).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})
