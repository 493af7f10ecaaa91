import { FaultError, type Reply } from '../../shared/model/fault'
import { scanBlocks, type Block, type Scan } from './blockReader'
import { diskFault } from './diskFault'
import { exportedPayload, ipPayload } from './packetPayload'
import { parsePayload, type SessionPayload } from './payloads'
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
} from './pcapng'
import { stateAfter } from './stateOfEvents'
import { type CaptureOverview, type SocketOverview } from './types'

/** More are counted in a warning only: a file cannot make this program run out of memory. */
const MAX_SOCKETS = 1_000_000
const MAX_NAME_CHARACTERS = 1000
const MAX_JSON_BYTES = 1024 * 1024

/**
 * Reads a capture file once, from its beginning, without its index: what it holds of each socket, and how far it is whole.
 * Any pcapng file does; one from elsewhere is told by its interfaces and packets. The fault tells why a file cannot be read.
 */
export async function overview(file: string): Promise<Reply<CaptureOverview>> {
  const summary = new Summary()
  try {
    const scan = await scanBlocks(file, (block) => summary.take(block))
    return { ok: true, value: summary.result(file, scan) }
  } catch (error) {
    if (error instanceof FaultError) return { ok: false, fault: error.fault }
    return { ok: false, fault: diskFault(error, 'open', file, 'The capture cannot be read') }
  }
}

/** One interface of the file, or of one section of it. */
interface Found {
  id: string
  about: string
  readonly linkType: number
  /** Nanoseconds that one unit of its time stamps lasts. */
  readonly tickNanos: number
  /** Wall-clock nanoseconds since 1970, rounded to what a number holds. */
  firstAt: bigint | null
  lastAt: bigint | null
  inBytes: number
  inChunks: number
  outBytes: number
  outChunks: number
  state: string
}

class Summary {
  #session: SessionPayload | null = null
  readonly #all: Found[] = []
  /** Those of the section that is being read: packets count interfaces from its beginning. */
  #section: Found[] = []
  readonly #byId = new Map<string, Found>()
  #uncounted = 0
  #withoutDirection = 0
  #orphans = 0

  take(block: Block): void {
    switch (block.type) {
      case BLOCK.section:
        this.#section = []
        this.#header(block)
        break
      case BLOCK.interface:
        this.#interface(block)
        break
      case BLOCK.packet:
        this.#packet(block)
        break
      case BLOCK.simplePacket:
        this.#simplePacket(block)
        break
      case BLOCK.custom:
        this.#custom(block)
        break
    }
  }

  result(file: string, { fileBytes, goodBytes, stop }: Scan): CaptureOverview {
    const began = this.#began()
    const sockets = this.#all.map((each) => socketOf(each, began))
    const warnings: string[] = []
    if (stop === 'damaged') {
      warnings.push(
        `The file is damaged at byte ${goodBytes}: the ${fileBytes - goodBytes} bytes from there on are left out.`,
      )
    }
    if (stop === 'zeros') {
      warnings.push(
        `The file ends in ${fileBytes - goodBytes} zeros: it was being written, or the recording was cut off.`,
      )
    }
    if (this.#session === null) {
      warnings.push(
        'Switchboard has not written this file: it is told by its interfaces, with bytes and packets as they were on the wire.',
      )
    }
    if (this.#withoutDirection > 0) {
      warnings.push(`${this.#withoutDirection} packets tell no direction and are counted as incoming.`)
    }
    if (this.#orphans > 0) warnings.push(`${this.#orphans} packets name an interface that is not there.`)
    if (this.#uncounted > 0) warnings.push(`${this.#uncounted} further interfaces are left out.`)
    return {
      file,
      fileBytes,
      goodBytes,
      tornBytes: fileBytes - goodBytes,
      beganAtUtc: utc(began),
      durationNanos: sockets.reduce((most, { lastNanos }) => Math.max(most, lastNanos), 0),
      sockets,
      warnings,
    }
  }

  #began(): bigint {
    if (this.#session !== null) return BigInt(this.#session.epochNanos)
    let first: bigint | null = null
    for (const { firstAt } of this.#all)
      if (firstAt !== null && (first === null || firstAt < first)) first = firstAt
    return first ?? 0n
  }

  /** The first session that is told is the file's; mergecap may have put several files together. */
  #header({ view, bytes, isLittleEndian }: Block): void {
    if (bytes.length < 28) return
    eachOption(view, bytes, 24, isLittleEndian, (code, value) => {
      if (code !== OPTION.customText || value.length < 4 || this.#session !== null) return
      const enterprise = new DataView(value.buffer, value.byteOffset, 4).getUint32(0, isLittleEndian)
      const payload = enterprise === ENTERPRISE ? parsePayload(value.subarray(4)) : null
      if (payload?.kind === 'session') this.#session = payload
    })
  }

  #interface({ view, bytes, isLittleEndian }: Block): void {
    if (bytes.length < 20) return
    if (this.#all.length >= MAX_SOCKETS) {
      this.#uncounted++
      return
    }
    let name = ''
    let about = ''
    let tickNanos = 1000
    eachOption(view, bytes, 16, isLittleEndian, (code, value) => {
      if (code === OPTION.name) name = textOf(value)
      else if (code === OPTION.description) about = textOf(value)
      else if (code === OPTION.resolution) tickNanos = tickOf(value[0] ?? 6)
    })
    const found: Found = {
      id: name === '' ? `interface ${this.#all.length}` : name,
      about,
      linkType: view.getUint16(8, isLittleEndian),
      tickNanos,
      firstAt: null,
      lastAt: null,
      inBytes: 0,
      inChunks: 0,
      outBytes: 0,
      outChunks: 0,
      state: '',
    }
    this.#all.push(found)
    this.#section.push(found)
    this.#byId.set(found.id, found)
  }

  #packet({ view, bytes, isLittleEndian }: Block): void {
    if (bytes.length < PACKET_HEAD_BYTES + 4) return
    const found = this.#section[view.getUint32(8, isLittleEndian)]
    const length = view.getUint32(20, isLittleEndian)
    if (found === undefined || length > bytes.length - PACKET_HEAD_BYTES - 4) {
      this.#orphans++
      return
    }
    const high = view.getUint32(12, isLittleEndian)
    const low = view.getUint32(16, isLittleEndian)
    seenAt(found, ticksToNanos(high, low, found.tickNanos))
    let direction = 0
    eachOption(view, bytes, PACKET_HEAD_BYTES + padded(length), isLittleEndian, (code, value) => {
      if (code === OPTION.flags) direction = (value[isLittleEndian ? 0 : 3] ?? 0) & 3
    })
    if (direction !== INBOUND && direction !== OUTBOUND) this.#withoutDirection++
    const packet = bytes.subarray(PACKET_HEAD_BYTES, PACKET_HEAD_BYTES + length)
    const carried = this.#session === null ? length : carriedBy(found.linkType, packet)
    if (carried === null) return
    if (direction === OUTBOUND) {
      found.outBytes += carried
      found.outChunks++
    } else {
      found.inBytes += carried
      found.inChunks++
    }
  }

  #simplePacket({ view, bytes, isLittleEndian }: Block): void {
    const found = this.#section[0]
    if (found === undefined || bytes.length < 16) {
      this.#orphans++
      return
    }
    this.#withoutDirection++
    found.inChunks++
    found.inBytes += Math.min(view.getUint32(8, isLittleEndian), bytes.length - 16)
  }

