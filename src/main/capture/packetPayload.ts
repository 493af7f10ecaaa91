/** What a packet's headers tell of its payload. */
export interface PacketPayload {
  readonly protocol: 'tcp' | 'udp' | 'unix'
  readonly lengthBytes: number
}

/** Looks for the payload behind the headers of a raw IP packet. Null for what is no TCP or UDP packet, or is cut short. */
export function ipPayload(packet: Uint8Array): PacketPayload | null {
  const version = (packet[0] ?? 0) >> 4
  if (version === 4) {
    const headBytes = ((packet[0] ?? 0) & 15) * 4
    return headBytes < 20 ? null : transport(packet, headBytes, packet[9] ?? 0)
  }
  if (version !== 6) return null
  // The one extension header that this program writes: hop-by-hop options (RFC 8200, 4.3).
  const isHopByHop = packet[6] === 0
  return isHopByHop
    ? transport(packet, 40 + 8 * ((packet[41] ?? 0) + 1), packet[40] ?? 0)
    : transport(packet, 40, packet[6] ?? 0)
}

function transport(packet: Uint8Array, at: number, protocol: number): PacketPayload | null {
  const headBytes = protocol === 6 ? ((packet[at + 12] ?? 0) >> 4) * 4 : 8
  const lengthBytes = packet.length - at - headBytes
  if ((protocol !== 6 && protocol !== 17) || lengthBytes < 0 || (protocol === 6 && headBytes < 20))
    return null
  return { protocol: protocol === 6 ? 'tcp' : 'udp', lengthBytes }
}

/** Passes over the tags of an exported PDU (Wireshark's epan/exported_pdu.h). */
export function exportedPayload(packet: Uint8Array): PacketPayload | null {
  let at = 0
  while (at + 4 <= packet.length) {
    const tag = ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0)
    at += 4 + (((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0))
    if (tag === 0) return at > packet.length ? null : { protocol: 'unix', lengthBytes: packet.length - at }
  }
  return null
}
