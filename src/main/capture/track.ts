import { formatEndpoint, hasPath, type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { type Direction, type SocketEvent } from '../../shared/model/record'
import { type Side } from '../../shared/model/state'
import { type Clock } from '../engine/clock'
import { MAX_CHUNK_BYTES, type Track } from '../engine/recorder'
import { formatAddress, pairOf } from './addresses'
import {
  NoHeaders,
  RawHeaders,
  TCP,
  TcpHeaders,
  UdpHeaders,
  UnixHeaders,
  pairKey,
  type Headers,
} from './headers'
import { HEADER_ADDED } from './rawPacket'
import { type PacketWriter } from './packetWriter'
import { CUSTOM_HEAD_BYTES, PACKET_TAIL_BYTES, padded } from './pcapng'
import { FLAG, MAX_COMMENT_WORDS, packMeta, type Rows } from './rows'
import { type Tape } from './tape'

/** What all tracks of a capture share. */
export interface Recording {
  readonly tape: Tape
  readonly writer: PacketWriter
  readonly clock: Clock
  /** How many tracks there were before with these two addresses, this one local and that one remote. */
  generation(pairKey: number): number
}

const UNKNOWN: Endpoint = { kind: 'tcp', host: '0.0.0.0', port: 0 }

/** The record of one socket end: composes packets and events, and keeps their rows. */
export class CaptureTrack implements Track {
  rows = 0
  readonly #recording: Recording
  readonly #id: SocketId
  readonly #kind: Endpoint['kind']
  readonly #kept: Rows
  #headers: Headers | null
  /** Set for a TCP connection whose handshake is written. */
  #tcp: TcpHeaders | null = null
  #hasSentFin = false
  #hasSeenFin = false
  #lastPeer: PeerHeaders | null = null
  #inDatagrams = 0
  #moment: number | null = null
  #lastNanos = 0

  constructor(recording: Recording, id: SocketId, kind: Endpoint['kind'], kept: Rows) {
    this.#recording = recording
    this.#id = id
    this.#kind = kind
    this.#kept = kept
    this.#headers = kind === 'unix' || kind === 'unixgram' ? new UnixHeaders() : null
  }

  /** The handshake. */
  #connected(local: Endpoint, remote: Endpoint, by: Side, atNanos: number): void {
    if (this.#kind !== 'tcp' || this.#tcp !== null) return
    const pair = pairOf(local, remote)
    const tcp = new TcpHeaders(pair, this.#recording.generation(pairKey(pair)))
    this.#tcp = tcp
    this.#headers = tcp
    const from = by === 'local' ? 'out' : 'in'
    this.#control(tcp, atNanos, from, TCP.syn)
    this.#control(tcp, atNanos, from === 'out' ? 'in' : 'out', TCP.syn | TCP.ack)
    this.#control(tcp, atNanos, from, TCP.ack)
  }

  moment(atNanos: number | null): void {
    this.#moment = atNanos
  }

  /** The time of the next row. Rows of one socket are in the order of their times. */
  #nanos(): number {
    const atNanos = this.#moment ?? this.#recording.clock.nanos()
    this.#lastNanos = Math.max(this.#lastNanos, atNanos)
    return this.#lastNanos
  }

  readSpace(): Uint8Array | null {
    return this.#headers === null ? null : this.#recording.writer.space(this.#headers, MAX_CHUNK_BYTES)
  }

  chunk(direction: Direction, bytes: Uint8Array): void {
    if (bytes.length > MAX_CHUNK_BYTES) {
      for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
        this.chunk(direction, bytes.subarray(at, at + MAX_CHUNK_BYTES))
      }
      return
    }
    // A stream has no empty chunks: reading 0 bytes is its end, and writing 0 bytes is no system call.
    if (bytes.length === 0) return
    if (this.#headers === null) this.#connected(UNKNOWN, UNKNOWN, 'local', this.#recording.clock.nanos())
    const headers = this.#headers
    if (headers === null) return
    this.#data(FLAG.data, direction, headers, bytes, null)
  }

  datagram(
    direction: Direction,
    bytes: Uint8Array,
    local: Endpoint,
    remote: Endpoint,
    hasIpHeader = false,
  ): void {
    let peer = this.#lastPeer
    if (
      peer === null ||
      !isSame(peer.remote, remote) ||
      !isSame(peer.local, local) ||
      peer.hasIpHeader !== hasIpHeader
    ) {
      peer = peerHeaders(local, remote, hasIpHeader)
      this.#lastPeer = peer
    }
    if (direction === 'in') this.#inDatagrams++
    this.#data(FLAG.data | FLAG.datagram, direction, peer.headers, bytes, peer.comment)
  }

  event(event: SocketEvent): void {
    const atNanos = this.#nanos()
    this.#packetsOf(event, atNanos)
    const { tape, writer } = this.#recording
    const length = writer.event(this.#id, atNanos, event)
    this.rows++
    if (length > 0) {
      const block = tape.end - length - CUSTOM_HEAD_BYTES - 4
      this.#kept.append(block, atNanos, packMeta(0, CUSTOM_HEAD_BYTES, length), tape.end)
    }
  }

  dropped(count: number): void {
    const { clock, writer } = this.#recording
    writer.statistics(this.#kept.interfaceNumber, clock.nanos(), this.#inDatagrams, count)
  }

  end(): void {
    this.#kept.end(this.#recording.tape.end)
    this.#lastPeer = null
  }

  #data(
    flags: number,
    direction: Direction,
    headers: Headers,
    bytes: Uint8Array,
    comment: Buffer | null,
  ): void {
    const { tape, writer } = this.#recording
    const atNanos = this.#nanos()
    const kept = this.#kept
    const length = bytes.length
    // First: the writer may move them over themselves.
    if ((flags & FLAG.datagram) === 0) kept.keepEdge(bytes, tape.end)
    const headBytes = writer.packet(kept.interfaceNumber, atNanos, direction, headers, bytes, comment)
    this.rows++
    if (headBytes === 0) return
    const end = tape.end
    let block = end - headBytes - padded(length) - PACKET_TAIL_BYTES
    const allFlags = direction === 'out' ? flags | FLAG.out : flags
    if (comment === null) {
      kept.append(block, atNanos, packMeta(allFlags, headBytes, length), end)
    } else {
      const commentBytes = padded(comment.length)
      block -= 4 + commentBytes
      kept.append(block, atNanos, packMeta(allFlags, headBytes, length, commentBytes / 4), end)
    }
    if (direction === 'in') kept.inBytes += length
    else kept.outBytes += length
  }

  /** The packets by which Wireshark knows of a state change. */
  #packetsOf(event: SocketEvent, atNanos: number): void {
    if (event.what === 'opened') this.#connected(event.local, event.remote, event.by, atNanos)
    const tcp = this.#tcp
    if (tcp === null) return
    if (event.what === 'gap') {
      tcp.skip(event.direction, event.lengthBytes)
    } else if (event.what === 'finished') {
      this.#finish(tcp, atNanos, event.by === 'local' ? 'out' : 'in')
    } else if (event.what === 'closed' && event.how === 'reset') {
      this.#control(tcp, atNanos, event.by === 'local' ? 'out' : 'in', TCP.rst | TCP.ack)
    } else if (event.what === 'closed' && event.how === 'fin') {
      // Both sides have finished; whichever was not told by itself came with the end.
      this.#finish(tcp, atNanos, event.by === 'local' ? 'out' : 'in')
      this.#finish(tcp, atNanos, event.by === 'local' ? 'in' : 'out')
    }
  }

  #finish(tcp: TcpHeaders, atNanos: number, direction: Direction): void {
    if (direction === 'out' ? this.#hasSentFin : this.#hasSeenFin) return
    if (direction === 'out') this.#hasSentFin = true
    else this.#hasSeenFin = true
    this.#control(tcp, atNanos, direction, TCP.fin | TCP.ack)
  }

  #control(tcp: TcpHeaders, atNanos: number, direction: Direction, flags: number): void {
    this.#recording.writer.control(this.#kept.interfaceNumber, atNanos, direction, tcp, flags)
  }
}

