import { parseAddress } from '../../addresses'

/** Packets and capture files as others write them, for tests. */

export const FIN = 1
export const SYN = 2
export const RST = 4
export const ACK = 16

const address = (text: string): Buffer => {
  const bytes = parseAddress(text)
  if (bytes === null) throw new Error(`${text} is no address`)
  return Buffer.from(bytes)
}

export interface TcpFields {
  readonly from?: number
  readonly to?: number
  readonly sequence: number
  readonly acknowledgement?: number
  readonly flags?: number
  readonly data?: Uint8Array
  readonly options?: Uint8Array
}

export function tcp(fields: TcpFields): Buffer {
  const { options = Buffer.alloc(0), data = Buffer.alloc(0), flags = ACK } = fields
  const header = Buffer.alloc(20)
  header.writeUInt16BE(fields.from ?? 40_000, 0)
  header.writeUInt16BE(fields.to ?? 80, 2)
  header.writeUInt32BE(fields.sequence >>> 0, 4)
  header.writeUInt32BE((fields.acknowledgement ?? 0) >>> 0, 8)
  header[12] = ((20 + options.length) / 4) << 4
  header[13] = flags
  header.writeUInt16BE(65_535, 14)
  return Buffer.concat([header, options, data])
}

export function udp(from: number, to: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(from, 0)
  header.writeUInt16BE(to, 2)
  header.writeUInt16BE(8 + data.length, 4)
  return Buffer.concat([header, data])
}

export interface IpFields {
  readonly source?: string
  readonly destination?: string
  readonly protocol?: number
  readonly id?: number
  /** In bytes, a multiple of 8. */
  readonly offset?: number
  readonly isMore?: boolean
  readonly options?: Uint8Array
}

export function ipv4(payload: Uint8Array, fields: IpFields = {}): Buffer {
  const options = fields.options ?? Buffer.alloc(0)
  const header = Buffer.alloc(20)
  header[0] = 0x40 | ((20 + options.length) / 4)
  header.writeUInt16BE(20 + options.length + payload.length, 2)
  header.writeUInt16BE(fields.id ?? 1, 4)
  header.writeUInt16BE((fields.isMore === true ? 0x2000 : 0) | ((fields.offset ?? 0) / 8), 6)
  header[8] = 64
  header[9] = fields.protocol ?? 6
  address(fields.source ?? '10.0.0.1').copy(header, 12)
  address(fields.destination ?? '10.0.0.2').copy(header, 16)
  return Buffer.concat([header, options, payload])
}

/** @param extensions each a header's number and its bytes; the first byte is filled in */
export function ipv6(
  payload: Uint8Array,
  fields: IpFields = {},
  extensions: readonly (readonly [number, Uint8Array])[] = [],
): Buffer {
  const header = Buffer.alloc(40)
  header[0] = 0x60
  const protocol = fields.protocol ?? 6
  const parts = extensions.map(([, bytes], n) => {
    const part = Buffer.from(bytes)
    part[0] = extensions[n + 1]?.[0] ?? protocol
    return part
  })
  const body = Buffer.concat([...parts, payload])
  header.writeUInt16BE(body.length, 4)
  header[6] = extensions[0]?.[0] ?? protocol
  header[7] = 64
  address(fields.source ?? 'fd00::1').copy(header, 8)
  address(fields.destination ?? 'fd00::2').copy(header, 24)
  return Buffer.concat([header, body])
}

const typeOf = (ip: Uint8Array): number => ((ip[0] ?? 0) >>> 4 === 6 ? 0x86dd : 0x0800)
const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, n) => bytes.writeUInt16BE(value, n * 2))
  return bytes
}

export const link = {
  ethernet: (ip: Buffer): Buffer => Buffer.concat([Buffer.alloc(12, 2), words(typeOf(ip)), ip]),
  vlan: (ip: Buffer): Buffer =>
    Buffer.concat([Buffer.alloc(12, 2), words(0x88a8, 5, 0x8100, 6, typeOf(ip)), ip]),
  padded: (ip: Buffer): Buffer =>
    Buffer.concat([Buffer.alloc(12, 2), words(typeOf(ip)), ip, Buffer.alloc(20, 0xee)]),
  raw: (ip: Buffer): Buffer => ip,
  sll: (ip: Buffer): Buffer => Buffer.concat([words(0, 1, 6, 0, 0, 0, 0, typeOf(ip)), ip]),
  sll2: (ip: Buffer): Buffer => Buffer.concat([words(typeOf(ip), 0, 0, 1, 1, 6, 0, 0, 0, 0), ip]),
  nullLittle: (ip: Buffer): Buffer =>
    Buffer.concat([Buffer.from([typeOf(ip) === 0x0800 ? 2 : 10, 0, 0, 0]), ip]),
  nullBig: (ip: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, typeOf(ip) === 0x0800 ? 2 : 30]), ip]),
}

