import fc from 'fast-check'
import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { formatEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { type Row } from '../../shared/model/record'
import { internetChecksum } from '../../shared/wire/headers/checksum'
import { exported } from './export/exporting'
import { openRecording } from './index/opened'
import { indexFileOf } from './indexPath'
import { overview } from './overview'
import { Folder, has, output, value } from './testing/folder'
import { type Capture, type CaptureReader } from './types'

const unixgram = (path: string): Endpoint => ({ kind: 'unixgram', path })
const raw = (host: string, protocol: number): Endpoint => ({ kind: 'raw', host, protocol })

const IDS = ['D1', 'R1', 'R2'] as const

const datagram = fc.record({
  socket: fc.nat(2),
  direction: fc.constantFrom('in' as const, 'out' as const),
  peer: fc.nat(2),
  bytes: fc.uint8Array({ maxLength: 200 }),
  hasIpHeader: fc.boolean(),
})

const PEERS = [
  ['', '@name', '/tmp/somewhere, IP header added'].map(unixgram),
  ['127.0.0.1', '127.0.0.2', '10.1.2.3'].map((host) => raw(host, 1)),
  ['::1', '2001:db8::7', 'fe80::1%lo'].map((host) => raw(host, 58)),
]
const LOCALS = [unixgram('/tmp/ours'), raw('127.0.0.1', 1), raw('::1', 58)]

async function rowsOf(reader: CaptureReader): Promise<readonly (readonly Row[])[]> {
  return Promise.all(IDS.map(async (id) => value(await reader.read(id, 0, 1000))))
}

describe('Unix datagrams and raw packets', () => {
  test('are read as they were told: live, by the index, and without it', async () => {
    await using folder = await Folder.make()
    await fc.assert(
      fc.asyncProperty(fc.array(datagram, { maxLength: 30 }), async (datagrams) => {
        const capture = await folder.record()
        const tracks = IDS.map((id, n) => capture.track(id, (LOCALS[n] as Endpoint).kind, `bound ${n}`))
        const told = IDS.map(() => [] as { bytes: string; peer: string; direction: string }[])
        const sums = IDS.map(() => ({ in: 0, out: 0 }))
        for (const { socket, direction, peer, bytes, hasIpHeader } of datagrams) {
          const to = PEERS[socket]?.[peer] as Endpoint
          tracks[socket]?.datagram(
            direction,
            bytes,
            LOCALS[socket] as Endpoint,
            to,
            socket > 0 && hasIpHeader,
          )
          told[socket]?.push({
            bytes: Buffer.from(bytes).toString('hex'),
            peer: formatEndpoint(to),
            direction,
          })
          const sum = sums[socket]
          if (sum !== undefined) sum[direction] += bytes.length
        }
        const seen = (rows: readonly (readonly Row[])[]) =>
          rows.map((each) =>
            each.map((row) =>
              row.kind === 'data'
                ? { bytes: Buffer.from(row.head).toString('hex'), peer: row.peer, direction: row.direction }
                : null,
            ),
          )
        const live = await rowsOf(capture)
        expect(seen(live)).toEqual(told)
        await capture.close()
        for (const isIndexed of [true, false]) {
          if (!isIndexed) rmSync(indexFileOf(capture.file))
          const opened = value(await openRecording(capture.file))
          expect(seen(await rowsOf(opened))).toEqual(told)
          expect(
            IDS.map((id) => opened.size(id)).map(({ inBytes, outBytes }) => ({ in: inBytes, out: outBytes })),
          ).toEqual(sums)
          await opened.close()
        }
        const { sockets, warnings } = value(await overview(capture.file))
        expect(sockets.map(({ inBytes, outBytes }) => ({ in: inBytes, out: outBytes }))).toEqual(sums)
        expect(warnings).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

/** An echo message and, before it, what the kernel puts there over IPv4. */
function echo(type: number, host: number): { readonly message: Buffer; readonly packet: Buffer } {
  const message = Buffer.from([type, 0, 0, 0, 0x12, 0x67, 0, 7, ...Buffer.from('abcdefgh')])
  message.writeUInt16BE(internetChecksum(message), 2)
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 1, 0, 0, 127, 0, 0, host, 127, 0, 0, 1])
  header.writeUInt16BE(header.length + message.length, 2)
  header.writeUInt16BE(internetChecksum(header), 10)
  return { message, packet: Buffer.concat([header, message]) }
}

describe.skipIf(!has('tshark'))('tshark reads', () => {
  async function recorded(folder: Folder): Promise<Capture> {
    const capture = await folder.record()
    const four = capture.track('R1', 'raw', 'bound raw://127.0.0.1/icmp')
    const at = raw('127.0.0.1', 1)
    four.datagram('out', echo(8, 1).message, at, at)
    four.datagram('in', echo(0, 1).packet, at, at, true)
    const six = capture.track('R2', 'raw', 'bound raw://[::1]/ipv6-icmp')
    const at6 = raw('::1', 58)
    // Sums with the pseudo-header (RFC 8200, 8.1).
    const message = Buffer.from([128, 0, 0, 0, 0x12, 0x67, 0, 8, 1, 2, 3, 4])
    const pseudo = Buffer.alloc(40)
    pseudo[15] = pseudo[31] = 1
    pseudo[35] = message.length
    pseudo[39] = 58
    message.writeUInt16BE(internetChecksum(pseudo, message), 2)
    six.datagram('out', message, at6, at6)
    const unix = capture.track('D1', 'unixgram', 'bound unixgram:/tmp/x')
    unix.datagram('in', Buffer.from('hello'), unixgram('/tmp/x'), unixgram('@them'))
    unix.datagram('out', new Uint8Array(0), unixgram('/tmp/x'), unixgram('@them'))
    return capture
  }
  const COLUMNS = [
    'icmp.type',
    'icmp.ident',
    'icmp.seq',
    'icmp.checksum.status',
    'icmpv6.type',
    'icmpv6.echo.sequence_number',
    'icmpv6.checksum.status',
    'data.data',
    'frame.comment',
  ]
  const EXPECTED = [
    ['8', '4711', '7', '1', '', '', '', '6162636465666768', 'raw://127.0.0.1/icmp, IP header added'],
    ['0', '4711', '7', '1', '', '', '', '6162636465666768', 'raw://127.0.0.1/icmp'],
    ['', '', '', '', '128', '8', '1', '01020304', 'raw://[::1]/ipv6-icmp, IP header added'],
    ['', '', '', '', '', '', '', '68656c6c6f', 'unixgram:@them'],
    ['', '', '', '', '', '', '', '', 'unixgram:@them'],
  ]
  async function columns(file: string): Promise<string[][]> {
    const fields = COLUMNS.flatMap((name) => ['-e', name])
    const text = await output('tshark', [
      '-n',
      '-r',
      file,
      '-o',
      'ip.check_checksum:TRUE',
      '-T',
      'fields',
      '-E',
      'occurrence=f',
      ...fields,
    ])
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t').map((cell) => (/^0x/.test(cell) ? String(Number(cell)) : cell)))
  }

  test('echo requests and replies with good checksums, and Unix datagrams with their edges', async () => {
    await using folder = await Folder.make()
    const capture = await recorded(folder)
    await capture.close()
    expect(await columns(capture.file)).toEqual(EXPECTED)
    expect(
      await output('tshark', ['-r', capture.file, '-Y', '_ws.malformed || ip.checksum.status == "Bad"']),
    ).toBe('')
  })

  test('what is exported of them, likewise', async () => {
    await using folder = await Folder.make()
    const capture = await recorded(folder)
    const pieces: Buffer[] = []
    const { signal } = new AbortController()
    for await (const piece of exported({
      reader: capture,
      scope: { id: null, stream: 'both' },
      format: 'pcapng',
      application: 'test',
      signal,
    }))
      pieces.push(Buffer.from(piece))
    await capture.close()
    const file = folder.file('export.pcapng')
    await writeFile(file, Buffer.concat(pieces))
    expect(await columns(file)).toEqual(EXPECTED)
  })
})