/** The headers of the last peer of a datagram socket: most often the next datagram has the same. */
interface PeerHeaders {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly hasIpHeader: boolean
  readonly headers: Headers
  /** The peer in words, where its headers do not tell it as the kernel did: a scope, a mapped address, a Unix path. */
  readonly comment: Buffer | null
}

const commentOf = (text: string) => Buffer.from(text).subarray(0, MAX_COMMENT_WORDS * 4)

function peerHeaders(local: Endpoint, remote: Endpoint, hasIpHeader: boolean): PeerHeaders {
  const told = formatEndpoint(remote)
  const ends = { local, remote, hasIpHeader }
  if (hasPath(remote)) return { ...ends, headers: new UnixHeaders(), comment: commentOf(told) }
  if (remote.kind === 'raw') {
    // It cannot be told from the packet whether its IP header was there or was put in front here.
    return hasIpHeader
      ? { ...ends, headers: new NoHeaders(), comment: commentOf(told) }
      : {
          ...ends,
          headers: new RawHeaders(pairOf(local, remote), remote.protocol),
          comment: commentOf(`${told}${HEADER_ADDED}`),
        }
  }
  const pair = pairOf(local, remote)
  const shown = formatEndpoint({ kind: 'udp', host: formatAddress(pair.remote), port: pair.remotePort })
  return { ...ends, headers: new UdpHeaders(pair), comment: shown === told ? null : commentOf(told) }
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  if (hasPath(one)) return hasPath(other) && one.path === other.path
  if (hasPath(other) || one.host !== other.host) return false
  return one.kind === 'raw' || other.kind === 'raw' || one.port === other.port
}
