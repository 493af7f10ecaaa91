/** An ICMP echo message (RFC 792; RFC 4443, 4.1). */
export interface Echo {
  readonly isReply: boolean
  readonly identifier: number
  readonly sequence: number
}

/** By type: of ICMP, and of ICMPv6. */
const types: ReadonlyMap<number, boolean> = new Map([
  [8, false],
  [0, true],
  [128, false],
  [129, true],
])

/** Null for what is no echo request and no echo reply. */
export function readEcho(message: Uint8Array): Echo | null {
  const isReply = types.get(message[0] ?? -1)
  if (isReply === undefined || message.length < 8 || message[1] !== 0) return null
  const word = (at: number): number => ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0)
  return { isReply, identifier: word(4), sequence: word(6) }
}
