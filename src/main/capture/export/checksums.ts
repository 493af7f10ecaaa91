import { type Direction } from '../../../shared/model/record'
import { type Headers, type TcpHeaders } from '../headers'

/** Headers whose checksum is right, as they are on a wire: those of a recording are not, because it would cost too much there. */
export class Checksummed implements Headers {
  readonly #headers: Headers
  constructor(headers: Headers) {
    this.#headers = headers
  }
  get roomBytes(): number {
    return this.#headers.roomBytes
  }
  lengthFor(payloadBytes: number): number {
    return this.#headers.lengthFor(payloadBytes)
  }
  /** The payload lies behind the headers already, padded with zeros. */
  write(words: Uint32Array, at: number, direction: Direction, payloadBytes: number): void {
    this.#headers.write(words, at, direction, payloadBytes)
    fillChecksum(words, at, this.lengthFor(payloadBytes) + payloadBytes)
  }
}

/** The same for TCP, with its packets that carry nothing. */
export class ChecksummedTcp extends Checksummed {
  readonly #tcp: TcpHeaders
  constructor(tcp: TcpHeaders) {
    super(tcp)
    this.#tcp = tcp
  }
  controlLength(flags: number): number {
    return this.#tcp.controlLength(flags)
  }
  writeControl(words: Uint32Array, at: number, direction: Direction, flags: number): void {
    this.#tcp.writeControl(words, at, direction, flags)
    fillChecksum(words, at, this.controlLength(flags))
  }
}

const TCP = 6
/** Word of the transport header that holds the checksum, and in which of its halves. */
const FIELD = { tcp: { word: 4, shift: 0 }, udp: { word: 1, shift: 16 } } as const

/**
 * Puts the checksum into the TCP or UDP header of an IP packet (RFC 9293, 3.1; RFC 768; RFC 8200, 8.1). Halves are summed in the machine's
 * order: the sum comes out in that order too (RFC 1071, 2).
 * @param at index of the packet's first word; zeros follow the packet up to a whole word
 */
function fillChecksum(words: Uint32Array, at: number, packetBytes: number): void {
  const isIpv6 = ((words[at] as number) & 0xf0) === 0x60
  const ipWords = isIpv6 ? 10 : 5
  const protocol = isIpv6
    ? ((words[at + 1] as number) >>> 16) & 0xff
    : ((words[at + 2] as number) >>> 8) & 0xff
  const begin = at + ipWords
  const length = packetBytes - ipWords * 4
  const field = protocol === TCP ? FIELD.tcp : FIELD.udp
  const place = begin + field.word
  words[place] = (words[place] as number) & ~(0xffff << field.shift)
  let sum = swapped16(protocol) + swapped16(length)
  for (let n = at + (isIpv6 ? 2 : 3), end = begin + Math.ceil(length / 4); n < end; n++) {
    const word = words[n] as number
    sum += (word & 0xffff) + (word >>> 16)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
  const checksum = ~sum & 0xffff
  // In UDP 0 says that there is none.
  words[place] = words[place] | ((checksum === 0 && protocol !== TCP ? 0xffff : checksum) << field.shift)
}

function swapped16(half: number): number {
  return ((half & 0xff) << 8) | (half >>> 8)
}
