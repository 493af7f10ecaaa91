/** A datagram as one end has it. */
export interface Datagram {
  readonly row: number
  readonly atNanos: number
  readonly lengthBytes: number
  /** Its first bytes. */
  readonly head: Uint8Array
}

export interface MatchedDatagram<D extends Datagram = Datagram> {
  readonly sent: D | null
  readonly received: D | null
  /** It was overtaken: one that was sent later came, and this one did not. */
  readonly isOvertaken: boolean
}

/** What stands for the sender's address where the call that took the datagram did not ask for it, as recv(2) does not. */
export function isUntold(peer: string): boolean {
  return peer === 'udp://0.0.0.0:0' || peer === 'udp://[::]:0'
}

/** The sender's address for whoever knows that it is UDP; empty where nobody has asked for it. */
export function peerText(peer: string | null): string {
  return peer === null || isUntold(peer) ? '' : peer.replace(/^udp:\/\//, '')
}

/** A datagram may be read by the time at which its sending is recorded. */
const SLACK_NANOS = 5_000_000

/**
 * Which datagram that came is which that was sent: the first of the same bytes that has not come yet. Some get lost, and some come in another order.
 * @param sent by one socket to another, in order
 * @param received by that other from the one, in order
 */
export function matchedDatagrams<D extends Datagram>(
  sent: readonly D[],
  received: readonly D[],
): MatchedDatagram<D>[] {
  const partners = new Map<D, D>()
  const untold: MatchedDatagram<D>[] = []
  let first = 0
  let lastMatched = -1
  for (const each of received) {
    while (first < sent.length && partners.has(sent[first] as D)) first++
    const at = sent.findIndex((one, n) => n >= first && !partners.has(one) && isSame(one, each))
    const found = sent[at]
    if (found === undefined) untold.push({ sent: null, received: each, isOvertaken: false })
    else {
      partners.set(found, each)
      lastMatched = Math.max(lastMatched, at)
    }
  }
  const told = sent.map((one, n) => {
    const other = partners.get(one) ?? null
    return { sent: one, received: other, isOvertaken: other === null && n < lastMatched }
  })
  return [...told, ...untold]
}

function isSame(sent: Datagram, received: Datagram): boolean {
  return (
    sent.lengthBytes === received.lengthBytes &&
    sent.atNanos <= received.atNanos + SLACK_NANOS &&
    sent.head.length === received.head.length &&
    sent.head.every((byte, n) => byte === received.head[n])
  )
}
