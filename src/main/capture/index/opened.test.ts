import fc from 'fast-check'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { MAX_CHUNK_BYTES } from '../../engine/recorder'
import { indexFileOf } from '../indexPath'
import { Folder, pattern, value } from '../testing/folder'
import { Twin } from '../testing/twin'
import { type CaptureReader } from '../types'
import { openRecording, type OpenedCapture } from './opened'

const tcp = (host: string, port: number): Endpoint => ({ kind: 'tcp', host, port })
const udp = (host: string, port: number): Endpoint => ({ kind: 'udp', host, port })

/** Records a bit of everything, and closes the file. */
async function recorded(folder: Folder, chunks: number): Promise<{ file: string; twins: readonly Twin[] }> {
  const capture = await folder.record()
  const c1 = new Twin(capture, 'C1', 'tcp')
  const c2 = new Twin(capture, 'C2', 'tcp')
  const c3 = new Twin(capture, 'C3', 'unix')
  const u1 = new Twin(capture, 'U1', 'udp')
  const l1 = new Twin(capture, 'L1', 'tcp')
  l1.event({ what: 'listening', at: tcp('127.0.0.1', 8060) })
  c1.opened(tcp('127.0.0.1', 40_000), tcp('127.0.0.1', 8060), 'local')
  c2.opened(tcp('::1', 40_001), tcp('::1', 8060), 'remote')
  for (let n = 0; n < chunks; n++) {
    while (!capture.hasRoom) await new Promise((resolve) => setImmediate(resolve))
    const direction = n % 3 === 0 ? 'out' : 'in'
    c1.chunk(direction, pattern(1, n * 7, 1 + ((n * 31) % 300)))
    if (n % 5 === 0) c2.chunk(direction, pattern(2, n, n % 500 === 0 ? MAX_CHUNK_BYTES : 1 + (n % 70)))
    if (n % 7 === 0) c3.chunk(direction, pattern(3, n, 1 + (n % 90)))
    if (n % 11 === 0)
      u1.datagram(direction, pattern(4, n, n % 40), udp('::', 5000), udp('::1', 7), 'udp://[::1]:7')
    if (n % 13 === 0)
      u1.datagram(
        direction,
        pattern(5, n, n % 40),
        udp('::', 5000),
        udp('fe80::1%eth0', 7),
        'udp://[fe80::1%eth0]:7',
      )
    if (n % 50 === 0) c3.event({ what: 'noted', text: `${n} – ünïcode` })
  }
  c1.event({ what: 'finished', by: 'remote' })
  c1.event({ what: 'closed', how: 'fin', by: 'remote', unsentBytes: 0 })
  c1.track.end()
  c2.event({ what: 'closed', how: 'reset', by: 'local', unsentBytes: 0 })
  await capture.close()
  return { file: capture.file, twins: [c1, c2, c3, u1, l1] }
}

async function expectAll(reader: CaptureReader, twins: readonly Twin[]): Promise<void> {
  expect(reader.ids().toSorted()).toEqual(twins.map(({ id }) => id).toSorted())
  for (const twin of twins) {
    const { length } = twin.rows
    expect(reader.size(twin.id)).toEqual({
      rows: length,
      inBytes: twin.stream('in').length,
      outBytes: twin.stream('out').length,
    })
    expect(reader.about(twin.id)).toBe(`twin ${twin.id}`)
    for (const row of new Set([0, Math.floor(length / 2), Math.max(0, length - 300)])) {
      await twin.expectRows(row, row + 300, reader)
    }
    const middle = Math.floor(twin.stream('both').length / 2)
    await twin.expectBytes('both', middle, middle + 200_000, reader)
    await twin.expectBytes('in', 0, 100_000, reader)
    await twin.expectBytes('out', 5, 1000, reader)
  }
}

async function opened(file: string): Promise<OpenedCapture & AsyncDisposable> {
  const reader = value(await openRecording(file))
  return Object.assign(reader, { [Symbol.asyncDispose]: () => reader.close() })
}

/** Every index record of every socket. */
async function allRecords(reader: CaptureReader): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {}
  for (const id of reader.ids()) all[id] = [...(await reader.records(id, 0, 1_000_000))]
  return all
}

