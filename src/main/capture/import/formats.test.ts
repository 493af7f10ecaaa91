import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Folder, has, output, value } from '../testing/folder'
import { openRecording } from '../index/opened'
import { ByteWindow } from './byteWindow'
import { importCapture } from './importCapture'
import { PcapReader } from './pcapReader'
import { PcapngReader } from './pcapngReader'
import { Imported } from './testing/imported'
import {
  block,
  EPOCH,
  interfaceBlock,
  ipv4,
  ipv6,
  link,
  oldPacketBlock,
  option,
  packetBlock,
  pcap,
  section,
  simplePacketBlock,
  stamped,
  udp,
} from './testing/packets'
import { transfer } from './testing/transfer'

const LINKS = [
  ['Ethernet', 1, link.ethernet],
  ['Ethernet with two VLAN tags', 1, link.vlan],
  ['Ethernet with padding', 1, link.padded],
  ['raw IP', 101, link.raw],
  ['raw IP of BSD', 12, link.raw],
  ['raw IP of OpenBSD', 14, link.raw],
  ['IPv4', 228, link.raw],
  ['Linux cooked', 113, link.sll],
  ['Linux cooked 2', 276, link.sll2],
  ['BSD loopback', 0, link.nullLittle],
  ['BSD loopback, big endian', 0, link.nullBig],
  ['OpenBSD loopback', 108, link.nullBig],
] as const

async function whole(
  bytes: Uint8Array,
): Promise<{ readonly sha: string; readonly report: Imported['report'] }> {
  await using folder = await Folder.make()
  const file = folder.file('in.cap')
  await writeFile(file, bytes)
  await using imported = await Imported.of(file, folder)
  return { sha: shaOf(await imported.bytes('C1', 'out')), report: imported.report }
}

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const { packets, sent } = transfer(4, 20_000, { swapped: 10 })
const nanosOf = (n: number): bigint => EPOCH + BigInt(n) * 1_000_000n

