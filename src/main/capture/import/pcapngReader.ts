import { parsePayload } from '../payloads'
import { BLOCK, BYTE_ORDER_MAGIC, ENTERPRISE, OPTION, padded } from '../pcapng'
import { type ByteWindow } from './byteWindow'
import { emptyPacket, MAX_PACKET_BYTES, type PacketReader, type Step } from './packetFile'
import { TimeScale } from './timeScale'

/** Wireshark's limit, too. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
/** A file may name this many interfaces in a section; packets of others are left out. */
const MAX_INTERFACES = 65_536
const SWAPPED_MAGIC = 0x4d3c2b1a
/** Packet Block: the older form of the Enhanced Packet Block, which must not be written any more. */
const OLD_PACKET = 2
const TIME_OFFSET = 14

interface Interface {
  readonly linkType: number
  readonly snapBytes: number
  readonly scale: TimeScale
}

/** Reads pcapng (draft-ietf-opsawg-pcapng): several sections and interfaces, all three kinds of packet blocks, both byte orders. */
export class PcapngReader implements PacketReader {
  readonly format = 'pcapng'
  readonly packet = emptyPacket()
  badPackets = 0
  damage: string | null = null
  /** The first section says that Switchboard has recorded it. */
  isOurs = false
  #isLittleEndian = true
  #sections = 0
  #interfaces: Interface[] = []

  /** Null for what does not begin as pcapng does. */
  static begin(window: ByteWindow): PcapngReader | null {
    if (window.length < 12 || window.view.getUint32(window.from, true) !== BLOCK.section) return null
    const magic = window.view.getUint32(window.from + 8, true)
    return magic === BYTE_ORDER_MAGIC || magic === SWAPPED_MAGIC ? new PcapngReader() : null
  }

  next(window: ByteWindow): Step {
    for (;;) {
      if (this.damage !== null) return 'over'
      if (window.length < 12) return 'more'
      const { view, from } = window
      const type = view.getUint32(from, this.#isLittleEndian)
      if (type === BLOCK.section && !this.#turn(view.getUint32(from + 8, true))) return 'over'
      const length = view.getUint32(from + 4, this.#isLittleEndian)
      if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK_BYTES) {
        this.damage = `a block of ${length} bytes cannot be`
        return 'over'
      }
      if (window.length < length) return 'more'
      if (view.getUint32(from + length - 4, this.#isLittleEndian) !== length) {
        this.damage = 'a block tells two different lengths'
        return 'over'
      }
      window.take(length)
      if (this.#block(window, type, from, from + length)) return 'packet'
    }
  }

  #turn(magic: number): boolean {
    if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_MAGIC) {
      this.damage = 'a section tells no byte order'
      return false
    }
    this.#isLittleEndian = magic === BYTE_ORDER_MAGIC
    return true
  }

  /** @returns whether it is a packet */
  #block(window: ByteWindow, type: number, from: number, to: number): boolean {
    const { view } = window
    switch (type) {
      case BLOCK.section:
        this.#interfaces = []
        if (this.#sections++ === 0) this.#header(window, from, to)
        return false
      case BLOCK.interface:
        if (to - from >= 20 && this.#interfaces.length < MAX_INTERFACES) {
          this.#interfaces.push(this.#interface(window, from, to))
        }
        return false
      case BLOCK.packet:
        return this.#isPacket(
          view,
          from,
          to,
          to - from < 32 ? -1 : view.getUint32(from + 8, this.#isLittleEndian),
        )
      case OLD_PACKET:
        return this.#isPacket(
          view,
          from,
          to,
          to - from < 32 ? -1 : view.getUint16(from + 8, this.#isLittleEndian),
        )
      case BLOCK.simplePacket:
        return this.#isSimplePacket(view, from, to)
      default:
        return false
    }
  }

  #header(window: ByteWindow, from: number, to: number): void {
    this.#eachOption(window, from + 24, to - 4, (code, at, length) => {
      if (code !== OPTION.customText || length < 4) return
      if (window.view.getUint32(at, this.#isLittleEndian) !== ENTERPRISE) return
      const told = parsePayload(window.bytes.subarray(at + 4, at + length))
      if (told?.kind === 'session') this.isOurs = true
    })
  }

  #interface(window: ByteWindow, from: number, to: number): Interface {
    const { view } = window
    let resolution = 6
    let offsetSeconds = 0n
    this.#eachOption(window, from + 16, to - 4, (code, at, length) => {
      if (code === OPTION.resolution && length === 1) resolution = view.getUint8(at)
      if (code === TIME_OFFSET && length === 8) offsetSeconds = view.getBigInt64(at, this.#isLittleEndian)
    })
    return {
      linkType: view.getUint16(from + 8, this.#isLittleEndian),
      snapBytes: view.getUint32(from + 12, this.#isLittleEndian),
      scale: new TimeScale(resolution, offsetSeconds),
    }
  }

  #isPacket(view: DataView, from: number, to: number, interfaceNumber: number): boolean {
    const found = this.#interfaces[interfaceNumber]
    const length = found === undefined ? 0 : view.getUint32(from + 20, this.#isLittleEndian)
    if (found === undefined || length > to - from - 32 || length > MAX_PACKET_BYTES) {
      this.badPackets++
      return false
    }
    const { packet } = this
    const high = view.getUint32(from + 12, this.#isLittleEndian)
    found.scale.read(high, view.getUint32(from + 16, this.#isLittleEndian), packet)
    packet.wireBytes = view.getUint32(from + 24, this.#isLittleEndian)
    this.#stands(found, from + 28, length)
    return true
  }

  /** It tells no time: it has that of the packet before it. */
  #isSimplePacket(view: DataView, from: number, to: number): boolean {
    const found = this.#interfaces[0]
    if (found === undefined || to - from < 16) {
      this.badPackets++
      return false
    }
    const wireBytes = view.getUint32(from + 8, this.#isLittleEndian)
    const snapBytes = found.snapBytes === 0 ? Infinity : found.snapBytes
    const length = Math.min(wireBytes, to - from - 16, snapBytes)
    if (length > MAX_PACKET_BYTES) {
      this.badPackets++
      return false
    }
    this.packet.wireBytes = wireBytes
    this.#stands(found, from + 12, length)
    return true
  }

  #stands({ linkType }: Interface, from: number, length: number): void {
    this.packet.linkType = linkType
    this.packet.from = from
    this.packet.to = from + length
  }

  #eachOption(
    { view }: ByteWindow,
    from: number,
    end: number,
    take: (code: number, at: number, length: number) => void,
  ): void {
    for (let at = from; at + 4 <= end;) {
      const code = view.getUint16(at, this.#isLittleEndian)
      const length = view.getUint16(at + 2, this.#isLittleEndian)
      if (code === OPTION.end || at + 4 + length > end) return
      take(code, at + 4, length)
      at += 4 + padded(length)
    }
  }
}