describe('a recording that is opened', () => {
  test('tells what was recorded, by its index and by one made anew, which are the same', async () => {
    await using folder = await Folder.make()
    const { file, twins } = await recorded(folder, 9000)
    const size = fs.statSync(file).size
    await using byIndex = await opened(file)
    expect(byIndex).toMatchObject({ isRebuilt: false, lostBytes: 0, warnings: [], fileBytes: size })
    await expectAll(byIndex, twins)
    const written = await allRecords(byIndex)

    fs.rmSync(indexFileOf(file))
    const told: number[] = []
    const rebuilt = value(await openRecording(file, { onProgress: (done) => told.push(done) }))
    expect(rebuilt).toMatchObject({ isRebuilt: true, lostBytes: 0, warnings: [] })
    expect(told.at(-1)).toBe(size)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    await expectAll(rebuilt, twins)
    expect(await allRecords(rebuilt)).toEqual(written)
    for (const { id, rows } of twins) {
      const count = (direction: string) =>
        rows.filter((row) => row.kind === 'data' && row.direction === direction).length
      expect(rebuilt.chunks(id)).toEqual({ in: count('in'), out: count('out') })
      expect(byIndex.chunks(id)).toEqual({ in: count('in'), out: count('out') })
    }
    await rebuilt.close()
    expect(await rebuilt.read('C1', 0, 1)).toMatchObject({ ok: false, fault: { code: 'SB_STATE' } })

    await using again = await opened(file)
    expect(again.isRebuilt).toBe(false)
    expect(fs.readdirSync(folder.path).length).toBe(2)
  })

  test('an index of another recording, of an earlier state of the file or without its end is not believed', async () => {
    await using folder = await Folder.make()
    const one = await recorded(folder, 300)
    const other = await recorded(folder, 200)
    const good = fs.readFileSync(indexFileOf(one.file))
    const lying = Buffer.from(good)
    // The place of the first row, beyond the file's end.
    lying.writeDoubleLE(1e15, lying.length - 40 * 3)
    const indexes: Record<string, Buffer> = {
      "another recording's": fs.readFileSync(indexFileOf(other.file)),
      'cut off': good.subarray(0, good.length - 40),
      'cut in a record': good.subarray(0, good.length - 17),
      empty: Buffer.alloc(0),
      text: Buffer.from('This is no index.'.repeat(30)),
      lying,
    }
    for (const [what, bytes] of Object.entries(indexes)) {
      fs.writeFileSync(indexFileOf(one.file), bytes)
      await using reader = await opened(one.file)
      expect(reader.isRebuilt, what).toBe(true)
      await expectAll(reader, one.twins)
    }
    fs.rmSync(indexFileOf(one.file))
    fs.mkdirSync(indexFileOf(one.file))
    await using reader = await opened(one.file)
    expect(reader.isRebuilt).toBe(true)
    await expectAll(reader, one.twins)
    expect(fs.readdirSync(folder.path).filter((name) => name.includes('.idx.'))).toEqual([])
  })

  test('what is cut off at any byte is told, and all before it is there', async () => {
    await using folder = await Folder.make()
    const { file } = await recorded(folder, 14)
    const whole = fs.readFileSync(file)
    const cut = folder.file('cut.swb')
    let lastRows = 0
    for (let length = 0; length < whole.length; length += length < 500 ? 1 : 211) {
      fs.writeFileSync(cut, whole.subarray(0, length))
      const reply = await openRecording(cut)
      if (!reply.ok) {
        expect(['SB_CAPTURE', 'SB_FOREIGN']).toContain(reply.fault.code)
        expect(length).toBeLessThan(400)
        continue
      }
      await using reader = Object.assign(reply.value, { [Symbol.asyncDispose]: reply.value.close })
      let rows = 0
      for (const id of reader.ids()) rows += value(await reader.read(id, 0, 512)).length
      expect(rows).toBeGreaterThanOrEqual(lastRows)
      lastRows = rows
      expect(reader.warnings.length).toBe(reader.lostBytes > 0 ? 1 : 0)
      await reader.close()
    }
    expect(lastRows).toBeGreaterThan(20)
  }, 60_000)

  test('no damage makes it throw, and it answers what can still be read', async () => {
    await using folder = await Folder.make()
    const { file } = await recorded(folder, 120)
    const whole = fs.readFileSync(file).subarray(0, 60_000)
    const index = fs.readFileSync(indexFileOf(file))
    const bad = folder.file('bad.swb')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.array(fc.tuple(fc.nat(index.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })),
        async (flips, indexFlips) => {
          const bytes = Buffer.from(whole)
          for (const [at, to] of flips) bytes[at] = to
          fs.writeFileSync(bad, bytes)
          fs.rmSync(indexFileOf(bad), { force: true })
          if (indexFlips !== null) {
            const lies = Buffer.from(index)
            for (const [at, to] of indexFlips) lies[at] = to
            fs.writeFileSync(indexFileOf(bad), lies)
          }
          const reply = await openRecording(bad)
          if (!reply.ok) {
            expect(['SB_CAPTURE', 'SB_FOREIGN']).toContain(reply.fault.code)
            return
          }
          for (const id of reply.value.ids()) {
            const { rows, inBytes } = reply.value.size(id)
            expect((await reply.value.read(id, 0, 512)).ok).toBe(true)
            expect((await reply.value.read(id, Math.max(0, rows - 100), rows)).ok).toBe(true)
            expect((await reply.value.bytes(id, 'in', 0, inBytes)).ok).toBe(true)
            expect((await reply.value.rowAtTime(id, 1e9)).ok).toBe(true)
          }
          await reply.value.close()
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)

  test('making the index anew can be cancelled, and leaves nothing behind', async () => {
    await using folder = await Folder.make()
    const { file } = await recorded(folder, 3000)
    fs.rmSync(indexFileOf(file))
    const reply = await openRecording(file, { signal: AbortSignal.abort() })
    expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
    expect(fs.readdirSync(folder.path)).toEqual(['1.swb'])
  })

  test('what is no recording is refused with a word on what it is', async () => {
    await using folder = await Folder.make()
    const file = folder.file('other.swb')
    const refusal = async (): Promise<string> => {
      const reply = await openRecording(file)
      return reply.ok ? 'accepted' : `${reply.fault.code} ${reply.fault.summary}`
    }
    expect(await refusal()).toMatch(/^ENOENT /)
    fs.writeFileSync(file, '')
    expect(await refusal()).toMatch(/is empty/)
    fs.writeFileSync(file, Buffer.from('504b0304'.repeat(40), 'hex'))
    expect(await refusal()).toMatch(/no recording: it does not begin as pcapng/)
    fs.rmSync(file)
    fs.mkdirSync(file)
    expect(await refusal()).toMatch(/a folder/)
  })
})