describe('a capture is read', () => {
  test.each(LINKS)('of %s', async (_, linkType, frame) => {
    const { sha, report } = await whole(pcap(stamped(packets.map(frame)), { linkType }))
    expect(sha).toBe(shaOf(sent))
    expect(report).toMatchObject({ packets: packets.length, warnings: [] })
  })

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('as pcap, in nanoseconds: %s, big endian: %s', async (isNanos, isBigEndian) => {
    const at = stamped(packets.map(link.ethernet)).map((each) => ({ ...each, at: each.at + 7n }))
    const { sha, report } = await whole(pcap(at, { isNanos, isBigEndian }))
    expect(sha).toBe(shaOf(sent))
    expect(report.durationNanos).toBe((packets.length - 1) * 1_000_000)
  })

  test('packed with gzip, in several members', async () => {
    const bytes = pcap(stamped(packets.map(link.ethernet)))
    const packed = Buffer.concat([gzipSync(bytes.subarray(0, 5000)), gzipSync(bytes.subarray(5000))])
    expect(await whole(packed)).toMatchObject({ sha: shaOf(sent), report: { isGzip: true, warnings: [] } })
  })

  test('packed and cut short, as far as it goes, and says so', async () => {
    await using folder = await Folder.make()
    const packed = gzipSync(pcap(stamped(packets.map(link.ethernet))))
    const file = folder.file('a.pcap.gz')
    await writeFile(file, packed.subarray(0, Math.floor(packed.length / 2)))
    await using imported = await Imported.of(file, folder)
    const got = await imported.bytes('C1', 'out')
    expect(got.length).toBeGreaterThan(1000)
    expect(got.equals(sent.subarray(0, got.length))).toBe(true)
    expect(imported.report.warnings[0]).toContain('cut short')
  })

  test.each([false, true])(
    'as pcapng with interfaces of different time units, big endian: %s',
    async (isBig) => {
      const resolution = (unit: number): Buffer => option(9, Buffer.from([unit]), isBig)
      // The second counts from a moment 1,000,000,000 s after 1970, in binary fractions of a second.
      const offset = Buffer.alloc(8)
      if (isBig) offset.writeBigInt64BE(1_000_000_000n)
      else offset.writeBigInt64LE(1_000_000_000n)
      const blocks = packets.map((packet, n) => {
        const nanos = nanosOf(n)
        const kind = n % 3
        if (kind === 0) return packetBlock(0, nanos, link.ethernet(packet), isBig)
        if (kind === 1) return packetBlock(1, nanos / 1000n, link.sll(packet), isBig)
        const units = ((nanos - 1_000_000_000_000_000_000n) * 2n ** 30n + 999_999_999n) / 1_000_000_000n
        return packetBlock(2, units, packet, isBig)
      })
      const file = Buffer.concat([
        section(isBig),
        interfaceBlock(1, resolution(9), isBig),
        interfaceBlock(113, Buffer.alloc(0), isBig),
        interfaceBlock(101, Buffer.concat([resolution(0x80 | 30), option(14, offset, isBig)]), isBig),
        block(0x0bad_cafe, Buffer.alloc(40), isBig),
        ...blocks,
      ])
      const { sha, report } = await whole(file)
      expect(sha).toBe(shaOf(sent))
      expect(report).toMatchObject({ packets: packets.length, warnings: [] })
      expect(Math.abs(report.durationNanos - (packets.length - 1) * 1_000_000)).toBeLessThan(2)
    },
  )

  test('as pcapng of several sections, with simple and old packet blocks', async () => {
    const old = packets
      .slice(0, 10)
      .map((packet, n) => oldPacketBlock(0, nanosOf(n) / 1000n, link.ethernet(packet)))
    const simple = packets.slice(10).map((packet) => simplePacketBlock(packet))
    const file = Buffer.concat([
      section(),
      interfaceBlock(1),
      ...old,
      section(),
      interfaceBlock(101),
      ...simple,
    ])
    expect((await whole(file)).sha).toBe(shaOf(sent))
  })
})

