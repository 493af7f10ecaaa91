/**
 * Protocols above IP by the names that IANA gave their numbers (https://www.iana.org/assignments/protocol-numbers), in small letters.
 * The first name of a number is the one that is shown.
 */
const names: readonly (readonly [name: string, number: number])[] = [
  ['icmp', 1],
  ['igmp', 2],
  ['ipv4', 4],
  ['ipip', 4],
  ['tcp', 6],
  ['egp', 8],
  ['igp', 9],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6', 41],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['icmp6', 58],
  ['eigrp', 88],
  ['ospf', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['l2tp', 115],
  ['sctp', 132],
  ['udplite', 136],
  ['raw', 255],
]

const numbers: ReadonlyMap<string, number> = new Map(names)
const byNumber: ReadonlyMap<number, string> = new Map(
  [...names].reverse().map(([name, number]) => [number, name]),
)

export const ICMP = 1
export const ICMPV6 = 58
/** IPPROTO_RAW of raw(7): whoever sends writes the IP header too, and nothing is received. */
export const IP_HEADER_ALONE = 255

/** The number behind a name, or behind digits; null for neither. */
export function parseProtocol(text: string): number | null {
  const named = numbers.get(text.toLowerCase())
  if (named !== undefined) return named
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : null
}

/** The name where there is one here, else the number. */
export function formatProtocol(number: number): string {
  return byNumber.get(number) ?? String(number)
}