export interface Stamped {
  /** Nanoseconds since 1970. */
  readonly at: bigint
  readonly bytes: Uint8Array
  readonly wireBytes?: number
}

export interface FileForm {
  readonly linkType?: number
  readonly isNanos?: boolean
  readonly isBigEndian?: boolean
}

export const EPOCH = 1_700_000_000_123_456_000n

/** Packets a millisecond apart. */
export function stamped(packets: readonly Uint8Array[]): Stamped[] {
  return packets.map((bytes, n) => ({ at: EPOCH + BigInt(n) * 1_000_000n, bytes }))
}

/** Writes 32-bit words in either byte order. */
function words32(isBigEndian: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, n) =>
    isBigEndian ? bytes.writeUInt32BE(value >>> 0, n * 4) : bytes.writeUInt32LE(value >>> 0, n * 4),
  )
  return bytes
}
function words16(isBigEndian: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, n) =>
    isBigEndian ? bytes.writeUInt16BE(value, n * 2) : bytes.writeUInt16LE(value, n * 2),
  )
  return bytes
}

export function pcap(packets: readonly Stamped[], form: FileForm = {}): Buffer {
  const { linkType = 1, isNanos = false, isBigEndian = false } = form
  const header = Buffer.concat([
    words32(isBigEndian, isNanos ? 0xa1b23c4d : 0xa1b2c3d4),
    words16(isBigEndian, 2, 4),
    words32(isBigEndian, 0, 0, 262_144, linkType),
  ])
  const each = packets.map(({ at, bytes, wireBytes = bytes.length }) => {
    const below = Number(at % 1_000_000_000n)
    const stamp = [Number(at / 1_000_000_000n), isNanos ? below : Math.floor(below / 1000)]
    return Buffer.concat([words32(isBigEndian, ...stamp, bytes.length, wireBytes), bytes])
  })
  return Buffer.concat([header, ...each])
}

export function block(type: number, body: Uint8Array, isBigEndian = false): Buffer {
  const length = 12 + body.length
  return Buffer.concat([words32(isBigEndian, type, length), body, words32(isBigEndian, length)])
}

export function option(code: number, value: Uint8Array, isBigEndian = false): Buffer {
  return Buffer.concat([words16(isBigEndian, code, value.length), value, Buffer.alloc(-value.length & 3)])
}

export function section(isBigEndian = false): Buffer {
  return block(
    0x0a0d0d0a,
    Buffer.concat([words32(isBigEndian, 0x1a2b3c4d), words16(isBigEndian, 1, 0), Buffer.alloc(8, 0xff)]),
    isBigEndian,
  )
}

export function interfaceBlock(
  linkType: number,
  options: Uint8Array = Buffer.alloc(0),
  isBigEndian = false,
): Buffer {
  return block(
    1,
    Buffer.concat([words16(isBigEndian, linkType, 0), words32(isBigEndian, 262_144), options]),
    isBigEndian,
  )
}

/** @param units its time in the interface's own */
export function packetBlock(
  interfaceNumber: number,
  units: bigint,
  bytes: Uint8Array,
  isBigEndian = false,
): Buffer {
  const stamp = [Number(units >> 32n), Number(units & 0xffff_ffffn)]
  const head = words32(isBigEndian, interfaceNumber, ...stamp, bytes.length, bytes.length)
  return block(6, Buffer.concat([head, bytes, Buffer.alloc(-bytes.length & 3)]), isBigEndian)
}

export function oldPacketBlock(interfaceNumber: number, units: bigint, bytes: Uint8Array): Buffer {
  const stamp = [Number(units >> 32n), Number(units & 0xffff_ffffn)]
  const head = Buffer.concat([
    words16(false, interfaceNumber, 0),
    words32(false, ...stamp, bytes.length, bytes.length),
  ])
  return block(2, Buffer.concat([head, bytes, Buffer.alloc(-bytes.length & 3)]))
}

export function simplePacketBlock(bytes: Uint8Array): Buffer {
  return block(3, Buffer.concat([words32(false, bytes.length), bytes, Buffer.alloc(-bytes.length & 3)]))
}