  #custom({ view, bytes, isLittleEndian }: Block): void {
    if (
      bytes.length < 16 ||
      bytes.length > MAX_JSON_BYTES ||
      view.getUint32(8, isLittleEndian) !== ENTERPRISE
    )
      return
    const payload = parsePayload(bytes.subarray(CUSTOM_HEAD_BYTES, bytes.length - 4))
    if (payload?.kind !== 'event') return
    const found = this.#byId.get(payload.socket)
    if (found === undefined || this.#session === null) return
    seenAt(found, BigInt(this.#session.epochNanos) + BigInt(payload.atNanos))
    found.state = stateAfter(found.state, payload.event)
  }
}

function socketOf(found: Found, began: bigint): SocketOverview {
  const since = (at: bigint | null) => (at === null ? 0 : Math.max(0, Number(at - began)))
  const { id, about, inBytes, inChunks, outBytes, outChunks, state } = found
  const firstNanos = since(found.firstAt)
  return {
    id,
    about,
    firstNanos,
    lastNanos: since(found.lastAt),
    inBytes,
    inChunks,
    outBytes,
    outChunks,
    state,
  }
}

/** Bytes of a chunk or datagram; null for a packet that only tells a state change. */
function carriedBy(linkType: number, packet: Uint8Array): number | null {
  const payload =
    linkType === LINK.raw ? ipPayload(packet) : linkType === LINK.exportedPdu ? exportedPayload(packet) : null
  if (payload === null || (payload.protocol === 'tcp' && payload.lengthBytes === 0)) return null
  return payload.lengthBytes
}

function seenAt(found: Found, at: bigint): void {
  if (found.firstAt === null || at < found.firstAt) found.firstAt = at
  if (found.lastAt === null || at > found.lastAt) found.lastAt = at
}

/** Calls back for each option from a place in the block on; stops where they make no sense any more. */
function eachOption(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  isLittleEndian: boolean,
  take: (code: number, value: Uint8Array) => void,
): void {
  let at = from
  const end = bytes.length - 4
  while (at + 4 <= end) {
    const code = view.getUint16(at, isLittleEndian)
    const length = view.getUint16(at + 2, isLittleEndian)
    if (code === OPTION.end || at + 4 + length > end) return
    take(code, bytes.subarray(at + 4, at + 4 + length))
    at += 4 + padded(length)
  }
}

/** if_tsresol: a negative power of 10, or with the highest bit of 2. In nanoseconds. */
function tickOf(resolution: number): number {
  return resolution & 0x80 ? 1e9 / 2 ** (resolution & 0x7f) : 1e9 / 10 ** resolution
}

function ticksToNanos(high: number, low: number, tickNanos: number): bigint {
  const ticks = (BigInt(high) << 32n) | BigInt(low)
  if (Number.isInteger(tickNanos)) return ticks * BigInt(tickNanos)
  const nanos = Number(ticks) * tickNanos
  return Number.isFinite(nanos) ? BigInt(Math.round(nanos)) : 0n
}

function textOf(value: Uint8Array): string {
  return new TextDecoder().decode(value.subarray(0, MAX_NAME_CHARACTERS))
}

/** ISO 8601, to the nanosecond. */
function utc(nanos: bigint): string {
  const date = new Date(Number(nanos / 1_000_000n))
  if (Number.isNaN(date.getTime())) return 'unknown'
  const below = String(nanos % 1_000_000_000n).padStart(9, '0')
  return date.toISOString().replace(/\.\d{3}Z$/, `.${below}Z`)
}
