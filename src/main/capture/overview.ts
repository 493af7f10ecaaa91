import { FaultError, type Reply } from '../../shared/model/fault'
import { formatEndpoint } from '../../shared/model/endpoint'
import { isRawId } from '../../shared/model/ids'
import { type SocketEvent } from '../../shared/model/record'
import { scanBlocks, type Block, type Scan } from './blockReader'
import { diskFault } from './diskFault'
import { exportedPayloadBytes, ipPayloadBytes } from './packetPayload'
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
import { unpackSamples, type SamplesPayload } from './samples'
import { ipHeaderBytes, isHeaderAdded } from './rawPacket'
import { soundEvent } from './soundEvent'
import { stateAfter } from './stateOfEvents'
import { tooNew } from './versions'
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
  const summary = new Summary(file)
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
  local: string | undefined
  remote: string | undefined
  readonly linkType: number
  /** Nanoseconds that one unit of its time stamps lasts. */
  readonly tickNanos: number
  /** The summary's base in such units, as two words, once it is known: times of packets are reckoned from it, so that a number holds them. */
  base: { readonly high: number; readonly low: number } | null
  /** Nanoseconds after the base. */
  first: number | null
  last: number | null
  inBytes: number
  inChunks: number
  outBytes: number
  outChunks: number
  state: string
  samples: number
  kernel: SamplesPayload | null
}

class Summary {
  readonly #file: string
  #session: SessionPayload | null = null
  readonly #all: Found[] = []
  /** Those of the section that is being read: packets count interfaces from its beginning. */
  #section: Found[] = []
  readonly #byId = new Map<string, Found>()
  /** Nanoseconds since 1970 from which all times are reckoned: the session's beginning, or for a file from elsewhere its first packet. */
  #base: bigint | null = null
  #uncounted = 0
  #withoutDirection = 0
  #orphans = 0

  constructor(file: string) {
    this.#file = file
  }

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
      beganAtUtc: utc((this.#base ?? 0n) + BigInt(Math.round(began))),
      durationNanos: sockets.reduce((most, { lastNanos }) => Math.max(most, lastNanos), 0),
      sockets,
      warnings,
    }
  }

