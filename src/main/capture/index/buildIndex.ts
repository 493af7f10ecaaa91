import { fault, FaultError } from '../../../shared/model/fault'
import { isRawId, isSocketId, type SocketId } from '../../../shared/model/ids'
import { isMoment } from '../../../shared/model/record'
import { exportedPayloadBytes, ipPayloadBytes, isUdp } from '../packetPayload'
import { type FileWindow } from '../fileWindow'
import { MARK, OTHER, type IndexLog } from '../indexLog'
import { parsePayload } from '../payloads'
import { lastMomentOf, type SamplesPayload } from '../samples'
import { interfaceText } from './blocks'
import {
  BLOCK,
  CUSTOM_HEAD_BYTES,
  ENTERPRISE,
  INBOUND,
  LINK,
  OPTION,
  OUTBOUND,
  PACKET_HEAD_BYTES,
  padded,
} from '../pcapng'
import { ipHeaderBytes, isHeaderAdded } from '../rawPacket'
import { FLAG, MAX_COMMENT_WORDS, packMeta, Rows } from '../rows'

/** Longer blocks are not believed; Wireshark's limit is the same. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
/** Of a packet so much is looked at: the longest headers that are written before a payload, and some. */
const HEAD_BYTES = 256
const MAX_JSON_BYTES = 1024 * 1024
/** Descriptions of interfaces, and a packet's options. */
const MAX_SMALL_BYTES = 64 * 1024

/** One socket of the file, while its rows are counted. */
interface Indexed {
  readonly id: SocketId
  readonly linkType: number
  readonly rows: Rows
  samples: Rows | null
}

/** Makes an index from the capture alone: one pass over its blocks, passing over large payloads unread. */
export class IndexBuilder {
  /** Up to where the file has been understood. */
  at = 0
  rows = 0
  /** Packets and events that could not be given a place: told of interfaces or sockets that are not there, or made no sense. */
  misplaced = 0
  readonly #window: FileWindow
  readonly #index: IndexLog
  readonly #fileBytes: number
  readonly #epochHigh: number
  readonly #epochLow: number
  readonly #interfaces: (Indexed | null)[] = []
  readonly #byId = new Map<string, Indexed>()

  constructor(window: FileWindow, fileBytes: number, epochNanos: bigint, index: IndexLog) {
    this.#window = window
    this.#fileBytes = fileBytes
    this.#index = index
    this.#epochHigh = Number(epochNanos >> 32n)
    this.#epochLow = Number(epochNanos & 0xffff_ffffn)
  }

