import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Folder, has, output, pattern } from '../testing/folder'
import { follow, Imported } from './testing/imported'
import { ACK, EPOCH, FIN, ipv4, link, pcap, RST, stamped, SYN, tcp, udp } from './testing/packets'
import { transfer, type Mishaps } from './testing/transfer'

const framed = (packets: readonly Buffer[]): Buffer => pcap(stamped(packets.map(link.ethernet)))

const mishaps: readonly (readonly [string, Mishaps, number])[] = [
  ['whole and in order', {}, 1000],
  ['repeated', { repeated: 30 }, 1000],
  ['out of order', { swapped: 40 }, 1000],
  ['overlapping', { overlapping: 40 }, 1000],
  ['with holes', { lost: 8 }, 1000],
  ['all of it', { lost: 5, repeated: 15, swapped: 25, overlapping: 20 }, 1000],
  ['over the end of the sequence numbers', { repeated: 10, swapped: 20, overlapping: 10 }, 2 ** 32 - 50_000],
  ['with holes over the end of the sequence numbers', { lost: 10, swapped: 20 }, 2 ** 32 - 50_000],
]

test.skipIf(!has('tshark')).each(mishaps)(
  'a stream %s is what tshark makes of it',
  async (_, mishap, initial) => {
    await using folder = await Folder.make()
    for (const seed of [1, 2]) {
      const { packets, sent, answered } = transfer(seed, 120_000, mishap, initial)
      const file = folder.file(`${seed}.pcap`)
      await writeFile(file, framed(packets))
      await using imported = await Imported.of(file, folder)
      const [out, back] = [await imported.followed('C1', 'out'), await imported.followed('C1', 'in')]
      const { first, second } = await follow(file, 0)
      expect(out === first, `out of seed ${seed}`).toBe(true)
      expect(back === second, `in of seed ${seed}`).toBe(true)
      expect(imported.report.gaps > 0).toBe((mishap.lost ?? 0) > 0)
      expect(imported.report.streamBytes + imported.report.gapBytes).toBe(sent.length + answered.length)
      if (mishap.lost === undefined) {
        expect((await imported.bytes('C1', 'out')).equals(sent)).toBe(true)
      }
      expect((await imported.bytes('C1', 'in')).equals(answered)).toBe(true)
      expect(imported.capture.about('C1')).toBe('imported tcp 10.0.0.1:40000 → 10.0.0.2:80')
    }
  },
)

test.skipIf(!has('tshark'))('the recording shows Wireshark the same streams, holes and all', async () => {
  await using folder = await Folder.make()
  const { packets } = transfer(9, 60_000, { lost: 10, swapped: 20 })
  const file = folder.file('a.pcap')
  await writeFile(file, framed(packets))
  await using imported = await Imported.of(file, folder)
  const lost = await output('tshark', ['-n', '-r', imported.report.output, '-Y', 'tcp.analysis.lost_segment'])
  expect(lost.trim().split('\n')).toHaveLength(imported.report.gaps)
})

test('a connection is told as its dialler saw it: dialled, opened, finished by each side, closed', async () => {
  await using folder = await Folder.make()
  const { packets } = transfer(1, 1000)
  const file = folder.file('a.pcap')
  await writeFile(file, framed(packets))
  await using imported = await Imported.of(file, folder)
  expect((await imported.events('C1')).map(({ what }) => what)).toEqual([
    'dialling',
    'opened',
    'finished',
    'finished',
    'closed',
  ])
  expect((await imported.events('C1')).at(-1)).toMatchObject({ how: 'fin', by: 'local' })
  expect(imported.capture.epochNanos).toBe(EPOCH)
  expect((await imported.rows('C1')).at(-1)?.atNanos).toBe((packets.length - 2) * 1_000_000)
  expect(imported.report.durationNanos).toBe((packets.length - 1) * 1_000_000)
  expect(imported.report.warnings).toEqual([])
})

const out = (sequence: number, flags: number, text = ''): Buffer =>
  ipv4(tcp({ sequence, acknowledgement: 901, flags, data: Buffer.from(text) }))
const back = (sequence: number, acknowledgement: number, flags: number, text = ''): Buffer =>
  ipv4(tcp({ from: 80, to: 40_000, sequence, acknowledgement, flags, data: Buffer.from(text) }), {
    source: '10.0.0.2',
    destination: '10.0.0.1',
  })

async function story(
  packets: readonly Buffer[],
): Promise<{ readonly told: string[][]; readonly warnings: readonly string[] }> {
  await using folder = await Folder.make()
  const file = folder.file('a.pcap')
  await writeFile(file, framed(packets))
  await using imported = await Imported.of(file, folder)
  const told: string[][] = []
  for (const id of imported.capture.ids()) {
    const rows = await imported.rows(id)
    told.push(
      rows.map((row) => {
        if (row.kind === 'data') return `${row.direction} ${Buffer.from(row.head).toString()}`
        const { event } = row
        if (event.what === 'gap') return `gap ${event.direction} ${event.offset} ${event.lengthBytes}`
        return event.what === 'closed' ? `closed ${event.how} ${event.by}` : event.what
      }),
    )
  }
  return { told, warnings: imported.report.warnings }
}