  /** Nanoseconds after the base at which the recording began. */
  #began(): number {
    if (this.#session !== null) return Number(BigInt(this.#session.epochNanos) - (this.#base ?? 0n))
    let began = Infinity
    for (const { first } of this.#all) if (first !== null && first < began) began = first
    return began === Infinity ? 0 : began
  }

  /** The first session that is told is the file's; mergecap may have put several files together. */
  #header(block: Block): void {
    eachOption(block, 24, (code, value) => {
      if (code !== OPTION.customText || value.length < 4 || this.#session !== null) return
      const enterprise = new DataView(value.buffer, value.byteOffset, 4).getUint32(0, block.isLittleEndian)
      const payload = enterprise === ENTERPRISE ? parsePayload(value.subarray(4)) : null
      if (payload?.kind === 'newer') throw tooNew(this.#file, payload)
      if (payload?.kind !== 'session') return
      this.#session = payload
      this.#base ??= BigInt(payload.epochNanos)
    })
  }

  #interface(block: Block): void {
    const { view, from, to, isLittleEndian } = block
    if (to - from < 20) return
    if (this.#all.length >= MAX_SOCKETS) {
      this.#uncounted++
      return
    }
    let name = ''
    let about = ''
    let tickNanos = 1000
    eachOption(block, 16, (code, value) => {
      if (code === OPTION.name) name = textOf(value)
      else if (code === OPTION.description) about = textOf(value)
      else if (code === OPTION.resolution) tickNanos = tickOf(value[0] ?? 6)
    })
    const found: Found = {
      id: name === '' ? `interface ${this.#all.length}` : name,
      about,
      local: undefined,
      remote: undefined,
      linkType: view.getUint16(from + 8, isLittleEndian),
      tickNanos,
      base: null,
      first: null,
      last: null,
      inBytes: 0,
      inChunks: 0,
      outBytes: 0,
      outChunks: 0,
      state: '',
      samples: 0,
      kernel: null,
    }
    this.#all.push(found)
    this.#section.push(found)
    this.#byId.set(found.id, found)
  }

  #packet(block: Block): void {
    const { view, bytes, from, to, isLittleEndian } = block
    const start = from + PACKET_HEAD_BYTES
    if (to - start < 4) return
    const found = this.#section[view.getUint32(from + 8, isLittleEndian)]
    const length = view.getUint32(from + 20, isLittleEndian)
    if (found === undefined || length > to - start - 4) {
      this.#orphans++
      return
    }
    const high = view.getUint32(from + 12, isLittleEndian)
    const low = view.getUint32(from + 16, isLittleEndian)
    const base = (found.base ??= this.#baseFor(found.tickNanos, high, low))
    seenAt(found, ((high - base.high) * 0x1_0000_0000 + (low - base.low)) * found.tickNanos)
    const options = start + length + (-length & 3)
    const direction = directionOf(view, options, to - 4, isLittleEndian)
    if (direction === 0) this.#withoutDirection++
    const carried =
      this.#session === null
        ? length
        : isRawId(found.id)
          ? length - addedBytes(block, start, options)
          : carriedBy(found.linkType, bytes, start, start + length)
    if (carried < 0) return
    if (direction === OUTBOUND) {
      found.outBytes += carried
      found.outChunks++
    } else {
      found.inBytes += carried
      found.inChunks++
    }
  }

  /** The base in an interface's units; the file's first packet, if there is none yet. */
  #baseFor(tickNanos: number, high: number, low: number): { readonly high: number; readonly low: number } {
    const isWhole = Number.isInteger(tickNanos)
    if (this.#base === null) {
      const ticks = (BigInt(high) << 32n) | BigInt(low)
      this.#base = isWhole ? ticks * BigInt(tickNanos) : BigInt(Math.round(Number(ticks) * tickNanos))
      return { high, low }
    }
    const ticks = isWhole
      ? this.#base / BigInt(tickNanos)
      : BigInt(Math.round(Number(this.#base) / tickNanos))
    return { high: Number(ticks >> 32n), low: Number(ticks & 0xffff_ffffn) }
  }

  #simplePacket({ view, from, to, isLittleEndian }: Block): void {
    const found = this.#section[0]
    if (found === undefined || to - from < 16) {
      this.#orphans++
      return
    }
    this.#withoutDirection++
    found.inChunks++
    found.inBytes += Math.min(view.getUint32(from + 8, isLittleEndian), to - from - 16)
  }

  #custom({ view, bytes, from, to, isLittleEndian }: Block): void {
    if (
      to - from < 16 ||
      to - from > MAX_JSON_BYTES ||
      view.getUint32(from + 8, isLittleEndian) !== ENTERPRISE
    )
      return
    const payload = parsePayload(bytes.subarray(from + CUSTOM_HEAD_BYTES, to - 4))
    if (payload?.kind !== 'event' && payload?.kind !== 'samples') return
    const found = this.#byId.get(payload.socket)
    if (found === undefined || this.#session === null) return
    if (payload.kind === 'samples') {
      found.samples += payload.atNanos.length
      // After the end little is told: what was known before stays.
      if (payload.of !== 'afterlife' || found.kernel === null) found.kernel = payload
      return
    }
    seenAt(found, Number(BigInt(this.#session.epochNanos) - (this.#base ?? 0n)) + payload.atNanos)
    const event = soundEvent(payload.event)
    found.state = stateAfter(found.state, event)
    addressed(found, event)
  }
}

function socketOf(found: Found, began: number): SocketOverview {
  const since = (at: number | null) => (at === null ? 0 : Math.max(0, Math.round(at - began)))
  const { id, about, local, remote, inBytes, inChunks, outBytes, outChunks, state } = found
  const firstNanos = since(found.first)
  return {
    id,
    about,
    ...(local !== undefined && { local }),
    ...(remote !== undefined && { remote }),
    firstNanos,
    lastNanos: since(found.last),
    inBytes,
    inChunks,
    outBytes,
    outChunks,
    state,
    ...(found.kernel !== null && { samples: found.samples, kernel: unpackSamples(found.kernel).at(-1) }),
  }
}

function addressed(found: Found, event: SocketEvent): void {
  if (event.what === 'listening' || event.what === 'bound') found.local = formatEndpoint(event.at)
  if (event.what !== 'opened') return
  found.local = formatEndpoint(event.local)
  found.remote = formatEndpoint(event.remote)
}

/** Bytes of a chunk or datagram; -1 for a packet that carries none. */
function carriedBy(linkType: number, bytes: Uint8Array, from: number, to: number): number {
  if (linkType === LINK.raw) return ipPayloadBytes(bytes, from, to)
  return linkType === LINK.exportedPdu ? exportedPayloadBytes(bytes, from, to) : -1
}

/** Of a raw socket's packet: the IP header that was put in front. */
function addedBytes(block: Block, start: number, options: number): number {
  let added = 0
  eachOption(block, options - block.from, (code, value) => {
    if (code === OPTION.comment && isHeaderAdded(textOf(value)))
      added = ipHeaderBytes(block.bytes, start, options)
  })
  return added
}

function seenAt(found: Found, at: number): void {
  if (found.first === null || at < found.first) found.first = at
  if (found.last === null || at > found.last) found.last = at
}

/** epb_flags' direction, from a packet's options; 0 where they tell none. */
function directionOf(view: DataView, from: number, to: number, isLittleEndian: boolean): number {
  for (let at = from; at + 8 <= to;) {
    const code = view.getUint16(at, isLittleEndian)
    if (code === OPTION.end) return 0
    if (code === OPTION.flags) {
      const direction = view.getUint32(at + 4, isLittleEndian) & 3
      return direction === INBOUND || direction === OUTBOUND ? direction : 0
    }
    at += 4 + padded(view.getUint16(at + 2, isLittleEndian))
  }
  return 0
}

/** Calls back for each option of a block; stops where they make no sense any more. @param at where they begin in the block */
function eachOption(block: Block, at: number, take: (code: number, value: Uint8Array) => void): void {
  const { view, bytes, isLittleEndian } = block
  const end = block.to - 4
  for (let from = block.from + at; from + 4 <= end;) {
    const code = view.getUint16(from, isLittleEndian)
    const length = view.getUint16(from + 2, isLittleEndian)
    if (code === OPTION.end || from + 4 + length > end) return
    take(code, bytes.subarray(from + 4, from + 4 + length))
    from += 4 + padded(length)
  }
}

/** if_tsresol: a negative power of 10, or with the highest bit of 2. In nanoseconds. */
function tickOf(resolution: number): number {
  return resolution & 0x80 ? 1e9 / 2 ** (resolution & 0x7f) : 1e9 / 10 ** resolution
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
