import { word, type Skipped } from './linkLayer'

/** What an IP header says. There is one of them, filled anew for each packet. */
export interface IpPacket {
  isIpv6: boolean
  /** Index of the source's address; the destination's follows it. */
  addressesAt: number
  /** IANA's number of what is carried: 6 TCP, 17 UDP. */
  protocol: number
  /** What is carried, as far as it was captured. */
  from: number
  to: number
  /** How long it was on the wire. */
  wireBytes: number
  /** Null for a packet that is whole. */
  fragment: Fragment | null
}

export interface Fragment {
  readonly id: number
  readonly offset: number
  readonly isLast: boolean
}

export function emptyIp(): IpPacket {
  return { isIpv6: false, addressesAt: 0, protocol: 0, from: 0, to: 0, wireBytes: 0, fragment: null }
}

/** Reads an IPv4 (RFC 791) or IPv6 (RFC 8200) header with all that stands before what it carries. @returns why it cannot, or null */
export function readIp(bytes: Uint8Array, from: number, to: number, ip: IpPacket): Skipped | null {
  if (from >= to) return 'cutShort'
  ip.fragment = null
  switch ((bytes[from] as number) >>> 4) {
    case 4:
      return readIpv4(bytes, from, to, ip)
    case 6:
      return readIpv6(bytes, from, to, ip)
    default:
      return 'notIp'
  }
}

function readIpv4(bytes: Uint8Array, from: number, to: number, ip: IpPacket): Skipped | null {
  if (to - from < 20) return 'cutShort'
  const headerBytes = ((bytes[from] as number) & 15) * 4
  // 0 with segmentation offload: the packet's own length counts.
  const totalBytes = word(bytes, from + 2) || to - from
  if (headerBytes < 20 || totalBytes < headerBytes) return 'badLength'
  if (from + headerBytes > to) return 'cutShort'
  ip.isIpv6 = false
  ip.addressesAt = from + 12
  ip.protocol = bytes[from + 9] as number
  ip.from = from + headerBytes
  ip.to = Math.min(to, from + totalBytes)
  ip.wireBytes = totalBytes - headerBytes
  const flags = word(bytes, from + 6)
  // More Fragments, or an offset.
  if ((flags & 0x3fff) !== 0) {
    ip.fragment = { id: word(bytes, from + 4), offset: (flags & 0x1fff) * 8, isLast: (flags & 0x2000) === 0 }
  }
  return null
}

const NEXT = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destination: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
}
const FIXED_HEADER_BYTES = 40

function readIpv6(bytes: Uint8Array, from: number, to: number, ip: IpPacket): Skipped | null {
  if (to - from < FIXED_HEADER_BYTES) return 'cutShort'
  let at = from + FIXED_HEADER_BYTES
  // 0 in a jumbogram (RFC 2675), and with segmentation offload.
  const end = at + (word(bytes, from + 4) || to - at)
  let next = bytes[from + 6] as number
  for (;;) {
    const isExtension =
      next === NEXT.hopByHop ||
      next === NEXT.routing ||
      next === NEXT.fragment ||
      next === NEXT.authentication ||
      next === NEXT.destination ||
      next === NEXT.mobility ||
      next === NEXT.hip ||
      next === NEXT.shim6
    if (!isExtension || ip.fragment !== null) break
    if (at + 8 > end) return 'badLength'
    if (at + 8 > to) return 'cutShort'
    const length = lengthOf(next, bytes[at + 1] as number)
    if (next === NEXT.fragment) ip.fragment = fragmentAt(bytes, at)
    next = bytes[at] as number
    at += length
    if (at > end) return 'badLength'
    if (at > to) return 'cutShort'
  }
  ip.isIpv6 = true
  ip.addressesAt = from + 8
  ip.protocol = next
  ip.from = at
  ip.to = Math.min(to, end)
  ip.wireBytes = end - at
  return null
}

/** Length of an extension header in bytes. */
function lengthOf(header: number, told: number): number {
  if (header === NEXT.fragment) return 8
  return header === NEXT.authentication ? (told + 2) * 4 : (told + 1) * 8
}

/** An atomic fragment (RFC 6946) is a whole packet. */
function fragmentAt(bytes: Uint8Array, at: number): Fragment | null {
  const offset = word(bytes, at + 2)
  if ((offset & 0xfff9) === 0) return null
  return {
    id: word(bytes, at + 4) * 0x1_0000 + word(bytes, at + 6),
    offset: offset & 0xfff8,
    isLast: (offset & 1) === 0,
  }
}