test('a SYN answered by RST is a dial that failed', async () => {
  const { told } = await story([out(100, SYN), back(0, 101, RST | ACK)])
  expect(told).toEqual([['dialling', 'failed']])
})

test('a connection that the peer resets is closed so', async () => {
  const { told } = await story([
    out(100, SYN),
    back(900, 101, SYN | ACK),
    out(101, ACK, 'hi'),
    back(901, 103, RST),
  ])
  expect(told).toEqual([['dialling', 'opened', 'out hi', 'closed reset remote']])
})

test('keep-alives and repeated SYNs add nothing', async () => {
  const { told } = await story([
    out(100, SYN),
    out(100, SYN),
    back(900, 101, SYN | ACK),
    out(101, ACK, 'hi'),
    out(102, ACK),
    out(102, ACK, 'i'),
    back(901, 103, ACK, 'yes'),
  ])
  expect(told).toEqual([['dialling', 'opened', 'out hi', 'in yes']])
})

test('a connection whose beginning was not captured says so, and the higher port counts as the dialler', async () => {
  const { told } = await story([back(5000, 70, ACK, 'late'), out(70, ACK, 'more')])
  expect(told).toEqual([['opened', 'noted', 'in late', 'out more']])
})

test('the same ports used again are another connection', async () => {
  const once = (from: number): Buffer[] => [
    out(from, SYN),
    back(900, from + 1, SYN | ACK),
    out(from + 1, ACK, `from ${from}`),
    out(from + 7 + String(from).length - 1, FIN | ACK),
  ]
  const { told } = await story([...once(100), ...once(7_000_000)])
  expect(told.map((each) => each.filter((row) => row.startsWith('out')))).toEqual([
    ['out from 100'],
    ['out from 7000000'],
  ])
})

test('what is missing at the end is told, by the FIN or by the acknowledgement', async () => {
  const begin = [out(100, SYN), back(900, 101, SYN | ACK), out(101, ACK, 'hi')]
  const finished = await story([...begin, out(113, FIN | ACK), back(901, 114, ACK)])
  expect(finished.told[0]?.slice(2)).toEqual(['out hi', 'gap out 2 10', 'finished'])
  const acknowledged = await story([...begin, back(901, 113, ACK)])
  expect(acknowledged.told[0]?.slice(2)).toEqual(['out hi', 'gap out 2 10'])
})

test('a segment far from any window is left out and counted', async () => {
  const { told, warnings } = await story([
    out(100, SYN),
    back(900, 101, SYN | ACK),
    out(101 + 2 ** 31 - 5, ACK, 'stray'),
    out(101, ACK, 'hi'),
  ])
  expect(told).toEqual([['dialling', 'opened', 'out hi']])
  expect(warnings).toEqual([expect.stringContaining('fit no window')])
})

test('UDP is a record for each pair of addresses, datagram by datagram', async () => {
  await using folder = await Folder.make()
  const asked = (port: number, text: string): Buffer =>
    ipv4(udp(port, 53, Buffer.from(text)), { protocol: 17 })
  const answer = ipv4(udp(53, 5000, Buffer.from('answer')), {
    protocol: 17,
    source: '10.0.0.2',
    destination: '10.0.0.1',
  })
  const file = folder.file('a.pcap')
  await writeFile(file, framed([asked(5000, 'one'), asked(5001, ''), answer, asked(5000, 'two')]))
  await using imported = await Imported.of(file, folder)
  expect(imported.capture.ids()).toEqual(['U1', 'U2'])
  const rows = (await imported.rows('U1')).flatMap((row) => (row.kind === 'data' ? [row] : []))
  expect(rows.map(({ direction, peer, head }) => [direction, peer, Buffer.from(head).toString()])).toEqual([
    ['out', 'udp://10.0.0.2:53', 'one'],
    ['in', 'udp://10.0.0.2:53', 'answer'],
    ['out', 'udp://10.0.0.2:53', 'two'],
  ])
  expect(imported.report).toMatchObject({ udpConversations: 2, datagrams: 4, datagramBytes: 12 })
})

test.skipIf(!has('tshark'))('many connections at once are told apart as tshark does', async () => {
  await using folder = await Folder.make()
  const all = Array.from({ length: 40 }, (_, n) => {
    const { packets } = transfer(n + 1, 5000, { swapped: 10, repeated: 10 })
    for (const packet of packets) packet.writeUInt16BE(n, packet[12 + 3] === 1 ? 12 : 16)
    return packets
  })
  const longest = Math.max(...all.map(({ length }) => length))
  const mixed = Array.from({ length: longest }, (_, n) => all.flatMap((packets) => packets[n] ?? [])).flat()
  const file = folder.file('a.pcap')
  await writeFile(file, framed(mixed))
  await using imported = await Imported.of(file, folder)
  const printed = await output('tshark', ['-n', '-q', '-r', file, '-z', 'conv,tcp'])
  expect(imported.report.connections).toBe(printed.split('\n').filter((line) => line.includes('<->')).length)
  for (const n of [0, 17, 39]) {
    expect((await imported.bytes(`C${n + 1}`, 'out')).equals(pattern(n + 1, 0, 5000))).toBe(true)
  }
})
