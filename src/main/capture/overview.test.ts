import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketEvent } from '../../shared/model/record'
import { overview } from './overview'
import { Folder, has, output, value } from './testing/folder'

const here: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 8060 }
const udp: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 5000 }
const opened: SocketEvent = { what: 'opened', local: here, remote: here, by: 'local' }
const closed = (how: 'fin' | 'reset' | 'error', code?: string): SocketEvent => ({
  what: 'closed',
  how,
  by: 'remote',
  unsentBytes: 0,
  ...(code !== undefined && { fault: { code, summary: '' } }),
})

describe('an overview', () => {
  test.each<[string, 'C1' | 'L1' | 'U1', SocketEvent[]]>([
    ['open', 'C1', [{ what: 'dialling', to: here }, opened]],
    ['dialling tcp://127.0.0.1:8060', 'C1', [{ what: 'dialling', to: here }]],
    ['half-closed by peer', 'C1', [opened, { what: 'finished', by: 'remote' }]],
    ['half-closed by us', 'C1', [opened, { what: 'finished', by: 'local' }]],
    [
      'closed (fin)',
      'C1',
      [opened, { what: 'finished', by: 'local' }, { what: 'finished', by: 'remote' }, closed('fin')],
    ],
    ['closed (reset)', 'C1', [opened, closed('reset')]],
    ['closed (EPIPE)', 'C1', [opened, closed('error', 'EPIPE')]],
    [
      'failed: ECONNREFUSED Nobody listens.',
      'C1',
      [{ what: 'failed', fault: { code: 'ECONNREFUSED', summary: 'Nobody listens.' } }],
    ],
    ['listening on tcp://127.0.0.1:8060', 'L1', [{ what: 'listening', at: here }]],
    ['closed', 'L1', [{ what: 'listening', at: here }, closed('fin')]],
    [
      'bound to udp://127.0.0.1:5000, connected to udp://127.0.0.1:5000',
      'U1',
      [
        { what: 'bound', at: udp },
        { what: 'peerSet', peer: udp },
      ],
    ],
    [
      'bound to udp://127.0.0.1:5000',
      'U1',
      [
        { what: 'bound', at: udp },
        { what: 'peerSet', peer: udp },
        { what: 'peerSet', peer: null },
      ],
    ],
    ['', 'C1', []],
  ])('tells the state that a record ends with: %s', async (state, id, events) => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track(id, 'tcp', 'a socket')
    for (const event of events) track.event(event)
    await capture.close()
    expect(value(await overview(capture.file)).sockets).toMatchObject([{ id, about: 'a socket', state }])
  })

  test('tells when a recording began, how long it lasted, and each socket’s share', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'tcp', '')
    track.event(opened)
    track.chunk('in', Buffer.from('abc'))
    await capture.close()
    const found = value(await overview(capture.file))
    expect(Date.parse(found.beganAtUtc)).toBe(Number(capture.clock.epochNanos / 1_000_000n))
    expect(found.sockets[0]).toMatchObject({ inBytes: 3, inChunks: 1, outBytes: 0, outChunks: 0 })
    expect(found.sockets[0]?.lastNanos).toBe(found.durationNanos)
    expect(found.sockets[0]?.firstNanos).toBeGreaterThan(0)
  })

  test('refuses what is no capture, each with its reason', async () => {
    await using folder = await Folder.make()
    const of = async (bytes: Buffer | string) => {
      const file = folder.file()
      fs.writeFileSync(file, bytes)
      const reply = await overview(file)
      return reply.ok ? 'ok' : reply.fault.summary
    }
    expect(await of('')).toMatch(/is empty/)
    expect(await of('hello world, this is text')).toMatch(/is no capture file/)
    expect(await of(Buffer.alloc(100_000))).toMatch(/is no capture file/)
    expect(await of(Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'))).toMatch(
      /pcap file of the old form/,
    )
    expect(await overview(folder.file('absent'))).toMatchObject({ ok: false, fault: { code: 'ENOENT' } })
    expect(await overview(folder.path)).toMatchObject({ ok: false, fault: { code: 'EISDIR' } })
    expect(await overview('/dev/null')).toMatchObject({ ok: false, fault: { code: 'SB_CAPTURE' } })
    if (has('mkfifo')) {
      await output('mkfifo', [folder.file('fifo')])
      expect(await overview(folder.file('fifo'))).toMatchObject({ ok: false, fault: { code: 'SB_CAPTURE' } })
    }
  })

  test('reads a file from elsewhere by its interfaces, in either byte order', async () => {
    await using folder = await Folder.make()
    for (const isLittle of [true, false]) {
      const file = folder.file()
      fs.writeFileSync(file, foreign(isLittle))
      const found = value(await overview(file))
      expect(found).toMatchObject({
        tornBytes: 0,
        beganAtUtc: '2023-11-14T22:13:20.000000000Z',
        durationNanos: 2_000_000,
        sockets: [
          {
            id: 'interface 0',
            inBytes: 60,
            inChunks: 1,
            outBytes: 42,
            outChunks: 1,
            firstNanos: 0,
            lastNanos: 2_000_000,
          },
        ],
      })
      expect(found.warnings).toEqual([expect.stringMatching(/Switchboard has not written this file/)])
    }
  })

  test.skipIf(!has('editcap'))('reads on after editcap has changed the file', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const track = capture.track('C1', 'tcp', 'about')
    track.event(opened)
    track.chunk('in', Buffer.from('abc'))
    await capture.close()
    const copy = folder.file()
    await output('editcap', [capture.file, copy])
    expect(value(await overview(copy)).sockets).toMatchObject([
      { id: 'C1', about: 'about', inBytes: 3, state: 'open' },
    ])
  })

  test('is not led astray by custom blocks that hold nonsense', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    capture.track('C1', 'tcp', 'about').event(opened)
    await capture.close()
    const texts = [
      '{"v":1,"kind":"event","socket":"C1","atNanos":5,"event":{"what":"listening"}}',
      '{"v":1,"kind":"event","socket":"C1","atNanos":5,"event":{"what":"failed","fault":7}}',
      '{"v":1,"kind":"event","socket":"__proto__","atNanos":5,"event":{"what":"closed"}}',
      '{"v":1,"kind":"event","socket":"C1","atNanos":-5,"event":{"what":"closed"}}',
      '{"v":1,"kind":"event","socket":"C1","atNanos":1e300,"event":{"what":"closed"}}',
      '{"v":1,"kind":"later"}',
      '['.repeat(100_000),
      '\uffff{',
    ]
    for (const text of texts) fs.appendFileSync(capture.file, custom(Buffer.from(text)))
    const found = value(await overview(capture.file))
    expect(found).toMatchObject({ tornBytes: 0, sockets: [{ id: 'C1' }] })
    expect(found.sockets).toHaveLength(1)
  })
})

