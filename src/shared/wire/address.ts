/** An address as packet headers hold it: 4 bytes, or 16. */
export type AddressBytes = Uint8Array

/** Reads a numeric IPv4 or IPv6 address (RFC 4291, 2.2); a scope such as `%eth0` is left out. Null for anything else. */
export function parseAddress(text: string): AddressBytes | null {
  return text.includes(':') ? parseIpv6(text.replace(/%.*$/s, '')) : parseIpv4(text)
}

function parseIpv4(text: string): AddressBytes | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes = new Uint8Array(4)
  for (const [n, part] of parts.entries()) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255) return null
    bytes[n] = Number(part)
  }
  return bytes
}

function parseIpv6(text: string): AddressBytes | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groupsOf(halves[0] ?? '')
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : []
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail])
}

function groupsOf(text: string): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [n, group] of groups.entries()) {
    if (n === groups.length - 1 && group.includes('.')) {
      const last = parseIpv4(group)
      if (last === null) return null
      bytes.push(...last)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
      const value = parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
    }
  }
  return bytes
}

/** The text of an address; IPv6 as RFC 5952 wants it. @param bytes 4 or 16 */
export function formatAddress(bytes: AddressBytes): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let n = 0; n < 16; n += 2) groups.push((((bytes[n] ?? 0) << 8) | (bytes[n + 1] ?? 0)).toString(16))
  // The longest run of at least two zero groups, the first of them if there are several.
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
