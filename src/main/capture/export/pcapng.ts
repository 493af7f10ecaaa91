import os from 'node:os'
import { isRawId, type SocketId } from '../../../shared/model/ids'
import { type Direction } from '../../../shared/model/record'
import { pairOf, type Pair } from '../addresses'
import { type Headers, pairKey, UdpHeaders, UnixHeaders } from '../headers'
import { PacketWriter } from '../packetWriter'
import { interfaceDescription, LINK, sectionHeader } from '../pcapng'
import { HEADER_ADDED } from '../rawPacket'
import { type Opening } from './bothEnds'
import { Checksummed } from './checksums'
import { type Encoder, type ExportHead } from './formats'
import { type ExportedData, type ExportedEvent, type ExportedRow } from './exportedRows'
import { BlockPaper } from './paper'
import { TcpStream } from './tcpStream'

const PAPER_BYTES = 1024 * 1024
/** The most that one row makes: its segments, and an interface and a handshake before them. */
const ROW_BYTES = 320 * 1024

/**
 * A trace for Wireshark and whatever reads pcapng: legal packets with their checksums, sequence numbers that add up, no blocks of ours.
 * An interface for each socket; what goes over a Unix socket is plain data in Wireshark's exported form.
 */
export class PcapngEncoder implements Encoder {
  readonly #head: ExportHead
  readonly #openings: ReadonlyMap<SocketId, Opening>
  readonly #paper = new BlockPaper(PAPER_BYTES)
  readonly #writer: PacketWriter
  readonly #about: ReadonlyMap<SocketId, string>
  readonly #interfaces = new Map<SocketId, number>()
  readonly #streams = new Map<SocketId, TcpStream>()
  readonly #generations = new Map<number, number>()

  constructor(head: ExportHead, openings: ReadonlyMap<SocketId, Opening>) {
    this.#head = head
    this.#openings = openings
    this.#about = new Map(head.sockets.map(({ id, about }) => [id, about]))
    this.#writer = new PacketWriter(this.#paper, head.epochNanos)
  }

  head(): Uint8Array {
    const { application } = this.#head
    this.#writer.block(sectionHeader(application, `${os.type()} ${os.release()}`, null))
    return this.#paper.take()
  }

  *rows(rows: readonly ExportedRow[]): Iterable<Uint8Array> {
    for (const row of rows) {
      if (this.#paper.room < ROW_BYTES) yield this.#paper.take()
      if (row.kind === 'event') this.#event(row)
      else this.#data(row)
    }
    yield this.#paper.take()
  }

  tail(): string {
    return ''
  }

  #data(row: ExportedData): void {
    const { id, atNanos, direction, bytes, headers, isDatagram, peer } = row
    if (isRawId(id)) {
      // As it was recorded: with the header that is its own, or that was put in front.
      const told = Buffer.from(`${peer ?? ''}${headers.length > 0 ? HEADER_ADDED : ''}`)
      this.#writer.packet(
        this.#interfaceOf(id, LINK.raw),
        atNanos,
        direction,
        new RecordedHeaders(headers),
        bytes,
        told,
      )
      return
    }
    const pair = pairIn(headers, direction, isDatagram ? UDP_BYTES : TCP_BYTES)
    if (pair !== null && !isDatagram) {
      this.#streamOf(id, atNanos, pair).data(direction, atNanos, bytes)
      return
    }
    const link = pair === null ? LINK.exportedPdu : LINK.raw
    const wrapped = pair === null ? new UnixHeaders() : new Checksummed(new UdpHeaders(pair))
    const comment = pair === null && peer !== null ? Buffer.from(peer) : null
    this.#writer.packet(this.#interfaceOf(id, link), atNanos, direction, wrapped, bytes, comment)
  }

  #event({ id, atNanos, event }: ExportedEvent): void {
    const opening = this.#openings.get(id)
    if (opening === undefined || opening.local.kind === 'unix') return
    if (event.what !== 'opened' && event.what !== 'finished' && event.what !== 'closed') return
    const stream = this.#streamOf(id, atNanos, pairOf(opening.local, opening.remote))
    if (event.what === 'finished') stream.finish(event.by, atNanos)
    if (event.what !== 'closed') return
    if (event.how === 'reset') stream.reset(event.by, atNanos)
    if (event.how !== 'fin') return
    // Both sides have finished; whichever was not told by itself came with the end.
    stream.finish(event.by, atNanos)
    stream.finish(event.by === 'local' ? 'remote' : 'local', atNanos)
  }

  /** Begins with the handshake, wherever in a connection's record the export begins. */
  #streamOf(id: SocketId, atNanos: number, recorded: Pair): TcpStream {
    const known = this.#streams.get(id)
    if (known !== undefined) return known
    const opening = this.#openings.get(id)
    const pair = opening === undefined ? recorded : pairOf(opening.local, opening.remote)
    const stream = new TcpStream(this.#writer, this.#interfaceOf(id, LINK.raw), pair, this.#generation(pair))
    this.#streams.set(id, stream)
    stream.open(opening?.by ?? 'local', Math.min(opening?.atNanos ?? atNanos, atNanos))
    return stream
  }

  #interfaceOf(id: SocketId, link: number): number {
    const known = this.#interfaces.get(id)
    if (known !== undefined) return known
    const number = this.#interfaces.size
    this.#interfaces.set(id, number)
    this.#writer.block(interfaceDescription(link, id, this.#about.get(id) ?? ''))
    return number
  }

  /** How many connections there were before between the same two, whichever end of them is told here. */
  #generation(pair: Pair): number {
    const { local, localPort, remote, remotePort } = pair
    const other = { ...pair, local: remote, localPort: remotePort, remote: local, remotePort: localPort }
    const key = Math.min(pairKey(pair), pairKey(other))
    const count = this.#generations.get(key) ?? 0
    this.#generations.set(key, count + 1)
    return count
  }
}

/** Headers that are there already, a multiple of 4 bytes. */
class RecordedHeaders implements Headers {
  readonly roomBytes: number
  readonly #headers: Uint8Array

  constructor(headers: Uint8Array) {
    this.#headers = headers
    this.roomBytes = headers.length
  }
  lengthFor(): number {
    return this.roomBytes
  }
  write(words: Uint32Array, at: number): void {
    new Uint8Array(words.buffer, words.byteOffset + at * 4, this.roomBytes).set(this.#headers)
  }
}

const TCP_BYTES = 20
const UDP_BYTES = 8

/** The addresses in recorded headers; null where they are none of IP. @param transportBytes of the last header */
function pairIn(headers: Uint8Array, direction: Direction, transportBytes: number): Pair | null {
  const version = (headers[0] ?? 0) >> 4
  if (version !== 4 && version !== 6) return null
  const isIpv6 = version === 6
  const [at, length] = isIpv6 ? [8, 16] : [12, 4]
  // Copies: the headers lie in memory that is used again.
  const source = headers.slice(at, at + length)
  const target = headers.slice(at + length, at + 2 * length)
  const ports = headers.length - transportBytes
  const sourcePort = ((headers[ports] ?? 0) << 8) | (headers[ports + 1] ?? 0)
  const targetPort = ((headers[ports + 2] ?? 0) << 8) | (headers[ports + 3] ?? 0)
  return direction === 'out'
    ? { isIpv6, local: source, remote: target, localPort: sourcePort, remotePort: targetPort }
    : { isIpv6, local: target, remote: source, localPort: targetPort, remotePort: sourcePort }
}