describe('IP packets', () => {
  const payload = Buffer.from('0123456789'.repeat(400))
  const datagram = udp(5000, 6000, payload)
  const pieces = [
    { from: 0, to: 1480 },
    { from: 1480, to: 2960 },
    { from: 2960, to: datagram.length },
  ]
  const v4 = pieces.map(({ from, to }) =>
    ipv4(datagram.subarray(from, to), { protocol: 17, id: 77, offset: from, isMore: to < datagram.length }),
  )
  const v6 = pieces.map(({ from, to }) => {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(from | (to < datagram.length ? 1 : 0), 2)
    header.writeUInt32BE(99, 4)
    return ipv6(datagram.subarray(from, to), { protocol: 17 }, [
      [0, Buffer.alloc(8)],
      [44, header],
    ])
  })

  async function received(
    ip: readonly Buffer[],
  ): Promise<{ readonly bytes: Buffer; readonly warnings: readonly string[] }> {
    await using folder = await Folder.make()
    const file = folder.file('in.pcap')
    await writeFile(file, pcap(stamped(ip), { linkType: 101 }))
    await using imported = await Imported.of(file, folder)
    return { bytes: await imported.bytes('U1', 'out'), warnings: imported.report.warnings }
  }

  test.each([
    ['IPv4', v4],
    ['IPv4, the last first', v4.toReversed()],
    ['IPv4, one twice', [v4[0], v4[1], v4[1], v4[2]] as Buffer[]],
    ['IPv6', v6],
    ['IPv6, the last first', v6.toReversed()],
  ])('are put together from their fragments: %s', async (_, ip) => {
    expect(await received(ip)).toEqual({ bytes: payload, warnings: [] })
  })

  test('are passed over where a fragment is missing, and counted', async () => {
    const other = ipv4(udp(5000, 6000, Buffer.from('x')), { protocol: 17 })
    const { bytes, warnings } = await received([v4[0] as Buffer, v4[2] as Buffer, other])
    expect(bytes.toString()).toBe('x')
    expect(warnings).toEqual([expect.stringMatching(/^2 packets left out: part of a datagram/)])
  })

  test('have options and extension headers before what they carry', async () => {
    const routing = Buffer.alloc(24)
    routing[1] = 2
    const authentication = Buffer.alloc(24)
    authentication[1] = 4
    const six = ipv6(udp(5000, 6000, Buffer.from('six')), { protocol: 17 }, [
      [0, Buffer.alloc(8)],
      [60, Buffer.alloc(8)],
      [43, routing],
      [51, authentication],
      [60, Buffer.alloc(8)],
    ])
    expect((await received([six])).bytes.toString()).toBe('six')
    const four = ipv4(udp(5000, 6000, Buffer.from('four')), { protocol: 17, options: Buffer.alloc(40, 1) })
    expect((await received([four])).bytes.toString()).toBe('four')
  })

  test('cut by the snapshot length keep what was captured; what cannot be read is counted by its reason', async () => {
    await using folder = await Folder.make()
    const cut = link.ethernet(ipv4(udp(5000, 6000, Buffer.from('0123456789')), { protocol: 17 }))
    const icmp = link.ethernet(ipv4(Buffer.alloc(8), { protocol: 1 }))
    const arp = Buffer.concat([Buffer.alloc(12), Buffer.from([8, 6]), Buffer.alloc(28)])
    const short = link.ethernet(ipv4(udp(1, 2, Buffer.alloc(0)), { protocol: 17 })).subarray(0, 36)
    const file = folder.file('in.pcap')
    const all = stamped([cut.subarray(0, -4), icmp, arp, short]).map((each) => ({ ...each, wireBytes: 60 }))
    await writeFile(file, pcap(all))
    await using imported = await Imported.of(file, folder)
    expect((await imported.bytes('U1', 'out')).toString()).toBe('012345')
    expect(imported.report.warnings.map((each) => each.replace(/^1 packet /, ''))).toEqual([
      expect.stringContaining('neither TCP nor UDP'),
      expect.stringContaining('not IP'),
      expect.stringContaining('too short'),
      expect.stringContaining('snapshot length'),
    ])
  })
})

