import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type ExportScope } from '../../../shared/model/export'
import { type Direction } from '../../../shared/model/record'
import { type Side } from '../../../shared/model/state'
import { type Track } from '../../engine/recorder'
import { Folder, has, output, pattern } from '../testing/folder'
import { type Capture } from '../types'
import { exported } from './exporting'

const tcp = (host: string, port: number): Endpoint => ({ kind: 'tcp', host, port })
const CHECKED = ['tcp', 'ip', 'udp'].flatMap((each) => ['-o', `${each}.check_checksum:TRUE`])

const ALL: ExportScope = { id: null, stream: 'both' }

async function exportInto(folder: Folder, capture: Capture, scope: ExportScope = ALL): Promise<string> {
  const pieces: Buffer[] = []
  const { signal } = new AbortController()
  for await (const piece of exported({
    reader: capture,
    scope,
    format: 'pcapng',
    application: 'test',
    signal,
  })) {
    pieces.push(Buffer.from(piece))
  }
  const file = folder.file('export.pcapng')
  await writeFile(file, Buffer.concat(pieces))
  return file
}

async function tshark(file: string, filter: string, ...fields: readonly string[]): Promise<string[]> {
  const wanted = fields.flatMap((name) => ['-e', name])
  const printed = await output('tshark', [
    '-n',
    '-r',
    file,
    ...CHECKED,
    '-Y',
    filter,
    '-T',
    'fields',
    ...wanted,
  ])
  return printed.split('\n').slice(0, -1)
}

/** What Wireshark remarks, but for the facts that a connection began and ended. */
async function remarks(file: string): Promise<string[]> {
  const all = await tshark(file, '_ws.expert', '_ws.expert.message')
  return all.filter((each) => !/^Connection (establish|finish|reset)/.test(each))
}

/** Wireshark has nothing to say against a file. */
async function expectClean(file: string): Promise<void> {
  expect(await remarks(file)).toEqual([])
  const bad =
    '_ws.malformed || tcp.analysis.flags || tcp.checksum.status != "Good" || udp.checksum.status != "Good" || ip.checksum.status != "Good"'
  expect(await tshark(file, bad, 'frame.number')).toEqual([])
  const about = await output('capinfos', ['-M', file])
  expect(about).toMatch(/File encapsulation/)
  // Blocks of ours would be custom ones (0xbad).
  expect(about).not.toMatch(/custom/i)
}

/** The bytes of a stream, from who dialled first. */
async function follow(file: string, stream: number): Promise<[Buffer, Buffer]> {
  const text = await output('tshark', ['-r', file, '-q', '-z', `follow,tcp,raw,${stream}`])
  const lines = text.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line))
  const of = (isSecond: boolean) =>
    Buffer.from(
      lines
        .filter((line) => line.startsWith('\t') === isSecond)
        .join('')
        .replaceAll('\t', ''),
      'hex',
    )
  return [of(false), of(true)]
}

/** One end of a connection, and the two streams that go through it. */
class End {
  readonly track: Track
  readonly sent: Record<Direction, Buffer[]> = { in: [], out: [] }
  constructor(capture: Capture, id: `C${number}`, local: Endpoint, remote: Endpoint, by: Side) {
    this.track = capture.track(id, 'tcp', `${by === 'local' ? 'dialled' : 'accepted'} ${id}`)
    this.track.event({ what: 'opened', local, remote, by })
  }
  chunk(direction: Direction, bytes: Uint8Array): void {
    this.track.chunk(direction, bytes)
    this.sent[direction].push(Buffer.from(bytes))
  }
  end(first: Side): void {
    this.track.event({ what: 'finished', by: first })
    this.track.event({ what: 'finished', by: first === 'local' ? 'remote' : 'local' })
    this.track.event({ what: 'closed', how: 'fin', by: first, unsentBytes: 0 })
  }
  stream(direction: Direction): Buffer {
    return Buffer.concat(this.sent[direction])
  }
}

