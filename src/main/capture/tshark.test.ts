import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type Side } from '../../shared/model/state'
import { MAX_CHUNK_BYTES } from '../engine/recorder'
import { Folder, has, output, pattern } from './testing/folder'
import { type Capture } from './types'

const tcp = (host: string, port: number): Endpoint => ({ kind: 'tcp', host, port })

/** What Wireshark's Follow Stream gives: the bytes of each direction, node 0 (who dialled) first. */
async function follow(file: string, protocol: 'tcp' | 'udp', stream: number): Promise<[Buffer, Buffer]> {
  const text = await output('tshark', ['-r', file, '-q', '-z', `follow,${protocol},raw,${stream}`])
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

async function experts(file: string): Promise<string[]> {
  const args = [
    '-r',
    file,
    '-Y',
    '_ws.expert',
    '-T',
    'fields',
    '-e',
    '_ws.expert.severity',
    '-e',
    '_ws.expert.message',
  ]
  return (await output('tshark', args)).split('\n').filter((line) => line !== '')
}

/** Severities from warning on; as tshark numbers them. */
const grave = (lines: readonly string[]) => lines.filter((line) => Number(line.split(/[,\t]/)[0]) >= 0x600000)

const open = (capture: Capture, id: `C${number}`, local: Endpoint, remote: Endpoint, by: Side) => {
  const track = capture.track(id, 'tcp', `${by === 'local' ? 'dialled' : 'accepted'}`)
  track.event({ what: 'opened', local, remote, by })
  track.event({ what: 'opened', local, remote, by })
  return track
}

describe.skipIf(!has('tshark'))('tshark reads', () => {
  test.each([
    ['IPv4', '127.0.0.1', '10.20.30.40'],
    ['IPv6', '::1', '2001:db8::17'],
    ['a dual-stack socket', '::ffff:127.0.0.1', '::ffff:127.0.0.2'],
  ])('a conversation over %s, byte for byte, with chunks beyond 65,535 bytes', async (_, host, peer) => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = open(capture, 'C1', tcp(host, 40_000), tcp(peer, 8060), 'local')
    const sizes = [1, 5, 64, 1459, 65_475, 65_495, 65_496, 65_515, 65_516, 65_536, 200_001, MAX_CHUNK_BYTES]
    const sent = { in: 0, out: 0 }
    for (const [n, size] of sizes.entries()) {
      for (const direction of ['out', 'in'] as const) {
        const length = direction === 'out' ? size : (sizes.at(-1 - n) ?? 1)
        track.chunk(direction, pattern(direction === 'in' ? 1 : 2, sent[direction], length))
        sent[direction] += length
      }
    }
    track.event({ what: 'finished', by: 'remote' })
    track.event({ what: 'finished', by: 'local' })
    track.event({ what: 'closed', how: 'fin', by: 'remote', unsentBytes: 0 })
    await capture.close()
    const [out, back] = await follow(capture.file, 'tcp', 0)
    expect(out.equals(pattern(2, 0, sent.out))).toBe(true)
    expect(back.equals(pattern(1, 0, sent.in))).toBe(true)
    expect(grave(await experts(capture.file))).toEqual([])
    const flags = await output('tshark', [
      '-r',
      capture.file,
      '-Y',
      'tcp.len == 0',
      '-T',
      'fields',
      '-e',
      'tcp.flags.str',
    ])
    expect(flags.replaceAll('·', '').split('\n').filter(Boolean)).toEqual(['S', 'AS', 'A', 'AF', 'AF'])
  })

  test('both ends of a connection in one file, each byte once', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const client = tcp('127.0.0.1', 50_123)
    const server = tcp('127.0.0.1', 8060)
    const accepted = open(capture, 'C2', server, client, 'remote')
    const dialled = open(capture, 'C1', client, server, 'local')
    let to = 0
    let back = 0
    for (const size of [6, 100_000, 7, 250_000, 3]) {
      dialled.chunk('out', pattern(1, to, size))
      // What one call wrote, several may read.
      for (let at = 0; at < size; at += 60_000)
        accepted.chunk('in', pattern(1, to + at, Math.min(60_000, size - at)))
      to += size
      accepted.chunk('out', pattern(2, back, 10))
      dialled.chunk('in', pattern(2, back, 10))
      back += 10
    }
    for (const [track, first] of [
      [dialled, 'local'],
      [accepted, 'remote'],
    ] as const) {
      track.event({ what: 'finished', by: first })
      track.event({ what: 'finished', by: first === 'local' ? 'remote' : 'local' })
    }
    await capture.close()
    const [forth, answer] = await follow(capture.file, 'tcp', 0)
    expect(forth.equals(pattern(1, 0, to))).toBe(true)
    expect(answer.equals(pattern(2, 0, back))).toBe(true)
    expect(await output('tshark', ['-r', capture.file, '-Y', 'tcp.stream > 0'])).toBe('')
    expect(
      (await experts(capture.file)).filter((line) => /malformed|unseen|previous segment/i.test(line)),
    ).toEqual([])
  })

  test('a second connection between the same two ports as a stream of its own', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    for (const [n, text] of ['first', 'second'].entries()) {
      const track = open(capture, `C${n + 1}`, tcp('127.0.0.1', 50_123), tcp('127.0.0.1', 8060), 'local')
      track.chunk('out', Buffer.from(text))
      track.event({ what: 'closed', how: 'reset', by: 'remote', unsentBytes: 0 })
    }
    await capture.close()
    expect(String((await follow(capture.file, 'tcp', 0))[0])).toBe('first')
    expect(String((await follow(capture.file, 'tcp', 1))[0])).toBe('second')
    expect(
      await output('tshark', [
        '-r',
        capture.file,
        '-Y',
        'tcp.flags.reset == 1',
        '-T',
        'fields',
        '-e',
        'frame.interface_name',
      ]),
    ).toBe('C1\nC2\n')
  })

  test('sequence numbers across 2^32', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    // A pair whose first number is so near to 2^32 that little traffic passes it.
    const near = portNearWrap()
    const track = open(capture, 'C1', tcp('127.0.0.1', near.port), tcp('127.0.0.1', 8060), 'local')
    let at = 0
    while (at < near.bytes + 500_000) {
      track.chunk('out', pattern(1, at, 250_000))
      at += 250_000
    }
    await capture.close()
    const raw = await output('tshark', ['-r', capture.file, '-T', 'fields', '-e', 'tcp.seq_raw', '-Y', 'tcp'])
    const numbers = raw.split('\n').filter(Boolean).map(Number)
    expect(numbers[0]).toBeGreaterThan(2 ** 31)
    expect(numbers.at(-1)).toBeLessThan(2 ** 31)
    expect((await follow(capture.file, 'tcp', 0))[0].equals(pattern(1, 0, at))).toBe(true)
    expect(grave(await experts(capture.file))).toEqual([])
  })

  test('datagrams with their boundaries, lengths and checksums, the empty ones too', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('U1', 'udp', 'bound')
    const own: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 5000 }
    const own6: Endpoint = { kind: 'udp', host: '::1', port: 5000 }
    const lengths = [0, 1, 2, 3, 1400, 9000, 65_507]
    for (const length of lengths) {
      track.datagram('in', pattern(1, 0, length), own, { kind: 'udp', host: '127.0.0.1', port: 6000 })
      track.datagram('out', pattern(2, 0, length), own6, { kind: 'udp', host: '::1', port: 6000 })
    }
    await capture.close()
    const both = (
      await output('tshark', [
        '-r',
        capture.file,
        '-o',
        'udp.check_checksum:TRUE',
        '-Y',
        'udp',
        '-T',
        'fields',
        '-e',
        'udp.length',
        '-e',
        'udp.checksum.status',
        '-e',
        'udp.payload',
      ])
    )
      .trimEnd()
      .split('\n')
    expect(both).toEqual(
      lengths.flatMap((length) => [
        `${length + 8}\t3\t${Buffer.from(pattern(1, 0, length)).toString('hex')}`,
        `${length + 8}\t1\t${Buffer.from(pattern(2, 0, length)).toString('hex')}`,
      ]),
    )
    expect(grave(await experts(capture.file))).toEqual([])
    const headers = await output('tshark', [
      '-r',
      capture.file,
      '-o',
      'ip.check_checksum:TRUE',
      '-Y',
      'ip.checksum.status == "Bad"',
    ])
    expect(headers).toBe('')
  })

  test('a Unix socket’s bytes as data, with their direction', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'unix', 'dialled unix:/tmp/x')
    track.chunk('out', Buffer.from('hello'))
    track.chunk('in', Buffer.from('HELLO'))
    await capture.close()
    const found = await output('tshark', [
      '-r',
      capture.file,
      '-Y',
      'exported_pdu',
      '-T',
      'fields',
      '-e',
      'frame.interface_name',
      '-e',
      'frame.packet_flags_direction',
      '-e',
      'exported_pdu.p2p_dir',
      '-e',
      'data.data',
    ])
    expect(found).toBe('C1\t0x00000002\t0\t68656c6c6f\nC1\t0x00000001\t1\t48454c4c4f\n')
  })

  test('a file that is being written', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = open(capture, 'C1', tcp('127.0.0.1', 1), tcp('127.0.0.1', 2), 'local')
    track.chunk('out', Buffer.from('so far'))
    await capture.flush()
    expect(String((await follow(capture.file, 'tcp', 0))[0])).toBe('so far')
    const about = await output('capinfos', ['-M', '-c', '-t', '-I', capture.file])
    expect(about).toMatch(/pcapng/)
    expect(about).toMatch(/Name = C1/)
    await capture.close()
  })
})

/** FNV-1a over the two addresses, as the recorder does it: found by trying, the file is judged by tshark alone. */
function portNearWrap(): { readonly port: number; readonly bytes: number } {
  for (let port = 1024; port < 65_536; port++) {
    let hash = 0x811c9dc5
    for (const byte of [
      127,
      0,
      0,
      1,
      127,
      0,
      0,
      1,
      port & 255,
      port >> 8,
      0,
      8060 & 255,
      8060 >> 8,
      0,
      0,
      0,
      0,
    ]) {
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    const left = 2 ** 32 - (hash >>> 0)
    if (left < 1_000_000) return { port, bytes: left }
  }
  throw new Error('no such port')
}
