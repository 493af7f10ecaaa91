import { type ByteWindow } from './byteWindow'
import { emptyPacket, MAX_PACKET_BYTES, type PacketReader, type Step } from './packetFile'

const HEADER_BYTES = 24

interface Form {
  readonly isLittleEndian: boolean
  readonly nanosAUnit: 1 | 1000
  readonly headBytes: number
}

/** By the first four bytes read as little endian (draft-ietf-opsawg-pcap); the last two are those of Kuznetzov's patch, whose packet headers are longer. */
const FORMS: ReadonlyMap<number, Form> = new Map([
  [0xa1b2c3d4, { isLittleEndian: true, nanosAUnit: 1000, headBytes: 16 }],
  [0xd4c3b2a1, { isLittleEndian: false, nanosAUnit: 1000, headBytes: 16 }],
  [0xa1b23c4d, { isLittleEndian: true, nanosAUnit: 1, headBytes: 16 }],
  [0x4d3cb2a1, { isLittleEndian: false, nanosAUnit: 1, headBytes: 16 }],
  [0xa1b2cd34, { isLittleEndian: true, nanosAUnit: 1000, headBytes: 24 }],
  [0x34cdb2a1, { isLittleEndian: false, nanosAUnit: 1000, headBytes: 24 }],
])

/** Reads pcap in both byte orders, in micro- or nanoseconds. */
export class PcapReader implements PacketReader {
  readonly format = 'pcap'
  readonly packet = emptyPacket()
  readonly badPackets = 0
  damage: string | null = null
  readonly #form: Form

  private constructor(form: Form, linkType: number) {
    this.#form = form
    this.packet.linkType = linkType
  }

  /** Null for what does not begin as pcap does. Takes the file's header. */
  static begin(window: ByteWindow): PcapReader | null {
    if (window.length < HEADER_BYTES) return null
    const form = FORMS.get(window.view.getUint32(window.from, true))
    if (form === undefined) return null
    // The upper half tells how long the frame check sequences are.
    const linkType = window.view.getUint32(window.from + 20, form.isLittleEndian) & 0xffff
    window.take(HEADER_BYTES)
    return new PcapReader(form, linkType)
  }

  next(window: ByteWindow): Step {
    if (this.damage !== null) return 'over'
    const { isLittleEndian, nanosAUnit, headBytes } = this.#form
    if (window.length < headBytes) return 'more'
    const { view, from } = window
    const length = view.getUint32(from + 8, isLittleEndian)
    if (length > MAX_PACKET_BYTES) {
      this.damage = `a packet of ${length} bytes cannot be`
      return 'over'
    }
    if (window.length < headBytes + length) return 'more'
    const { packet } = this
    packet.seconds = view.getUint32(from, isLittleEndian)
    packet.nanos = view.getUint32(from + 4, isLittleEndian) * nanosAUnit
    packet.wireBytes = view.getUint32(from + 12, isLittleEndian)
    packet.from = from + headBytes
    packet.to = packet.from + length
    window.take(headBytes + length)
    return 'packet'
  }
}
