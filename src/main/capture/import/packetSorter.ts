import { type Recorder } from '../../engine/recorder'
import { Conversations } from './conversations'
import { Fragments } from './fragments'
import { emptyIp, readIp, type IpPacket } from './ip'
import { ipHeaderAt, word, type Skipped } from './linkLayer'
import { type CapturedPacket } from './packetFile'
import { type Tally } from './tally'
import { type Segment } from './tcpConnection'

const PROTOCOL = { tcp: 6, udp: 17 } as const
const UDP_HEADER_BYTES = 8
const TCP_HEADER_BYTES = 20
const FIN = 1
const SYN = 2
const RST = 4
const ACK = 16
const NOTHING = new Uint8Array(0)

/** Opens packets layer by layer, and hands what they carry to its conversation. */
export class PacketSorter {
  readonly #tally: Tally
  readonly #conversations: Conversations
  readonly #fragments = new Fragments()
  readonly #ip: IpPacket = emptyIp()
  readonly #segment: Segment = {
    sequence: 0,
    acknowledgement: 0,
    isSyn: false,
    isAck: false,
    isFin: false,
    isReset: false,
    bytes: NOTHING,
    wireBytes: 0,
  }

  constructor(recorder: Recorder, tally: Tally) {
    this.#tally = tally
    this.#conversations = new Conversations(recorder, tally)
  }

  take(bytes: Buffer, packet: CapturedPacket): void {
    const { linkType, from, to } = packet
    const at = ipHeaderAt(linkType, bytes, from, to)
    if (at === 'unknownLink') this.#tally.skipLink(linkType)
    else if (typeof at === 'string') this.#tally.skip(at)
    else this.#skip(readIp(bytes, at, to, this.#ip) ?? this.#opened(bytes))
  }

  /** The capture is over. */
  end(): void {
    this.#fragments.end()
    this.#tally.skip('fragmentLost', this.#fragments.lost)
    this.#conversations.end()
  }

  #skip(why: Skipped | null): void {
    if (why !== null) this.#tally.skip(why)
  }

  #opened(bytes: Buffer): Skipped | null {
    const ip = this.#ip
    if (ip.protocol !== PROTOCOL.tcp && ip.protocol !== PROTOCOL.udp) return 'notTransport'
    if (ip.fragment === null) return this.#carried(bytes, bytes, ip.from, ip.to, ip.wireBytes)
    if (ip.to - ip.from < ip.wireBytes) return 'cutShort'
    const addresses = bytes.toString('latin1', ip.addressesAt, ip.addressesAt + (ip.isIpv6 ? 32 : 8))
    const whole = this.#fragments.take(`${ip.protocol} ${ip.fragment.id} ${addresses}`, bytes, ip)
    return whole === null ? null : this.#carried(bytes, whole, 0, whole.length, whole.length)
  }

  /** @param bytes the packet with the addresses @param payload what IP carries, in the same memory or put together */
  #carried(
    bytes: Uint8Array,
    payload: Uint8Array,
    from: number,
    to: number,
    wireBytes: number,
  ): Skipped | null {
    return this.#ip.protocol === PROTOCOL.tcp
      ? this.#tcp(bytes, payload, from, to, wireBytes)
      : this.#udp(bytes, payload, from, to, wireBytes)
  }

  #udp(bytes: Uint8Array, payload: Uint8Array, from: number, to: number, wireBytes: number): Skipped | null {
    if (wireBytes < UDP_HEADER_BYTES) return 'badLength'
    if (to - from < UDP_HEADER_BYTES) return 'cutShort'
    // 0 where IP's own length is all there is (RFC 2675, 4).
    const told = word(payload, from + 4) || wireBytes
    if (told < UDP_HEADER_BYTES || told > wireBytes) return 'badLength'
    const end = Math.min(to, from + told)
    if (end < from + told) this.#tally.cutPayloads++
    this.#conversations.datagram(
      { bytes, ip: this.#ip, sourcePort: word(payload, from), destinationPort: word(payload, from + 2) },
      payload.subarray(from + UDP_HEADER_BYTES, end),
    )
    return null
  }

  #tcp(bytes: Uint8Array, payload: Uint8Array, from: number, to: number, wireBytes: number): Skipped | null {
    if (wireBytes < TCP_HEADER_BYTES) return 'badLength'
    if (to - from < TCP_HEADER_BYTES) return 'cutShort'
    const headerBytes = ((payload[from + 12] as number) >>> 4) * 4
    if (headerBytes < TCP_HEADER_BYTES || headerBytes > wireBytes) return 'badLength'
    const flags = payload[from + 13] as number
    const segment = this.#segment
    segment.sequence = word(payload, from + 4) * 0x1_0000 + word(payload, from + 6)
    segment.acknowledgement = word(payload, from + 8) * 0x1_0000 + word(payload, from + 10)
    segment.isSyn = (flags & SYN) !== 0
    segment.isAck = (flags & ACK) !== 0
    segment.isFin = (flags & FIN) !== 0
    segment.isReset = (flags & RST) !== 0
    const dataAt = from + headerBytes
    segment.bytes = dataAt < to ? payload.subarray(dataAt, to) : NOTHING
    segment.wireBytes = wireBytes - headerBytes
    this.#conversations.segment(
      { bytes, ip: this.#ip, sourcePort: word(payload, from), destinationPort: word(payload, from + 2) },
      segment,
    )
    return null
  }
}
