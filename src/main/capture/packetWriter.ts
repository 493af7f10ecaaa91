import { type SocketId } from '../../shared/model/ids'
import { type Direction, type SocketEvent } from '../../shared/model/record'
import {
  BLOCK,
  CUSTOM_HEAD_BYTES,
  ENTERPRISE,
  INBOUND,
  interfaceStatistics,
  OPTION,
  OUTBOUND,
  PACKET_HEAD_BYTES,
  PACKET_TAIL_BYTES,
  padded,
} from './pcapng'
import { writeAscii } from './ascii'
import { eventJson, MAX_WRITTEN_BYTES, writeEventJson } from './eventJson'
import { type Headers, type TcpHeaders } from './headers'
import { MAX_BLOCK_BYTES, type Tape } from './tape'

/** What blocks are composed on. */
export type Paper = Pick<Tape, 'bytes' | 'words' | 'cursor' | 'room' | 'reserve' | 'advance'>
/** Writes TCP packets without payload. */
export type ControlHeaders = Pick<TcpHeaders, 'controlLength' | 'writeControl'>

/** In UTF-8 this fits a block, whatever it consists of. */
const MAX_JSON_CHARACTERS = 80_000

/** Composes blocks on the tape. Answers 0, and writes nothing, once the tape has failed. */
export class PacketWriter {
  readonly #tape: Paper
  // The session's beginning in two words: nanoseconds since 1970 are beyond what a number holds exactly.
  readonly #epochHigh: number
  readonly #epochLow: number

  readonly #epochNanos: bigint

  constructor(tape: Paper, epochNanos: bigint) {
    this.#tape = tape
    this.#epochNanos = epochNanos
    this.#epochHigh = Number(epochNanos >> 32n)
    this.#epochLow = Number(epochNanos & 0xffff_ffffn)
  }

  /** Where a payload read into memory would have to begin. Null while there is no room for one. */
  space(headers: Headers, lengthBytes: number): Uint8Array | null {
    const tape = this.#tape
    if (tape.room < MAX_BLOCK_BYTES) return null
    const at = tape.bytes.byteOffset + tape.cursor + PACKET_HEAD_BYTES + headers.roomBytes
    return new Uint8Array(tape.bytes.buffer, at, lengthBytes)
  }

