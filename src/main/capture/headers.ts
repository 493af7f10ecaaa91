import { type Direction } from '../../shared/model/record'
import { type AddressBytes, type Pair } from './addresses'

/** Writes what comes before a payload in its packet, in place. Works on words of memory, because every byte received passes by here. */
export interface Headers {
  /** Length of what will be written before a payload of this length: a multiple of 4. */
  lengthFor(payloadBytes: number): number
  /** The same for a payload of `MAX_CHUNK_BYTES`: the most that can be needed. */
  readonly roomBytes: number
  /** @param at index of the word at which the headers begin */
  write(words: Uint32Array, at: number, direction: Direction, payloadBytes: number): void
}

export const TCP = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const

const MAX_16 = 65_535
/** A TCP header with the options of a SYN. */
const SYN_BYTES = 28
/** The payload length of an IPv6 packet that needs a Jumbo Payload option (RFC 2675). */
const JUMBO_WORDS = 2

/** The IP header of a pair of addresses, for both directions. */
class IpHeader {
  readonly #isIpv6: boolean
  /** One word or four. No typed arrays here: each costs an allocation outside of V8's heap, dear in Electron, and there are as many as callers. */
  readonly #local: readonly number[]
  readonly #remote: readonly number[]
  readonly #protocol: number
  /** The checksum's sum without the total length; the order of the addresses does not matter to it. */
  readonly #sum: number

  constructor(pair: Pair, protocol: number) {
    this.#isIpv6 = pair.isIpv6
    this.#local = wordsOf(pair.local)
    this.#remote = wordsOf(pair.remote)
    this.#protocol = protocol
    this.#sum = 0x4500 + 0x4000 + (64 << 8) + protocol + sumOf(pair.local) + sumOf(pair.remote)
  }

  get isIpv6(): boolean {
    return this.#isIpv6
  }