describe('a file that is damaged', () => {
  const small = transfer(6, 1500, { swapped: 20 })
  const asPcap = pcap(stamped(small.packets.map(link.ethernet)))
  const asPcapng = Buffer.concat([
    section(),
    interfaceBlock(1),
    ...small.packets.map((packet, n) => packetBlock(0, nanosOf(n) / 1000n, link.ethernet(packet))),
  ])

  /** What was made of it is a recording like any other. */
  async function expectSound(output: string): Promise<void> {
    const capture = value(await openRecording(output))
    expect(capture.warnings).toEqual([])
    for (const id of capture.ids()) value(await capture.read(id, 0, capture.size(id).rows))
    await capture.close()
  }

  /** How many packets a reader takes out of the first bytes of a file. */
  function packetsIn(bytes: Uint8Array): number {
    const window = new ByteWindow()
    window.append(bytes)
    const reader = PcapReader.begin(window) ?? PcapngReader.begin(window)
    let count = 0
    while (reader?.next(window) === 'packet') count++
    return count
  }

  test.each([
    ['pcap', asPcap, 24, (packet: number) => 16 + packet],
    ['pcapng', asPcapng, 48, (packet: number) => 32 + packet + (-packet & 3)],
  ])('%s, cut after any byte, gives all packets before the cut', (_, bytes, headerBytes, lengthOf) => {
    const ends: number[] = []
    for (const packet of small.packets) ends.push((ends.at(-1) ?? headerBytes) + lengthOf(14 + packet.length))
    expect(ends.at(-1)).toBe(bytes.length)
    for (let length = 0; length <= bytes.length; length++) {
      expect(packetsIn(bytes.subarray(0, length))).toBe(ends.filter((end) => end <= length).length)
    }
  })

  test.each([
    ['pcap', asPcap],
    ['pcapng', asPcapng],
  ])('%s, cut short, is imported as far as it goes, and says so', async (_, bytes) => {
    await using folder = await Folder.make()
    for (const length of [100, 500, 1001, bytes.length - 1]) {
      const file = folder.file()
      await writeFile(file, bytes.subarray(0, length))
      const report = value(await importCapture(file, folder.file(), { application: 'Switchboard test' }))
      expect(report.packets).toBe(packetsIn(bytes.subarray(0, length)))
      expect(report.warnings[0]).toContain('cut short')
    }
  })

  test('with any bits turned over never throws, and always ends', async () => {
    await using folder = await Folder.make()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(asPcap, asPcapng, gzipSync(asPcap)),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 40 }),
        async (bytes, flips) => {
          const damaged = Buffer.from(bytes)
          for (const [at, mask] of flips) {
            const index = at % damaged.length
            damaged[index] = (damaged[index] ?? 0) ^ mask
          }
          const file = folder.file()
          await writeFile(file, damaged)
          const reply = await importCapture(file, folder.file(), { application: 'Switchboard test' })
          if (reply.ok) await expectSound(reply.value.output)
          else expect(reply.fault.code).toBe('SB_CAPTURE')
        },
      ),
      { numRuns: 40 },
    )
  })

  test.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('this is no capture at all, though it is long enough\n')],
  ])('so that it is none (%s) is refused, and nothing is left', async (_, bytes) => {
    await using folder = await Folder.make()
    const [file, made] = [folder.file(), folder.file()]
    await writeFile(file, bytes)
    const reply = await importCapture(file, made, { application: 'Switchboard test' })
    expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_CAPTURE', endpoint: file } })
    await expect(readFile(made)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('a recording of ours is refused, and so is an output that is there already', async () => {
  await using folder = await Folder.make()
  const [file, made] = [folder.file('a.pcap'), folder.file()]
  await writeFile(file, pcap(stamped(packets.map(link.ethernet))))
  const options = { application: 'Switchboard test' }
  value(await importCapture(file, made, options))
  expect(await importCapture(made, folder.file(), options)).toMatchObject({
    ok: false,
    fault: { code: 'SB_INPUT' },
  })
  const before = await readFile(made)
  expect(await importCapture(file, made, options)).toMatchObject({ ok: false, fault: { code: 'EEXIST' } })
  expect(before.equals(await readFile(made))).toBe(true)
})

test('an import that is cancelled says so and leaves nothing', async () => {
  await using folder = await Folder.make()
  const [file, made] = [folder.file('a.pcap'), folder.file()]
  await writeFile(file, pcap(stamped(Array.from({ length: 20 }, () => packets.map(link.ethernet)).flat())))
  const cancel = new AbortController()
  const reply = await importCapture(file, made, {
    application: 'Switchboard test',
    signal: cancel.signal,
    onProgress: () => cancel.abort(),
  })
  expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_CANCELLED' } })
  await expect(readFile(made)).rejects.toMatchObject({ code: 'ENOENT' })
})

test.skipIf(!has('editcap'))('editcap’s damage to a capture is borne', async () => {
  await using folder = await Folder.make()
  const file = folder.file('a.pcap')
  await writeFile(file, pcap(stamped(packets.map(link.ethernet))))
  for (let seed = 1; seed <= 5; seed++) {
    const damaged = folder.file()
    await output('editcap', ['-E', '0.02', '--seed', String(seed), file, damaged])
    const report = value(await importCapture(damaged, folder.file(), { application: 'Switchboard test' }))
    expect(report.packets).toBe(packets.length)
  }
})