  /**
   * A packet with a payload. Bytes that lie where `space` said are not moved.
   * @returns bytes from the block's beginning to the payload, or 0
   */
  packet(
    interfaceNumber: number,
    atNanos: number,
    direction: Direction,
    headers: Headers,
    payload: Uint8Array,
    comment: Buffer | null,
  ): number {
    const tape = this.#tape
    const length = payload.length
    const headBytes = PACKET_HEAD_BYTES + headers.lengthFor(length)
    const tailBytes = PACKET_TAIL_BYTES + (comment === null ? 0 : 4 + padded(comment.length))
    const payloadWords = (length + 3) >>> 2
    const total = headBytes + payloadWords * 4 + tailBytes
    if (!tape.reserve(total)) return 0
    const start = tape.cursor
    const at = start + headBytes
    const { bytes, words } = tape
    if (!isAt(payload, bytes, at)) bytes.set(payload, at)
    for (let n = at + length; n < at + payloadWords * 4; n++) bytes[n] = 0
    headers.write(words, (start + PACKET_HEAD_BYTES) >>> 2, direction, length)
    let tail = (at >>> 2) + payloadWords
    if (comment !== null) {
      words[tail] = OPTION.comment | (comment.length << 16)
      words[tail + (padded(comment.length) >>> 2)] = 0
      bytes.set(comment, tail * 4 + 4)
      tail += 1 + (padded(comment.length) >>> 2)
    }
    this.#frame(
      start >>> 2,
      tail,
      interfaceNumber,
      atNanos,
      direction,
      headBytes - PACKET_HEAD_BYTES + length,
      total,
    )
    tape.advance(total)
    return headBytes
  }

  /** A TCP packet without payload. */
  control(
    interfaceNumber: number,
    atNanos: number,
    direction: Direction,
    headers: ControlHeaders,
    flags: number,
  ): void {
    const tape = this.#tape
    const length = headers.controlLength(flags)
    const total = PACKET_HEAD_BYTES + length + PACKET_TAIL_BYTES
    if (!tape.reserve(total)) return
    const word = tape.cursor >>> 2
    headers.writeControl(tape.words, word + (PACKET_HEAD_BYTES >>> 2), direction, flags)
    this.#frame(
      word,
      word + ((PACKET_HEAD_BYTES + length) >>> 2),
      interfaceNumber,
      atNanos,
      direction,
      length,
      total,
    )
    tape.advance(total)
  }

  /** The custom block of an event. @returns length of its JSON in bytes, with its padding, or 0 */
  event(socket: SocketId, atNanos: number, event: SocketEvent): number {
    const tape = this.#tape
    if (!tape.reserve(CUSTOM_HEAD_BYTES + MAX_WRITTEN_BYTES + 8)) return 0
    const at = tape.cursor + CUSTOM_HEAD_BYTES
    const end = writeEventJson(tape.bytes, at, socket, atNanos, event)
    if (end >= 0) return this.#custom(end - at)
    const json = eventJson(socket, atNanos, event)
    return this.#json(
      json.length <= MAX_JSON_CHARACTERS ? json : eventJson(socket, atNanos, shortened(event, json)),
    )
  }

  /** The custom block of something that is no row. @returns length of its JSON with its padding, or 0 */
  other(json: string): number {
    return this.#json(json)
  }

  /** @param json at most MAX_JSON_CHARACTERS */
  #json(json: string): number {
    const tape = this.#tape
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    if (!tape.reserve(CUSTOM_HEAD_BYTES + json.length * 3 + 8)) return 0
    const { bytes } = tape
    const at = tape.cursor + CUSTOM_HEAD_BYTES
    return this.#custom(writeAscii(bytes, at, json) ? json.length : bytes.write(json, at, 'utf8'))
  }

  /** Puts a custom block around JSON that stands where its own belongs, behind the cursor. */
  #custom(written: number): number {
    const tape = this.#tape
    const { bytes, words } = tape
    const at = tape.cursor + CUSTOM_HEAD_BYTES
    const length = padded(written)
    for (let n = at + written; n < at + length; n++) bytes[n] = 0x20
    const total = CUSTOM_HEAD_BYTES + length + 4
    const word = tape.cursor >>> 2
    words[word] = BLOCK.custom
    words[word + 1] = total
    words[word + 2] = ENTERPRISE
    words[word + (total >>> 2) - 1] = total
    tape.advance(total)
    return length
  }

  /** What an interface has received by now, and dropped. */
  statistics(interfaceNumber: number, atNanos: number, received: number, dropped: number): void {
    this.block(interfaceStatistics(interfaceNumber, this.#epochNanos + BigInt(atNanos), received, dropped))
  }

  /** A block that is complete already. */
  block(block: Buffer): void {
    if (!this.#tape.reserve(block.length)) return
    this.#tape.bytes.set(block, this.#tape.cursor)
    this.#tape.advance(block.length)
  }

  #frame(
    word: number,
    tail: number,
    interfaceNumber: number,
    atNanos: number,
    direction: Direction,
    packetBytes: number,
    total: number,
  ): void {
    const { words } = this.#tape
    const high = Math.floor(atNanos / 0x1_0000_0000)
    const low = this.#epochLow + (atNanos - high * 0x1_0000_0000)
    const carry = low >= 0x1_0000_0000 ? 1 : 0
    words[word] = BLOCK.packet
    words[word + 1] = total
    words[word + 2] = interfaceNumber
    words[word + 3] = this.#epochHigh + high + carry
    words[word + 4] = low // modulo 2^32, as typed arrays store it
    words[word + 5] = packetBytes
    words[word + 6] = packetBytes
    words[tail] = OPTION.flags | (4 << 16)
    words[tail + 1] = direction === 'in' ? INBOUND : OUTBOUND
    words[tail + 2] = OPTION.end
    words[tail + 3] = total
  }
}

/** Asks for the buffer last: that of a small array is only made when somebody asks. */
function isAt(payload: Uint8Array, memory: Buffer, at: number): boolean {
  return payload.byteOffset === memory.byteOffset + at && payload.buffer === memory.buffer
}

/** Only a defect, or a note of that length, makes an event that does not fit a block. */
function shortened(event: SocketEvent, json: string): SocketEvent {
  return {
    what: 'noted',
    text: `${event.what}, too long to keep (${json.length} characters): ${json.slice(0, 1000)}`,
  }
}