function custom(data: Buffer): Buffer {
  const padded = Math.ceil(data.length / 4) * 4
  const block = Buffer.alloc(16 + padded, 0x20)
  block.writeUInt32LE(0xbad, 0)
  block.writeUInt32LE(block.length, 4)
  block.writeUInt32LE(32_473, 8)
  data.copy(block, 12)
  block.writeUInt32LE(block.length, block.length - 4)
  return block
}

/** Two Ethernet packets, 2 ms apart, with microsecond times. */
function foreign(isLittle: boolean): Buffer {
  const words = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 4)
    for (const [n, each] of values.entries()) {
      if (isLittle) bytes.writeUInt32LE(each, n * 4)
      else bytes.writeUInt32BE(each, n * 4)
    }
    return bytes
  }
  const halves = (first: number, second: number) =>
    isLittle ? words(first | (second << 16)) : words((first * 0x1_0000) | second)
  const block = (type: number, body: Buffer) =>
    Buffer.concat([words(type, 12 + body.length), body, words(12 + body.length)])
  const packet = (micros: bigint, length: number, flags: number) =>
    block(
      6,
      Buffer.concat([
        words(0, Number(micros >> 32n), Number(micros & 0xffff_ffffn), length, length),
        Buffer.alloc(Math.ceil(length / 4) * 4),
        halves(2, 4),
        words(flags, 0),
      ]),
    )
  const at = 1_700_000_000_000_000n
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([words(0x1a2b3c4d), halves(1, 0), words(0xffffffff, 0xffffffff)])),
    block(1, Buffer.concat([halves(1, 0), words(0)])),
    packet(at, 60, 1),
    packet(at + 2000n, 42, 2),
  ])
}
