/** The Internet checksum (RFC 1071): the complement of the sum of all 16-bit words, a last odd byte being the high half of one. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const bytes of parts) {
    for (let n = 0; n < bytes.length; n += 2) sum += ((bytes[n] ?? 0) << 8) | (bytes[n + 1] ?? 0)
    // Whatever its length, a number holds it exactly when folded now and then.
    sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
  return ~sum & 0xffff
}