  /** @param bytes of the packet after the IP header */
  wordsFor(bytes: number): number {
    if (!this.#isIpv6) return 5
    return bytes > MAX_16 ? 10 + JUMBO_WORDS : 10
  }

  /** Answers the word after the header. */
  write(words: Uint32Array, at: number, direction: Direction, bytes: number): number {
    const source = direction === 'out' ? this.#local : this.#remote
    const target = direction === 'out' ? this.#remote : this.#local
    return this.#isIpv6
      ? this.#writeIpv6(words, at, source, target, bytes)
      : this.#writeIpv4(words, at, source, target, bytes)
  }

  #writeIpv4(
    words: Uint32Array,
    at: number,
    source: readonly number[],
    target: readonly number[],
    bytes: number,
  ): number {
    // Over 65,535 the length is 0, as with segmentation offload: Wireshark then takes the packet's own length.
    const total = 20 + bytes > MAX_16 ? 0 : 20 + bytes
    let sum = this.#sum + total
    sum = (sum & 0xffff) + (sum >>> 16)
    sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff
    words[at] = 0x45 | ((total >>> 8) << 16) | ((total & 255) << 24)
    words[at + 1] = 0x40 << 16 // Don't Fragment (RFC 791)
    words[at + 2] = 64 | (this.#protocol << 8) | ((sum >>> 8) << 16) | ((sum & 255) << 24)
    words[at + 3] = source[0] as number
    words[at + 4] = target[0] as number
    return at + 5
  }

  #writeIpv6(
    words: Uint32Array,
    at: number,
    source: readonly number[],
    target: readonly number[],
    bytes: number,
  ): number {
    const isJumbo = bytes > MAX_16
    const length = isJumbo ? 0 : bytes
    words[at] = 0x60
    words[at + 1] =
      (length >>> 8) | ((length & 255) << 8) | ((isJumbo ? 0 : this.#protocol) << 16) | (64 << 24)
    for (let n = 0; n < 4; n++) {
      words[at + 2 + n] = source[n] as number
      words[at + 6 + n] = target[n] as number
    }
    if (!isJumbo) return at + 10
    words[at + 10] = this.#protocol | (0xc2 << 16) | (4 << 24)
    words[at + 11] = swapped(bytes + 4 * JUMBO_WORDS)
    return at + 10 + JUMBO_WORDS
  }

  /** The pseudo-header's part of a checksum (RFC 8200, 8.1). */
  pseudoSum(bytes: number): number {
    return (
      sumOfWords(this.#local) + sumOfWords(this.#remote) + (bytes >>> 16) + (bytes & 0xffff) + this.#protocol
    )
  }
}

/** A TCP connection's headers, with sequence numbers that add up in both directions. */
export class TcpHeaders implements Headers {
  readonly roomBytes: number
  readonly #ip: IpHeader
  readonly #outPorts: number
  readonly #inPorts: number
  /** Next sequence numbers (RFC 9293), modulo 2^32. */
  #outNext: number
  #inNext: number

  /** @param generation how many connections between these two addresses there were before in this file */
  constructor(pair: Pair, generation: number) {
    this.#ip = new IpHeader(pair, 6)
    this.roomBytes = this.#ip.wordsFor(MAX_16 + 1) * 4 + 20
    this.#outPorts = swapped((pair.localPort << 16) | pair.remotePort)
    this.#inPorts = swapped((pair.remotePort << 16) | pair.localPort)
    this.#outNext = initialSequence(pair.local, pair.localPort, pair.remote, pair.remotePort, generation)
    this.#inNext = initialSequence(pair.remote, pair.remotePort, pair.local, pair.localPort, generation)
  }

  lengthFor(payloadBytes: number): number {
    return this.#ip.wordsFor(20 + payloadBytes) * 4 + 20
  }

  write(words: Uint32Array, at: number, direction: Direction, payloadBytes: number): void {
    this.#write(words, at, direction, TCP.psh | TCP.ack, payloadBytes, 20)
    this.#sent(direction, payloadBytes)
  }

  /** Length of a packet without payload. */
  controlLength(flags: number): number {
    return this.#ip.wordsFor(SYN_BYTES) * 4 + (flags & TCP.syn ? SYN_BYTES : 20)
  }

  writeControl(words: Uint32Array, at: number, direction: Direction, flags: number): void {
    const end = this.#write(words, at, direction, flags, 0, flags & TCP.syn ? SYN_BYTES : 20)
    if (flags & TCP.syn) {
      // MSS 65,495, the loopback's, and a window in units of 2^14 bytes (RFC 7323): the other side is always ready for more.
      words[end] = 2 | (4 << 8) | ((65_495 >>> 8) << 16) | ((65_495 & 255) << 24)
      words[end + 1] = 0x01 | (3 << 8) | (3 << 16) | (14 << 24)
    }
    if (flags & (TCP.syn | TCP.fin)) this.#sent(direction, 1)
  }

  /** So many bytes were sent that are not in the capture: Wireshark shows the hole. */
  skip(direction: Direction, count: number): void {
    this.#sent(direction, count)
  }

  #sent(direction: Direction, count: number): void {
    if (direction === 'out') this.#outNext = (this.#outNext + count) >>> 0
    else this.#inNext = (this.#inNext + count) >>> 0
  }

  #write(
    words: Uint32Array,
    at: number,
    direction: Direction,
    flags: number,
    payloadBytes: number,
    headerBytes: number,
  ): number {
    const isOut = direction === 'out'
    const tcp = this.#ip.write(words, at, direction, headerBytes + payloadBytes)
    words[tcp] = isOut ? this.#outPorts : this.#inPorts
    words[tcp + 1] = swapped(isOut ? this.#outNext : this.#inNext)
    words[tcp + 2] = flags & TCP.ack ? swapped(isOut ? this.#inNext : this.#outNext) : 0
    words[tcp + 3] = ((headerBytes / 4) << 4) | (flags << 8) | (MAX_16 << 16)
    // No checksum while recording, as with checksum offload: it would cost more than all the rest.
    words[tcp + 4] = 0
    return tcp + 5
  }
}

/** The headers of datagrams between two addresses. */
export class UdpHeaders implements Headers {
  readonly roomBytes: number
  readonly #ip: IpHeader
  readonly #outPorts: number
  readonly #inPorts: number

  constructor(pair: Pair) {
    this.#ip = new IpHeader(pair, 17)
    this.roomBytes = this.#ip.wordsFor(MAX_16 + 1) * 4 + 8
    this.#outPorts = swapped((pair.localPort << 16) | pair.remotePort)
    this.#inPorts = swapped((pair.remotePort << 16) | pair.localPort)
  }

  lengthFor(payloadBytes: number): number {
    return this.#ip.wordsFor(8 + payloadBytes) * 4 + 8
  }

  /** The payload lies behind the headers already, padded with zeros: IPv6 allows no datagram without a checksum (RFC 8200, 8.1). */
  write(words: Uint32Array, at: number, direction: Direction, payloadBytes: number): void {
    const length = 8 + payloadBytes
    const udp = this.#ip.write(words, at, direction, length)
    const shown = length > MAX_16 ? 0 : length
    words[udp] = direction === 'out' ? this.#outPorts : this.#inPorts
    words[udp + 1] = (shown >>> 8) | ((shown & 255) << 8)
    if (!this.#ip.isIpv6) return
    let sum = this.#ip.pseudoSum(length)
    const end = udp + 2 + Math.ceil(payloadBytes / 4)
    for (let n = udp; n < end; n++) {
      const word = words[n] as number
      // Halves in the machine's order, swapped below: the sum does not mind (RFC 1071, 2).
      sum += swapped16(word & 0xffff) + swapped16(word >>> 16)
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
    const checksum = ~sum & 0xffff || 0xffff
    words[udp + 1] = (words[udp + 1] as number) | ((checksum >>> 8) << 16) | ((checksum & 255) << 24)
  }
}

/** The IP header that stands before what a raw socket sends and takes without one. A packet's total is at most 65,535 bytes (raw(7)). */
export class RawHeaders implements Headers {
  readonly roomBytes: number
  readonly #ip: IpHeader

  constructor(pair: Pair, protocol: number) {
    this.#ip = new IpHeader(pair, protocol)
    this.roomBytes = this.#ip.wordsFor(0) * 4
  }
  lengthFor(): number {
    return this.roomBytes
  }
  write(words: Uint32Array, at: number, direction: Direction, payloadBytes: number): void {
    this.#ip.write(words, at, direction, payloadBytes)
  }
}

/** For what begins with its headers already. */
export class NoHeaders implements Headers {
  readonly roomBytes = 0
  lengthFor(): number {
    return 0
  }
  write(): void {
    // They are in the payload.
  }
}

/** What stands for headers where there is no packet: Wireshark is told that a Unix socket's payload is plain data, and its direction. */
export class UnixHeaders implements Headers {
  readonly roomBytes = 20
  lengthFor(): number {
    return this.roomBytes
  }
  write(words: Uint32Array, at: number, direction: Direction): void {
    // Tag 12, the dissector's name; tag 35, the direction (sent 0, received 1); tag 0, the end (epan/exported_pdu.h).
    words[at] = (12 << 8) | (4 << 24)
    words[at + 1] = 0x61746164 // "data"
    words[at + 2] = (35 << 8) | (4 << 24)
    words[at + 3] = direction === 'out' ? 0 : 1 << 24
    words[at + 4] = 0
  }
}

/**
 * The same number at both ends of a connection, so that their records agree where one file holds both. Not secret, and not
 * the kernel's own number: that one is not told to us.
 */
function initialSequence(
  from: AddressBytes,
  fromPort: number,
  to: AddressBytes,
  toPort: number,
  generation: number,
): number {
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5
  for (let n = 0; n < from.length; n++) hash = hashed(hash, from[n] ?? 0)
  for (let n = 0; n < to.length; n++) hash = hashed(hash, to[n] ?? 0)
  hash = hashedNumber(hash, fromPort)
  hash = hashedNumber(hash, toPort)
  return hashedNumber(hash, generation) >>> 0
}
function hashed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}
function hashedNumber(hash: number, value: number): number {
  return hashed(hashed(hashed(hash, value & 255), (value >>> 8) & 255), (value >>> 16) & 255)
}

/** Tells a local and a remote address together from all others; the other end's key is another one. */
export function pairKey({ local, localPort, remote, remotePort }: Pair): number {
  const out = initialSequence(local, localPort, remote, remotePort, 0)
  return out * 0x20_0000 + (initialSequence(remote, remotePort, local, localPort, 0) >>> 11)
}

/** From one byte order to the other. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}
function swapped16(half: number): number {
  return ((half & 0xff) << 8) | (half >>> 8)
}
function wordsOf(address: AddressBytes): readonly number[] {
  const words: number[] = []
  for (let n = 0; n < address.length; n += 4) words.push(wordAt(address, n))
  return words
}
function wordAt(address: AddressBytes, n: number): number {
  return (
    (address[n] ?? 0) |
    ((address[n + 1] ?? 0) << 8) |
    ((address[n + 2] ?? 0) << 16) |
    ((address[n + 3] ?? 0) << 24)
  )
}
function sumOf(address: AddressBytes): number {
  let sum = 0
  for (let n = 0; n < address.length; n += 2) sum += ((address[n] ?? 0) << 8) | (address[n + 1] ?? 0)
  return sum
}
function sumOfWords(words: readonly number[]): number {
  let sum = 0
  for (const word of words) sum += swapped16(word & 0xffff) + swapped16(word >>> 16)
  return sum
}
