import { internetChecksum } from './checksum'
import { type HeaderField, type LayoutName, layouts } from './layouts'

/** One header with the values of its fields, as whole numbers. */
export interface Layer {
  readonly layout: LayoutName
  readonly values: Readonly<Record<string, number>>
}

/** Headers, one inside the other, and what the last one carries. */
export interface Packet {
  readonly layers: readonly Layer[]
  readonly payload: Uint8Array
}

/** The addresses of a pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1), 4 bytes each or 16. Those of an IPv4 header in the packet go before. */
export interface Ends {
  readonly source: Uint8Array
  readonly destination: Uint8Array
}

/** A layer with all fields as they are where nobody says otherwise. */
export function standardLayer(layout: LayoutName): Layer {
  return {
    layout,
    values: Object.fromEntries(layouts[layout].fields.map(({ name, standard = 0 }) => [name, standard])),
  }
}

/** The bytes, exactly as the values say: a checksum that is wrong stays so. Bits beyond a field's width are left out. */
export function encodePacket({ layers, payload }: Packet): Uint8Array {
  const heads = layers.map(({ layout, values }) => {
    const { fields, lengthBytes } = layouts[layout]
    const bytes = new Uint8Array(lengthBytes)
    for (const field of fields) putBits(bytes, field, values[field.name] ?? 0)
    return bytes
  })
  return joined([...heads, payload])
}

/** Reads what `encodePacket` writes, whatever the bytes are; null where they are too few for these headers. */
export function decodePacket(bytes: Uint8Array, names: readonly LayoutName[]): Packet | null {
  let at = 0
  const layers: Layer[] = []
  for (const layout of names) {
    const { fields, lengthBytes } = layouts[layout]
    if (bytes.length < at + lengthBytes) return null
    const head = bytes.subarray(at, at + lengthBytes)
    layers.push({
      layout,
      values: Object.fromEntries(fields.map((field) => [field.name, takeBits(head, field)])),
    })
    at += lengthBytes
  }
  return { layers, payload: bytes.slice(at) }
}

/** Fields that follow from the others: lengths, and the protocol that an IP header names. */
export function computed(packet: Packet, ends: Ends | null): Packet {
  const layers = [...packet.layers]
  let restBytes = packet.payload.length
  // From the inside out: what is around counts what is within, and sums come last.
  for (let n = layers.length - 1; n >= 0; n--) {
    const { layout, values } = layers[n] as Layer
    const { length, lengthBytes } = layouts[layout]
    restBytes += lengthBytes
    const inner = layers[n + 1]
    const protocol = layout === 'ipv4' && inner !== undefined ? layouts[inner.layout].protocol : undefined
    layers[n] = {
      layout,
      values: {
        ...values,
        ...(length === undefined ? {} : { [length]: restBytes }),
        ...(protocol === undefined ? {} : { protocol }),
      },
    }
  }
  const between = endsIn(layers) ?? ends
  for (let n = layers.length - 1; n >= 0; n--) {
    const layer = layers[n] as Layer
    const { checksum } = layouts[layer.layout]
    const sum = sumOf(layers.slice(n), packet.payload, between)
    if (sum !== null) layers[n] = { ...layer, values: { ...layer.values, [checksum.field]: sum } }
  }
  return { layers, payload: packet.payload }
}

/** Whether each layer's checksum is what it should be; null where that cannot be told for want of addresses. */
export function checksumsHold({ layers, payload }: Packet, ends: Ends | null): readonly (boolean | null)[] {
  const between = endsIn(layers) ?? ends
  return layers.map(({ layout, values }, n) => {
    const sum = sumOf(layers.slice(n), payload, between)
    return sum === null ? null : values[layouts[layout].checksum.field] === sum
  })
}

/** The checksum of the first layer, over what its kind of checksum covers. */
function sumOf(layers: readonly Layer[], payload: Uint8Array, ends: Ends | null): number | null {
  const first = layers[0] as Layer
  const { checksum, protocol = 0 } = layouts[first.layout]
  const cleared: Layer = { ...first, values: { ...first.values, [checksum.field]: 0 } }
  const isHeader = checksum.over === 'header'
  const bytes = encodePacket({
    layers: isHeader ? [cleared] : [cleared, ...layers.slice(1)],
    payload: isHeader ? new Uint8Array(0) : payload,
  })
  if (checksum.over !== 'pseudo') return internetChecksum(bytes)
  if (ends === null || ends.source.length !== ends.destination.length) return null
  const sum = internetChecksum(pseudoHeader(ends, protocol, bytes.length), bytes)
  // RFC 768: a sum of 0 is sent as all ones, since 0 says that there is none.
  return first.layout === 'udp' && sum === 0 ? 0xffff : sum
}

function pseudoHeader({ source, destination }: Ends, protocol: number, lengthBytes: number): Uint8Array {
  const tail = new Uint8Array(source.length === 16 ? 8 : 4)
  const view = new DataView(tail.buffer)
  if (source.length === 16) {
    view.setUint32(0, lengthBytes)
    tail[7] = protocol
  } else {
    tail[1] = protocol
    view.setUint16(2, lengthBytes & 0xffff)
  }
  return joined([source, destination, tail])
}

function endsIn(layers: readonly Layer[]): Ends | null {
  const ip = layers.find(({ layout }) => layout === 'ipv4')
  if (ip === undefined) return null
  const bytesOf = (value = 0): Uint8Array =>
    Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
  return { source: bytesOf(ip.values['source']), destination: bytesOf(ip.values['destination']) }
}

function putBits(bytes: Uint8Array, { at, bits }: HeaderField, value: number): void {
  for (let n = 0; n < bits; n++) {
    const bit = Math.floor(value / 2 ** (bits - 1 - n)) % 2
    const place = at + n
    bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (bit << (7 - (place & 7)))
  }
}

function takeBits(bytes: Uint8Array, { at, bits }: HeaderField): number {
  let value = 0
  for (let place = at; place < at + bits; place++)
    value = value * 2 + (((bytes[place >> 3] ?? 0) >> (7 - (place & 7))) & 1)
  return value
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
