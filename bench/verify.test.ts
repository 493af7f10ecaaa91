import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payloadOf } from './lib/payload.mjs'
import { compile } from './lib/programs.mjs'

const hasCompiler = spawnSync('cc', ['--version']).status === 0
const INBOUND = 1
const OUTBOUND = 2

describe.skipIf(!hasCompiler)('the judge of what was captured', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-judge-'))
  let program: (name: string) => string
  beforeAll(() => {
    program = compile(path.join(folder, 'programs'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function verify(format: 'RAW' | 'PCAPNG', content: Buffer, bytes: number): string {
    const file = path.join(folder, 'captured')
    writeFileSync(file, content)
    const { status, stdout, stderr } = spawnSync(program('verify'), [format, file, String(bytes)], {
      encoding: 'utf8',
    })
    return status === 0 ? stdout : stderr
  }

  test('takes the stream that was sent, raw and in packets', () => {
    const sent = payloadOf(0, 3_000_000)
    expect(verify('RAW', sent, sent.length)).toContain('"bytes":3000000')
    const file = pcapng([
      { at: 0, bytes: sent.subarray(0, 200_000) },
      { at: 0, bytes: Buffer.from('an answer'), direction: OUTBOUND },
      { at: 200_000, bytes: sent.subarray(200_000, 200_003) },
    ])
    expect(verify('PCAPNG', file, 200_003)).toContain('"bytes":200003,"packets":2')
  })

  test('finds one flipped bit', () => {
    const flipped = Buffer.from(payloadOf(0, 3_000_000))
    flipped[2_500_000] = (flipped[2_500_000] ?? 0) ^ 1
    expect(verify('RAW', flipped, flipped.length)).toContain('the bytes differ')
    expect(
      verify('PCAPNG', pcapng([{ at: 0, bytes: Buffer.concat([payloadOf(0, 100), Buffer.of(7)]) }]), 101),
    ).toContain('the bytes differ at file offset')
  })

  test('finds bytes that are missing at the end', () => {
    expect(verify('RAW', payloadOf(0, 999_999), 1_000_000)).toContain('999999 of 1000000 are there')
    expect(verify('PCAPNG', pcapng([{ at: 0, bytes: payloadOf(0, 50) }]), 51)).toContain('50 of 51 are there')
  })

  test('finds a packet that is missing, or there twice', () => {
    const [first, second, third] = [0, 1000, 2000].map((at) => ({ at, bytes: payloadOf(at, 1000) }))
    if (!first || !second || !third) throw new Error('three packets are needed')
    expect(verify('PCAPNG', pcapng([first, third]), 2000)).toContain('the sequence numbers do not add up')
    expect(verify('PCAPNG', pcapng([first, second, second]), 3000)).toContain(
      'the sequence numbers do not add up',
    )
  })

  test('finds a torn tail', () => {
    const whole = pcapng([{ at: 0, bytes: payloadOf(0, 1000) }])
    expect(verify('PCAPNG', whole.subarray(0, whole.length - 5), 1000)).toContain('a block is torn')
    expect(verify('PCAPNG', Buffer.concat([whole, Buffer.alloc(4)]), 1000)).toContain(
      'bytes after the last block',
    )
  })
})

interface Packet {
  readonly at: number
  readonly bytes: Buffer
  readonly direction?: number
}

/** A pcapng file of raw IPv4 packets, as plain as it can be. */
function pcapng(packets: readonly Packet[]): Buffer {
  const section = block(0x0a0d0d0a, [u32(0x1a2b3c4d), u16(1), u16(0), Buffer.alloc(8, 0xff)])
  const description = block(1, [u16(101), u16(0), u32(0)])
  return Buffer.concat([section, description, ...packets.map(packetBlock)])
}

function packetBlock({ at, bytes, direction = INBOUND }: Packet): Buffer {
  const ip = Buffer.alloc(20)
  ip[0] = 0x45
  ip[9] = 6
  const tcp = Buffer.alloc(20)
  tcp.writeUInt32BE(4_294_967_000 + at - 2 ** 32 * Number(at >= 296), 4)
  tcp[12] = 0x50
  tcp[13] = 0x18
  const packet = Buffer.concat([ip, tcp, bytes])
  const padding = Buffer.alloc((4 - (packet.length % 4)) % 4)
  const flags = [u16(2), u16(4), u32(direction), u32(0)]
  return block(6, [u32(0), u32(0), u32(0), u32(packet.length), u32(packet.length), packet, padding, ...flags])
}

function block(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
