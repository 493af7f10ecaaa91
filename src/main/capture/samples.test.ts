import fc from 'fast-check'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type KernelSample } from '../../shared/model/kernel'
import { kernelFields, type KernelField } from '../../shared/model/kernelFields'
import { indexFileOf } from './indexPath'
import { openRecording } from './index/opened'
import { parsePayload } from './payloads'
import { resumeCapture } from './resume'
import { MAX_SAMPLES_A_BLOCK, packSamples, unpackSamples } from './samples'
import { Folder, has, output, pattern, value } from './testing/folder'
import { Twin } from './testing/twin'
import { type Capture, type CaptureReader } from './types'

const fields = Object.keys(kernelFields) as KernelField[]
const tcp = (port: number): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })
const number = fc.oneof(fc.constant(-1), fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat())

const batch = fc
  .record({
    chosen: fc.subarray(fields, { minLength: 1, maxLength: 12 }),
    steps: fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: MAX_SAMPLES_A_BLOCK }),
    congestion: fc.option(fc.constantFrom('bbr', 'cubic'), { nil: undefined }),
  })
  .chain(({ chosen, steps, congestion }) =>
    fc
      .array(fc.tuple(...chosen.map(() => number)), { minLength: steps.length, maxLength: steps.length })
      .map((rows) => {
        let atNanos = 0
        return rows.map((row, n): KernelSample => {
          atNanos += steps[n] ?? 1
          const values = Object.fromEntries(chosen.map((field, m) => [field, row[m] as number]))
          return { atNanos, of: 'tcp', values, ...(congestion !== undefined && { congestion }) }
        })
      }),
  )

test('a block gives the samples that were put into it', () => {
  fc.assert(
    fc.property(batch, (samples) => {
      const json = JSON.stringify(packSamples('C1', samples))
      const payload = parsePayload(Buffer.from(json))
      expect(payload?.kind === 'samples' ? unpackSamples(payload) : payload).toEqual(samples)
    }),
  )
})

test('what is no samples is none, and a field of a later version is passed over', () => {
  const good = packSamples('C1', [{ atNanos: 5, of: 'tcp', values: { rtt: 7 } }])
  const later = { ...good, columns: { ...good.columns, quantum: [1] } }
  const parsed = parsePayload(Buffer.from(JSON.stringify(later)))
  expect(parsed?.kind === 'samples' ? unpackSamples(parsed) : null).toEqual([
    { atNanos: 5, of: 'tcp', values: { rtt: 7 } },
  ])
  for (const bad of [
    { ...good, socket: 'X1' },
    { ...good, of: 'carrier pigeon' },
    { ...good, atNanos: [] },
    { ...good, atNanos: [-1] },
    { ...good, atNanos: [2 ** 60, 2 ** 60] },
    { ...good, atNanos: new Array(MAX_SAMPLES_A_BLOCK + 1).fill(1) },
    { ...good, columns: { rtt: ['7'] } },
    { ...good, columns: { rtt: [1, 2] } },
    { ...good, columns: [] },
    { ...good, congestion: 7 },
  ])
    expect(parsePayload(Buffer.from(JSON.stringify(bad)))).toBeNull()
})

/** A connection with traffic and samples in between. @returns its twin and what was sampled */
function recordSampled(capture: Capture, id: `C${number}`, blocks: number): [Twin, KernelSample[]] {
  const twin = new Twin(capture, id, 'tcp')
  twin.opened(tcp(40_000), tcp(8060), 'local')
  const all: KernelSample[] = []
  for (let n = 0; n < blocks; n++) {
    twin.chunk(n % 2 === 0 ? 'in' : 'out', pattern(1, n, 100 + n))
    const samples = [0, 1, 2].map((step): KernelSample => {
      const atNanos = capture.clock.nanos() + step
      return { atNanos, of: 'tcp', values: { state: 1, rtt: 100 + n, bytesAcked: n * 1000 + step } }
    })
    capture.sampled(packSamples(id, samples))
    all.push(...samples)
  }
  return [twin, all]
}

