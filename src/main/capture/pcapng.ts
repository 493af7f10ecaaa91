import { writeAscii } from './ascii'

/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng), as far as Switchboard writes them. Little endian, as all machines that Node
 * and Electron run on. A block: type, length, body, options, length again; all of it in multiples of 4 bytes.
 */
export const BLOCK = {
  section: 0x0a0d0d0a,
  interface: 1,
  simplePacket: 3,
  interfaceStatistics: 5,
  packet: 6,
  /** A custom block that may be copied to other files. */
  custom: 0xbad,
} as const

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** The private enterprise number that is set aside for examples and documentation (RFC 5612). */
export const ENTERPRISE = 32_473

export const LINK = {
  /** Raw IP: the packet begins with an IPv4 or IPv6 header. */
  raw: 101,
  /** Wireshark's exported PDU: tags that name the dissector, then the payload. */
  exportedPdu: 252,
} as const

/** Wireshark's own limit on a packet (WTAP_MAX_PACKET_SIZE_STANDARD). */
export const SNAP_BYTES = 262_144

export const OPTION = {
  end: 0,
  comment: 1,
  os: 3,
  application: 4,
  name: 2,
  description: 3,
  resolution: 9,
  flags: 2,
  received: 4,
  dropped: 5,
  /** A custom option that holds text and may be copied to other files: an enterprise's number, then the text. */
  customText: 2988,
} as const

/** epb_flags: its two lowest bits. */
export const INBOUND = 1
export const OUTBOUND = 2

/** From a packet block's beginning to the packet. */
export const PACKET_HEAD_BYTES = 28
/** After the packet and its padding, without a comment: the flags option, the end of options, the length. */
export const PACKET_TAIL_BYTES = 16
/** From a custom block's beginning to its data. */
export const CUSTOM_HEAD_BYTES = 12

export const padded = (length: number) => (length + 3) & ~3

function block(type: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + body.length)
  bytes.writeUInt32LE(type, 0)
  bytes.writeUInt32LE(bytes.length, 4)
  body.copy(bytes, 8)
  bytes.writeUInt32LE(bytes.length, bytes.length - 4)
  return bytes
}

function option(code: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length))
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt16LE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

const text = (value: string) => Buffer.from(value.slice(0, 10_000))
const END_OF_OPTIONS = Buffer.alloc(4)

/**
 * @param session JSON that tells of the session; null in a file for others. It is an option here and no block of its own: Wireshark's tools settle what they can
 * write by what comes before the first packet, and a custom block there is more than editcap can bear.
 */
export function sectionHeader(application: string, os: string, session: string | null): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  body.writeUInt16LE(1, 4)
  // The section's length is not known in advance.
  body.writeBigInt64LE(-1n, 8)
  const enterprise = Buffer.alloc(4)
  enterprise.writeUInt32LE(ENTERPRISE)
  return block(
    BLOCK.section,
    Buffer.concat([
      body,
      option(OPTION.os, text(os)),
      option(OPTION.application, text(application)),
      ...(session === null ? [] : [option(OPTION.customText, Buffer.concat([enterprise, text(session)]))]),
      END_OF_OPTIONS,
    ]),
  )
}

/** isb_ifrecv and isb_ifdrop: what came in, and what the system had no room for. @param atNanos since 1970 */
export function interfaceStatistics(
  interfaceNumber: number,
  atNanos: bigint,
  received: number,
  dropped: number,
): Buffer {
  const body = Buffer.alloc(12)
  body.writeUInt32LE(interfaceNumber, 0)
  body.writeUInt32LE(Number(atNanos >> 32n), 4)
  body.writeUInt32LE(Number(atNanos & 0xffff_ffffn), 8)
  const count = (value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return bytes
  }
  return block(
    BLOCK.interfaceStatistics,
    Buffer.concat([
      body,
      option(OPTION.received, count(received)),
      option(OPTION.dropped, count(dropped)),
      END_OF_OPTIONS,
    ]),
  )
}

/** The last one made: thousands of callers of one listener differ in nothing but their names. */
let last = { linkType: -1, nameBytes: -1, description: '', block: Buffer.alloc(0) as Buffer }
const NAME_AT = 20

/**
 * Times of its packets are in nanoseconds.
 * @param name of ASCII characters
 * @returns memory that the next call may write to
 */
export function interfaceDescription(linkType: number, name: string, description: string): Buffer {
  if (linkType !== last.linkType || name.length !== last.nameBytes || description !== last.description) {
    last = {
      linkType,
      nameBytes: name.length,
      description,
      block: describeInterface(linkType, name, description),
    }
  }
  writeAscii(last.block, NAME_AT, name)
  return last.block
}

function describeInterface(linkType: number, name: string, description: string): Buffer {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(linkType, 0)
  body.writeUInt32LE(SNAP_BYTES, 4)
  return block(
    BLOCK.interface,
    Buffer.concat([
      body,
      option(OPTION.name, text(name)),
      option(OPTION.description, text(description)),
      option(OPTION.resolution, Buffer.from([9])),
      END_OF_OPTIONS,
    ]),
  )
}