  /**
   * Goes on until so much time has passed.
   * @returns false once it is through: at the file's end, or where no whole block follows (`at`)
   */
  step(milliseconds: number): boolean {
    const until = performance.now() + milliseconds
    for (let n = 0; n % 512 !== 0 || n === 0 || performance.now() < until; n++) {
      if (!this.#block()) return false
    }
    return true
  }

  /** Descriptions of interfaces, whatever these are. */
  get interfaces(): number {
    return this.#interfaces.length
  }

  /** Hands what is held of each socket to the index. */
  finish(): void {
    for (const { rows, samples } of this.#byId.values()) {
      rows.end(this.at)
      samples?.end(this.at)
    }
  }

  #block(): boolean {
    const at = this.at
    const window = this.#window
    if (at + 12 > this.#fileBytes) return false
    const index = window.show(at, 12)
    if (index < 0) return false
    const { words } = window
    const type = words[index >>> 2] as number
    const length = words[(index >>> 2) + 1] as number
    if (type === 0 || length < 12 || length % 4 !== 0 || length > MAX_BLOCK_BYTES) return false
    const end = at + length
    if (end > this.#fileBytes) return false
    const { misplaced } = this
    if (type === BLOCK.packet) this.#packet(at, length)
    else if (type === BLOCK.custom) this.#custom(at, length)
    else if (type === BLOCK.interface) this.#interface(at, length)
    else if (type === BLOCK.section && at > 0) return false
    const tail = window.show(end - 4, 4)
    if (tail < 0 || words[tail >>> 2] !== length) {
      this.misplaced = misplaced
      return false
    }
    this.at = end
    return true
  }

  #interface(at: number, length: number): void {
    // Packets count interfaces, whatever these are.
    const number = this.#interfaces.push(null) - 1
    if (length < 20 || length > MAX_SMALL_BYTES) return
    const index = this.#window.show(at, length)
    const { bytes, words } = this.#window
    if (words[((index + length) >>> 2) - 1] !== length) return
    const name = interfaceText(bytes.subarray(index, index + length), OPTION.name)
    if (!isSocketId(name) || this.#byId.has(name)) return
    this.#index.appendSocket(number, name, at, at + length)
    const linkType = bytes.readUInt16LE(index + 8)
    const found = { id: name, linkType, rows: new Rows(this.#index, number), samples: null }
    this.#interfaces[number] = found
    this.#byId.set(name, found)
  }

  #packet(at: number, length: number): void {
    const window = this.#window
    const { words, bytes } = window
    const index = window.show(at, Math.min(length, HEAD_BYTES))
    const word = index >>> 2
    const found = this.#interfaces[words[word + 2] as number]
    const captured = words[word + 5] as number
    if (!found || length < PACKET_HEAD_BYTES + 4 || captured > length - PACKET_HEAD_BYTES - 4) {
      this.misplaced++
      return
    }
    const from = index + PACKET_HEAD_BYTES
    const isRaw = found.linkType === LINK.raw
    // Of a raw socket the whole packet, unless its comment says that the header was put in front.
    const isPacket = isRawId(found.id)
    const carried = isPacket
      ? captured
      : isRaw
        ? ipPayloadBytes(bytes, from, from + captured)
        : exportedPayloadBytes(bytes, from, from + captured)
    const headBytes = PACKET_HEAD_BYTES + captured - carried
    // Of a TCP packet without payload the event beside it tells.
    if (carried < 0) return
    if (headBytes > HEAD_BYTES) {
      this.misplaced++
      return
    }
    const isDatagram = isPacket || (isRaw && isUdp(bytes, from))
    const added = isPacket ? ipHeaderBytes(bytes, from, from + captured) : 0
    const atNanos =
      ((words[word + 3] as number) - this.#epochHigh) * 0x1_0000_0000 +
      ((words[word + 4] as number) - this.#epochLow)
    this.#append(found, at, length, padded(captured), atNanos, isDatagram, headBytes, carried, added)
  }

  /** Reads the options, which lie behind the payload. @param mayBeAdded length of an IP header that only the file has, if the comment says so */
  #append(
    found: Indexed,
    at: number,
    length: number,
    packetBytes: number,
    atNanos: number,
    isUdpPacket: boolean,
    headBytes: number,
    carried: number,
    mayBeAdded: number,
  ): void {
    const { words, bytes } = this.#window
    const options = PACKET_HEAD_BYTES + packetBytes
    if (length - options > MAX_SMALL_BYTES || length - options < 4 || !isMoment(atNanos)) {
      this.misplaced++
      return
    }
    const index = this.#window.show(at + options, length - options)
    const end = (index + length - options - 4) >>> 2
    // Of a block that is torn nothing is taken.
    if (words[end] !== length) return
    let direction = 0
    let commentWords = 0
    let added = 0
    for (let word = index >>> 2; word < end;) {
      const head = words[word] as number
      const code = head & 0xffff
      const size = head >>> 16
      if (code === OPTION.end) break
      if (code === OPTION.flags) direction = (words[word + 1] as number) & 3
      else if (code === OPTION.comment) {
        commentWords = Math.min(MAX_COMMENT_WORDS, (size + 3) >>> 2)
        const comment = bytes.toString('latin1', word * 4 + 4, Math.min(word * 4 + 4 + size, end * 4))
        if (mayBeAdded > 0 && isHeaderAdded(comment)) added = mayBeAdded
      }
      word += 1 + ((size + 3) >>> 2)
    }
    if (direction !== INBOUND && direction !== OUTBOUND) {
      this.misplaced++
      return
    }
    // Whoever is named in a comment is the peer of a datagram.
    const flags =
      FLAG.data |
      (direction === OUTBOUND ? FLAG.out : 0) |
      (isUdpPacket || commentWords > 0 ? FLAG.datagram : 0)
    const { rows } = found
    const payloadBytes = carried - added
    rows.append(at, atNanos, packMeta(flags, headBytes + added, payloadBytes, commentWords), at + length)
    if (direction === OUTBOUND) rows.outBytes += payloadBytes
    else rows.inBytes += payloadBytes
    this.rows++
  }

  #custom(at: number, length: number): void {
    if (length > MAX_JSON_BYTES || length < CUSTOM_HEAD_BYTES + 4) return
    const index = this.#window.show(at, length)
    const { bytes, words } = this.#window
    if (words[(index >>> 2) + 2] !== ENTERPRISE || words[((index + length) >>> 2) - 1] !== length) return
    const payload = parsePayload(bytes.subarray(index + CUSTOM_HEAD_BYTES, index + length - 4))
    if (payload === null) return
    if (payload.kind === 'samples') return this.#samples(payload, at, length)
    if (payload.kind !== 'event') {
      const kind = payload.kind === 'arrangement' ? OTHER.arrangement : OTHER.any
      this.#index.appendOther(at, length, kind, at + length)
      return
    }
    const found = this.#byId.get(payload.socket)
    if (found === undefined) {
      this.misplaced++
      return
    }
    const jsonBytes = length - CUSTOM_HEAD_BYTES - 4
    found.rows.append(at, payload.atNanos, packMeta(0, CUSTOM_HEAD_BYTES, jsonBytes), at + length)
    this.rows++
  }

  #samples(payload: SamplesPayload, at: number, length: number): void {
    const found = this.#byId.get(payload.socket)
    if (found === undefined) {
      this.misplaced++
      return
    }
    found.samples ??= new Rows(this.#index, found.rows.interfaceNumber, MARK.samples)
    const meta = packMeta(0, CUSTOM_HEAD_BYTES, length - CUSTOM_HEAD_BYTES - 4)
    found.samples.append(at, lastMomentOf(payload), meta, at + length)
  }
}

/** The most that the builder asks its window for at once. */
export const BUILD_WINDOW_BYTES = MAX_JSON_BYTES

/** For a scan that was asked to end. */
export function cancelled(file: string): FaultError {
  return new FaultError(fault('SB_CANCELLED', 'Reading the recording was cancelled.', { endpoint: file }))
}
