import { formatEndpoint } from '../../shared/model/endpoint'
import { type SocketEvent } from '../../shared/model/record'
import { formatAddress } from './addresses'
import { type Entry } from './entries'
import { parsePayload } from './payloads'
import { PACKET_HEAD_BYTES, padded } from './pcapng'
import { peerInComment } from './rawPacket'
import { soundEvent, UNREADABLE } from './soundEvent'

/** The other address of a datagram, from its packet's headers or its comment. @param at the bytes of a piece of the file */
export function peerOf(entry: Entry, at: (from: number, to: number) => Uint8Array): string {
  if (entry.commentBytes > 0) {
    const options = entry.payload + padded(entry.lengthBytes)
    const head = at(options, options + 4)
    const length = Math.min((head[2] ?? 0) | ((head[3] ?? 0) << 8), entry.commentBytes)
    return peerInComment(Buffer.from(at(options + 4, options + 4 + length)).toString())
  }
  const headers = at(entry.block + PACKET_HEAD_BYTES, entry.payload)
  const isIpv6 = (headers[0] ?? 0) >> 4 === 6
  const isOut = entry.direction === 'out'
  const addressAt = isIpv6 ? (isOut ? 24 : 8) : isOut ? 16 : 12
  const host = formatAddress(headers.subarray(addressAt, addressAt + (isIpv6 ? 16 : 4)))
  const portAt = headers.length - 8 + (isOut ? 2 : 0)
  const port = ((headers[portAt] ?? 0) << 8) | (headers[portAt + 1] ?? 0)
  return formatEndpoint({ kind: 'udp', host, port })
}

/** An event out of its JSON. What only a damaged disk, or another program, can have written is told as such: the rest is still worth showing. */
export function eventOf(json: Uint8Array): SocketEvent {
  const found = parsePayload(json)
  return found?.kind === 'event' ? soundEvent(found.event) : UNREADABLE
}
