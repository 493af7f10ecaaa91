import { type Direction } from '../../../shared/model/record'
import { type Side } from '../../../shared/model/state'
import { type Pair } from '../addresses'
import { TCP, TcpHeaders } from '../headers'
import { type PacketWriter } from '../packetWriter'
import { ChecksummedTcp } from './checksums'

/** What one segment carries: as much as a loopback interface does, with its timestamps. Each packet is a legal one, in IPv4 and in IPv6. */
const SEGMENT_BYTES = 65_483
/** So much goes one way before the other says that it has it. */
const ACK_EVERY_BYTES = 512 * 1024

/** A recorded connection as the packets of a clean trace: handshake, segments, acknowledgements, FIN or RST. */
export class TcpStream {
  readonly #writer: PacketWriter
  readonly #interface: number
  readonly #headers: ChecksummedTcp
  readonly #unacknowledged = { in: 0, out: 0 }
  readonly #hasFinished = { in: false, out: false }

  /** @param generation how many connections between these two addresses there were before */
  constructor(writer: PacketWriter, interfaceNumber: number, pair: Pair, generation: number) {
    this.#writer = writer
    this.#interface = interfaceNumber
    this.#headers = new ChecksummedTcp(new TcpHeaders(pair, generation))
  }

  /** @param by who dialled */
  open(by: Side, atNanos: number): void {
    const from = by === 'local' ? 'out' : 'in'
    this.#control(from, atNanos, TCP.syn)
    this.#control(opposite(from), atNanos, TCP.syn | TCP.ack)
    this.#control(from, atNanos, TCP.ack)
  }

  data(direction: Direction, atNanos: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const segment = bytes.subarray(at, at + SEGMENT_BYTES)
      this.#writer.packet(this.#interface, atNanos, direction, this.#headers, segment, null)
    }
    // Each segment acknowledges what came the other way.
    this.#unacknowledged[opposite(direction)] = 0
    this.#unacknowledged[direction] += bytes.length
    if (this.#unacknowledged[direction] >= ACK_EVERY_BYTES) this.#acknowledge(direction, atNanos)
  }

  finish(by: Side, atNanos: number): void {
    const direction = by === 'local' ? 'out' : 'in'
    if (this.#hasFinished[direction]) return
    this.#hasFinished[direction] = true
    this.#control(direction, atNanos, TCP.fin | TCP.ack)
    if (this.#hasFinished[opposite(direction)]) this.#acknowledge(direction, atNanos)
  }

  reset(by: Side, atNanos: number): void {
    this.#control(by === 'local' ? 'out' : 'in', atNanos, TCP.rst | TCP.ack)
  }

  #acknowledge(direction: Direction, atNanos: number): void {
    this.#unacknowledged[direction] = 0
    this.#control(opposite(direction), atNanos, TCP.ack)
  }

  #control(direction: Direction, atNanos: number, flags: number): void {
    this.#writer.control(this.#interface, atNanos, direction, this.#headers, flags)
  }
}

function opposite(direction: Direction): Direction {
  return direction === 'in' ? 'out' : 'in'
}