describe.skipIf(!has('tshark'))('tshark reads an export', () => {
  test.each([
    ['IPv4', '127.0.0.1', '10.20.30.40'],
    ['IPv6', '::1', '2001:db8::17'],
    ['a dual-stack socket', '::ffff:127.0.0.1', '::ffff:127.0.0.2'],
  ])('of a conversation over %s: every byte, every checksum, chunks of any length', async (_, host, peer) => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const end = new End(capture, 'C1', tcp(host, 40_000), tcp(peer, 8060), 'local')
    const sizes = [1, 2, 3, 1459, 65_482, 65_483, 65_484, 65_535, 65_536, 130_966, 200_001, 261_888]
    for (const [n, size] of sizes.entries()) {
      end.chunk('out', pattern(1, n, size))
      end.chunk('in', pattern(2, n, sizes.at(-1 - n) ?? 1))
    }
    end.end('remote')
    const file = await exportInto(folder, capture)
    await expectClean(file)
    const [out, back] = await follow(file, 0)
    expect(out.equals(end.stream('out'))).toBe(true)
    expect(back.equals(end.stream('in'))).toBe(true)
    const flags = await tshark(file, 'tcp.len == 0', 'tcp.flags.str')
    const wanted = ['S', 'AS', 'A', 'AF', 'AF', 'A']
    expect(
      flags
        .map((each) => each.replaceAll('·', ''))
        .filter((each, n) => each !== 'A' || n === 2 || n === flags.length - 1),
    ).toEqual(wanted)
    const lengths = await tshark(file, 'ip.len > 65535 || ipv6.plen == 0 || ip.len == 0', 'frame.number')
    expect(lengths).toEqual([])
    await capture.close()
  })

  test('of both ends of connections: each once, the ports used again as a stream of its own', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const listener = capture.track('L1', 'tcp', 'listening')
    listener.event({ what: 'listening', at: tcp('127.0.0.1', 8060) })
    const [client, server] = [tcp('127.0.0.1', 50_123), tcp('127.0.0.1', 8060)]
    const ends: [End, End][] = []
    for (const n of [1, 3] as const) {
      const dialled = new End(capture, `C${n}`, client, server, 'local')
      const accepted = new End(capture, `C${n + 1}`, server, client, 'remote')
      ends.push([dialled, accepted])
      for (const size of [6, 100_000, 7, 250_000]) {
        const bytes = pattern(n, size, size)
        dialled.chunk('out', bytes)
        for (let at = 0; at < size; at += 60_000) accepted.chunk('in', bytes.subarray(at, at + 60_000))
        accepted.chunk('out', bytes.subarray(0, 5))
        dialled.chunk('in', bytes.subarray(0, 5))
      }
      if (n === 1) {
        dialled.end('local')
        accepted.end('remote')
      } else {
        // What the reset tore off is in the sender's record only.
        accepted.chunk('out', pattern(9, 0, 70_000))
        accepted.track.event({ what: 'closed', how: 'reset', by: 'local', unsentBytes: 0 })
        dialled.track.event({ what: 'closed', how: 'reset', by: 'remote', unsentBytes: 0 })
      }
    }
    const file = await exportInto(folder, capture)
    // Wireshark remarks, truly, that the ports were used before.
    for (const each of await remarks(file)) expect(each).toMatch(/new tcp session|port numbers reused/i)
    expect(await tshark(file, 'tcp.checksum.status != "Good" || _ws.malformed', 'frame.number')).toEqual([])
    expect(await tshark(file, 'tcp.stream > 1', 'frame.number')).toEqual([])
    for (const [n, [dialled, accepted]] of ends.entries()) {
      const [forth, back] = await follow(file, n)
      expect(forth.equals(dialled.stream('out'))).toBe(true)
      expect(back.equals(accepted.stream('out'))).toBe(true)
    }
    const names = new Set(await tshark(file, 'tcp', 'frame.interface_name', 'frame.interface_description'))
    expect([...names]).toEqual(['C1\tdialled C1', 'C4\taccepted C4'])
    // Asked for by its id, either end is there.
    const second = await exportInto(folder, capture, { id: 'C2', stream: 'both' })
    await expectClean(second)
    expect((await follow(second, 0))[0].equals(ends[0]?.[1].stream('in') ?? Buffer.alloc(1))).toBe(true)
    await capture.close()
  })

  test('of part of a connection: one direction, some rows, some bytes', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const end = new End(capture, 'C1', tcp('::1', 40_000), tcp('::1', 8060), 'remote')
    for (let n = 0; n < 40; n++) {
      end.chunk('in', pattern(n, 0, 20_000))
      end.chunk('out', pattern(n + 50, 0, 3001))
    }
    end.track.event({ what: 'finished', by: 'remote' })
    end.chunk('out', pattern(99, 0, 5))
    const parts: [ExportScope, Buffer, Buffer][] = [
      [{ id: 'C1', stream: 'in' }, end.stream('in'), Buffer.alloc(0)],
      [{ id: 'C1', stream: 'out' }, Buffer.alloc(0), end.stream('out')],
      [
        { id: 'C1', stream: 'both', rows: { from: 3, to: 6 } },
        pattern(1, 0, 20_000),
        [50, 51].map((n) => pattern(n + 1, 0, 3001)).slice(0, 0),
      ],
      [
        { id: 'C1', stream: 'in', bytes: { from: 19_999, to: 60_001 } },
        end.stream('in').subarray(19_999, 60_001),
        Buffer.alloc(0),
      ],
    ].map(([scope, first, second]) => [
      scope as ExportScope,
      Buffer.from(first as Uint8Array),
      Buffer.from(second as Uint8Array),
    ])
    for (const [scope, first, second] of parts) {
      const file = await exportInto(folder, capture, scope)
      await expectClean(file)
      const [forth, back] = await follow(file, 0)
      if (scope.rows === undefined) {
        expect(forth.equals(first)).toBe(true)
        expect(back.equals(second)).toBe(true)
      } else {
        // Row 0 is the opening: rows 3 to 5 are the second chunk in, the second out, the third in.
        expect(forth.equals(Buffer.concat([pattern(1, 0, 20_000), pattern(2, 0, 20_000)]))).toBe(true)
        expect(back.equals(pattern(51, 0, 3001))).toBe(true)
      }
    }
    await capture.close()
  })

  test('of a flood one way, acknowledged along the way', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const end = new End(capture, 'C1', tcp('127.0.0.1', 40_000), tcp('127.0.0.1', 8060), 'local')
    for (let n = 0; n < 64; n++) end.chunk('in', pattern(n, 0, 200_000))
    const file = await exportInto(folder, capture)
    await expectClean(file)
    expect((await follow(file, 0))[1].equals(end.stream('in'))).toBe(true)
    const inFlight = (await tshark(file, 'tcp.analysis.bytes_in_flight', 'tcp.analysis.bytes_in_flight')).map(
      Number,
    )
    expect(Math.max(...inFlight)).toBeLessThan(1_000_000)
    await capture.close()
  })

  test('of datagrams and Unix sockets, with times to the nanosecond', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const udp = capture.track('U1', 'udp', 'bound udp://127.0.0.1:5000')
    const own: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 5000 }
    const own6: Endpoint = { kind: 'udp', host: '::1', port: 5000 }
    const lengths = [0, 1, 2, 3, 1400, 9000, 65_507]
    for (const length of lengths) {
      udp.datagram('in', pattern(1, 0, length), own, { kind: 'udp', host: '127.0.0.1', port: 6000 })
      udp.datagram('out', pattern(2, 0, length), own6, { kind: 'udp', host: '::1', port: 6000 })
    }
    const unix = capture.track('C1', 'unix', 'dialled unix:/tmp/x')
    unix.event({
      what: 'opened',
      local: { kind: 'unix', path: '' },
      remote: { kind: 'unix', path: '/tmp/x' },
      by: 'local',
    })
    unix.chunk('out', Buffer.from('hello'))
    unix.chunk('in', pattern(3, 0, 200_000))
    unix.event({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    const file = await exportInto(folder, capture)
    await expectClean(file)
    expect(
      await tshark(file, 'udp', 'frame.interface_name', 'udp.srcport', 'udp.dstport', 'udp.payload'),
    ).toEqual(
      lengths.flatMap((length) => [
        `U1\t6000\t5000\t${Buffer.from(pattern(1, 0, length)).toString('hex')}`,
        `U1\t5000\t6000\t${Buffer.from(pattern(2, 0, length)).toString('hex')}`,
      ]),
    )
    expect(
      await tshark(file, 'exported_pdu', 'frame.interface_name', 'exported_pdu.p2p_dir', 'data.data'),
    ).toEqual(['C1\t0\t68656c6c6f', `C1\t1\t${Buffer.from(pattern(3, 0, 200_000)).toString('hex')}`])
    const rows = await capture.read('U1', 0, 14)
    const own1 = rows.ok ? rows.value.map(({ atNanos }) => capture.epochNanos + BigInt(atNanos)) : []
    const epochs = await tshark(file, 'udp', 'frame.time_epoch')
    expect(epochs.map((each) => BigInt(each.replace('.', '')))).toEqual(own1)
    await capture.close()
  })
})
