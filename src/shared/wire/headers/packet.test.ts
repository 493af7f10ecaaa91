import fc from 'fast-check'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { internetChecksum } from './checksum'
import { type LayoutName, layoutNames, layouts } from './layouts'
import { checksumsHold, computed, decodePacket, encodePacket, type Layer, type Packet } from './packet'

const transports = layoutNames.filter((name) => name !== 'ipv4')
const layerOf = (layout: LayoutName): fc.Arbitrary<Layer> =>
  fc
    .record(
      Object.fromEntries(
        layouts[layout].fields.map(({ name, bits }) => [name, fc.nat(2 ** Math.min(bits, 31) - 1)]),
      ),
    )
    .map((values) => ({ layout, values }))
const names = fc
  .tuple(fc.boolean(), fc.constantFrom(...transports))
  .map(([isIp, name]): LayoutName[] => (isIp ? ['ipv4', name] : [name]))
const packets: fc.Arbitrary<Packet> = names.chain((all) =>
  fc.record({ layers: fc.tuple(...all.map(layerOf)), payload: fc.uint8Array({ maxLength: 40 }) }),
)
const ends = fc
  .constantFrom(4, 16)
  .chain((length) => fc.record({ source: bytesOf(length), destination: bytesOf(length) }))
function bytesOf(length: number) {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

describe('a packet of headers', () => {
  test('goes from fields to bytes and back, as it is', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(
          decodePacket(
            encodePacket(packet),
            packet.layers.map(({ layout }) => layout),
          ),
        ).toEqual(packet)
      }),
    )
  })

  test('goes from any bytes to fields and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), names, (bytes, all) => {
        const packet = decodePacket(bytes, all)
        if (packet === null) expect(bytes.length).toBeLessThan(40)
        else expect(encodePacket(packet)).toEqual(bytes)
      }),
    )
  })

  test('has checksums that hold once they are computed, and none once any bit is another', () => {
    fc.assert(
      fc.property(packets, ends, fc.nat(), (packet, between, at) => {
        const done = computed(packet, between)
        expect(checksumsHold(done, between)).toEqual(packet.layers.map(() => true))
        const bytes = encodePacket(done)
        const first = layouts[(done.layers.at(-1) as Layer).layout]
        const begin = bytes.length - done.payload.length - first.lengthBytes
        const place = begin + (at % (bytes.length - begin))
        bytes[place] = (bytes[place] ?? 0) ^ 1
        const other = decodePacket(
          bytes,
          done.layers.map(({ layout }) => layout),
        ) as Packet
        expect(checksumsHold(other, between).at(-1)).toBe(false)
      }),
    )
  })

  test('the checksum of RFC 1071, 3: 0001 f203 f4f5 f6f7', () => {
    expect(internetChecksum(Uint8Array.of(0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(0xffff & ~0xddf2)
  })
})

const hasTshark = spawnSync('sh', ['-c', 'command -v tshark']).status === 0

describe.skipIf(!hasTshark)('tshark', () => {
  test('finds every checksum and length right', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sb-headers-'))
    const samples = fc.sample(
      packets.filter(({ layers }) => layers.length === 2 && layers[1]?.layout !== 'icmpv6'),
      { numRuns: 60, seed: 7 },
    )
    const file = join(folder, 'all.pcap')
    // LINKTYPE_RAW (101).
    const head = Buffer.alloc(24)
    head.writeUInt32LE(0xa1b2c3d4, 0)
    head.writeUInt16LE(2, 4)
    head.writeUInt16LE(4, 6)
    head.writeUInt32LE(65_535, 16)
    head.writeUInt32LE(101, 20)
    const records = samples.map((packet) => {
      const [ip, inner] = packet.layers as [Layer, Layer]
      const sane = { ...ip.values, version: 4, headerWords: 5, flags: 0, fragmentOffset: 0 }
      const transport =
        inner.layout === 'tcp'
          ? { ...inner.values, headerWords: 5 }
          : inner.layout === 'icmp'
            ? { ...inner.values, type: 8, code: 0 }
            : inner.values
      const bytes = encodePacket(
        computed(
          {
            layers: [
              { ...ip, values: sane },
              { ...inner, values: transport },
            ],
            payload: packet.payload,
          },
          null,
        ),
      )
      const record = Buffer.alloc(16)
      record.writeUInt32LE(bytes.length, 8)
      record.writeUInt32LE(bytes.length, 12)
      return Buffer.concat([record, bytes])
    })
    writeFileSync(file, Buffer.concat([head, ...records]))
    const checks = ['ip', 'udp', 'tcp'].flatMap((each) => ['-o', `${each}.check_checksum:TRUE`])
    const columns = [
      'ip.checksum.status',
      'icmp.checksum.status',
      'udp.checksum.status',
      'tcp.checksum.status',
    ]
    const told = execFileSync('tshark', [
      '-n',
      '-r',
      file,
      ...checks,
      '-T',
      'fields',
      ...columns.flatMap((name) => ['-e', name]),
    ])
    rmSync(folder, { recursive: true, force: true })
    const lines = told.toString().split('\n').slice(0, -1)
    expect(lines.length).toBe(samples.length)
    // 1: good.
    for (const line of lines) expect(line.split('\t').filter((each) => each !== '')).toEqual(['1', '1'])
  })
})