async function samplesOf(reader: CaptureReader, id: `C${number}`): Promise<KernelSample[]> {
  const all: KernelSample[] = []
  for (let from = 0; from < reader.sampleBlocks(id);) {
    const blocks = value(await reader.readSamples(id, from, reader.sampleBlocks(id)))
    all.push(...blocks.flatMap(unpackSamples))
    from += blocks.length
  }
  return all
}

describe('samples in a recording', () => {
  test('are no rows, and are there while it goes on, opened, with its index made anew, gone on with and copied', async () => {
    await using folder = await Folder.make()
    const file = folder.file()
    const capture = await folder.record(file)
    const [twin, samples] = recordSampled(capture, 'C1', 300)
    expect(await samplesOf(capture, 'C1')).toEqual(samples)
    await twin.expectRows(0, 400)
    const copy = folder.file()
    value(await capture.saveCopy(copy, { signal: new AbortController().signal }))
    await capture.close()

    for (const isRebuilt of [false, true]) {
      if (isRebuilt) fs.rmSync(indexFileOf(file))
      const opened = value(await openRecording(file))
      expect(opened).toMatchObject({ isRebuilt, warnings: [], lostBytes: 0 })
      expect(opened.size('C1').rows).toBe(twin.rows.length)
      await twin.expectRows(0, 400, opened)
      expect(await samplesOf(opened, 'C1')).toEqual(samples)
      const middle = samples[449]
      const before = value(await opened.sampleBlocksBefore('C1', middle?.atNanos ?? 0))
      const [holds] = value(await opened.readSamples('C1', before, before + 1))
      expect(holds === undefined ? [] : unpackSamples(holds)).toContainEqual(middle)
      await opened.close()
    }

    const gone = value(await resumeCapture({ file, application: 'test' }))
    expect(await samplesOf(gone.capture, 'C1')).toEqual(samples)
    const [later, more] = recordSampled(gone.capture, 'C2', 70)
    expect(more[0]?.atNanos).toBeGreaterThan(samples.at(-1)?.atNanos ?? Infinity)
    expect(await samplesOf(gone.capture, 'C2')).toEqual(more)
    await gone.capture.close()
    const again = value(await openRecording(file))
    expect(again.isRebuilt).toBe(false)
    expect([await samplesOf(again, 'C1'), await samplesOf(again, 'C2')]).toEqual([samples, more])
    await later.expectRows(0, 400, again)
    await again.close()
    const copied = value(await openRecording(copy))
    expect(await samplesOf(copied, 'C1')).toEqual(samples)
    await copied.close()
  })

  test.skipIf(!has('tshark'))(
    'do not disturb Wireshark’s tools, which tell the drops of a datagram socket',
    async () => {
      await using folder = await Folder.make()
      const file = folder.file()
      const capture = await folder.record(file)
      const [twin] = recordSampled(capture, 'C1', 5)
      const udp = capture.track('U1', 'udp', 'bound')
      const at: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 9000 }
      udp.datagram('in', pattern(3, 0, 10), at, { ...at, port: 9001 })
      udp.dropped(4711)
      udp.end()
      await capture.close()
      const packets = (await output('tshark', ['-r', file, '-Y', 'ip'])).trim().split('\n')
      // The handshake is three.
      expect(packets).toHaveLength(3 + twin.rows.filter(({ kind }) => kind === 'data').length + 1)
      expect(
        (
          await output('tshark', ['-r', file, '-Y', '_ws.malformed || _ws.expert.severity >= 0x600000'])
        ).trim(),
      ).toBe('')
      expect(await output('capinfos', [file])).toMatch(/Number of interfaces in file: 2/)
      const opened = value(await openRecording(file))
      expect(opened.warnings).toEqual([])
      await opened.close()
      // isb_ifdrop, of eight bytes.
      const drops = Buffer.alloc(12)
      drops.writeUInt16LE(5, 0)
      drops.writeUInt16LE(8, 2)
      drops.writeBigUInt64LE(4711n, 4)
      expect(fs.readFileSync(file).includes(drops)).toBe(true)
      expect(await output('capinfos', [file])).toMatch(/Number of stat entries = 1/)
    },
  )
})
