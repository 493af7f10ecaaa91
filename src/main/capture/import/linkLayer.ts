/** Why a packet is left out. */
export type Skipped =
  | 'unknownLink'
  | 'notIp'
  | 'notTransport'
  | 'cutShort'
  | 'badLength'
  | 'fragmentLost'
  | 'tooManyConversations'

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, pppoe: 0x8864 } as const
/** IEEE 802.1Q, 802.1ad, and what came before the latter. */
const VLAN: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200])
/** AF_INET, then AF_INET6 of Linux, NetBSD, FreeBSD, macOS and Windows: the number is that of the machine that captured. */
const FAMILIES: ReadonlySet<number> = new Set([2, 10, 23, 24, 28, 30])

/** Link types (draft-ietf-opsawg-pcaplinktype). 12 and 14 are what some systems write for raw IP. */
const LINKTYPE = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  sll: 113,
  ipv4: 228,
  ipv6: 229,
  sll2: 276,
}

/** Where the IP header of a packet begins, or why it has none. */
export function ipHeaderAt(linkType: number, bytes: Uint8Array, from: number, to: number): number | Skipped {
  switch (linkType) {
    case LINKTYPE.ethernet:
      return afterType(bytes, from + 12, from + 14, to)
    case LINKTYPE.raw:
    case LINKTYPE.rawBsd:
    case LINKTYPE.rawOpenBsd:
    case LINKTYPE.ipv4:
    case LINKTYPE.ipv6:
      return from < to ? from : 'cutShort'
    case LINKTYPE.null:
    case LINKTYPE.loop:
      return afterFamily(bytes, from, to)
    case LINKTYPE.sll:
      return afterType(bytes, from + 14, from + 16, to)
    case LINKTYPE.sll2:
      return afterType(bytes, from, from + 20, to)
    default:
      return 'unknownLink'
  }
}

/** @param typeAt where the EtherType stands @param next what it tells of */
function afterType(bytes: Uint8Array, typeAt: number, next: number, to: number): number | Skipped {
  let at = next
  if (at > to) return 'cutShort'
  let type = word(bytes, typeAt)
  while (VLAN.has(type)) {
    if (at + 4 > to) return 'cutShort'
    type = word(bytes, at + 2)
    at += 4
  }
  if (type === ETHERTYPE.pppoe) {
    // Six bytes of PPPoE (RFC 2516), then PPP's protocol number.
    if (at + 8 > to) return 'cutShort'
    const protocol = word(bytes, at + 6)
    return protocol === 0x21 || protocol === 0x57 ? at + 8 : 'notIp'
  }
  return type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6 ? at : 'notIp'
}

/** The family is in the byte order of the machine that captured, or the network's: few numbers, so either is told by itself. */
function afterFamily(bytes: Uint8Array, from: number, to: number): number | Skipped {
  if (from + 4 > to) return 'cutShort'
  const isLittle = bytes[from + 2] === 0 && bytes[from + 3] === 0
  const family = isLittle ? (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8) : word(bytes, from + 2)
  return FAMILIES.has(family) ? from + 4 : 'notIp'
}

/** Two bytes in the network's order. */
export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
