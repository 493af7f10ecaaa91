/**
 * Looks for the payload behind the headers of a raw IP packet that lies at `from` to `to`.
 * Answers its length; -1 for a TCP packet without one, that only tells a state change, and for what is neither TCP nor UDP or is cut short.
 */
export function ipPayloadBytes(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0
  if (first >> 4 === 4) {
    const headBytes = (first & 15) * 4
    return headBytes < 20 ? -1 : transport(bytes, from + headBytes, to, bytes[from + 9] ?? 0)
  }
  if (first >> 4 !== 6) return -1
  const next = bytes[from + 6] ?? 0
  // The one extension header that this program writes: hop-by-hop options (RFC 8200, 4.3).
  return next === 0
    ? transport(bytes, from + 40 + 8 * ((bytes[from + 41] ?? 0) + 1), to, bytes[from + 40] ?? 0)
    : transport(bytes, from + 40, to, next)
}

function transport(bytes: Uint8Array, at: number, to: number, protocol: number): number {
  if (protocol === 17) return Math.max(-1, to - at - 8)
  if (protocol !== 6) return -1
  const headBytes = ((bytes[at + 12] ?? 0) >> 4) * 4
  const length = to - at - headBytes
  return headBytes < 20 || length <= 0 ? -1 : length
}

/** The same for an exported PDU: passes over its tags (Wireshark's epan/exported_pdu.h). */
export function exportedPayloadBytes(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at + 4 <= to) {
    const tag = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
    at += 4 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
    if (tag === 0) return Math.max(-1, to - at)
  }
  return -1
}

/** Whether a raw IP packet that lies at `from` is UDP's. */
export function isUdp(bytes: Uint8Array, from: number): boolean {
  const first = bytes[from] ?? 0
  if (first >> 4 === 4) return bytes[from + 9] === 17
  return bytes[from + 6] === 0 ? bytes[from + 40] === 17 : bytes[from + 6] === 17
}
