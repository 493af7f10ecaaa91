import { readCbor } from './cbor'
import { readDns } from './dns'
import type { DecodeContext, Decoded } from './field'
import { readHttp } from './http'
import { readJson } from './json'
import { readMessagePack } from './messagepack'
import { readModbus } from './modbus'
import { readMqtt } from './mqtt'
import { looksLikeProtobuf, readProtobuf } from './protobuf'
import { decodeWith, type DecodingState, type Scribe } from './scribe'
import { readTextLine } from './text'
import { readTls } from './tls'

interface Decoder {
  readonly label: string
  readonly read: (scribe: Scribe, state: DecodingState, context: DecodeContext) => void
}

/** Every decoder by its name, in the order in which they are offered. */
export const decoders = {
  text: { label: 'Text', read: readTextLine },
  json: { label: 'JSON', read: readJson },
  http: { label: 'HTTP/1', read: readHttp },
  dns: { label: 'DNS', read: (s, _state, { transport }) => readDns(s, transport === 'stream') },
  mqtt: { label: 'MQTT', read: readMqtt },
  modbus: { label: 'Modbus/TCP', read: readModbus },
  tls: { label: 'TLS', read: readTls },
  messagepack: { label: 'MessagePack', read: readMessagePack },
  cbor: { label: 'CBOR', read: readCbor },
  protobuf: { label: 'Protobuf', read: readProtobuf },
} as const satisfies Readonly<Record<string, Decoder>>

export type DecoderName = keyof typeof decoders

/** Reads bytes as a protocol's messages. Never throws, whatever the bytes; takes time bounded by `MAX_INPUT_BYTES` and `MAX_FIELDS`. */
export function decode(name: DecoderName, bytes: Uint8Array, context: DecodeContext = {}): Decoded {
  return decodeWith(bytes, (scribe, state) => decoders[name].read(scribe, state, context))
}

const PORTS: Readonly<Record<number, DecoderName>> = {
  53: 'dns',
  80: 'http',
  443: 'tls',
  502: 'modbus',
  853: 'tls',
  1883: 'mqtt',
  5353: 'dns',
  5355: 'dns',
  5683: 'cbor',
  8000: 'http',
  8080: 'http',
  8443: 'tls',
  8883: 'tls',
}
const GUESS_BYTES = 4096
const HTTP_START = /^(?:HTTP\/1\.[01] \d{3}|[A-Z]{3,10} \S{1,1000} HTTP\/1\.[01]\r?\n)/

/** The likeliest decoder, null where none fits: by the bytes' beginning, then by the port, then by what reads from end to end. */
export function guess(bytes: Uint8Array, context: DecodeContext = {}): DecoderName | null {
  const head = bytes.subarray(0, GUESS_BYTES)
  const [b0 = -1, b1 = -1, b2 = -1, b3 = -1, b4 = -1] = head
  if (b0 === -1) return null
  if (b0 >= 20 && b0 <= 24 && b1 === 3 && b2 <= 4 && b2 >= 0 && b3 * 256 + b4 <= 16640 && head.length >= 5)
    return 'tls'
  const start = String.fromCharCode(...head.subarray(0, 1100))
  if (HTTP_START.test(start)) return 'http'
  if (b0 === 0x10 && /^\x10[^]{1,4}\0[\x04\x06]MQ(?:TT|Isdp)/.test(start)) return 'mqtt'
  if (/^\s*[[{]/.test(start) && fits('json', head, bytes, context)) return 'json'
  for (const port of context.ports ?? []) {
    const name = Object.hasOwn(PORTS, port) ? PORTS[port] : undefined
    if (name !== undefined && isClean(name, head, bytes, context)) return name
  }
  if (isText(head)) return 'text'
  if (b2 === 0 && b3 === 0 && fits('modbus', head, bytes, context)) return 'modbus'
  if (head.length >= 17 && fits('dns', head, bytes, context)) return 'dns'
  // One byte, or a number alone, reads as anything.
  if (b0 >= 0x80 && (b0 < 0xa0 || b0 === 0xdc || b0 === 0xde) && isSingle('messagepack', bytes, context))
    return 'messagepack'
  if (b0 >= 0x80 && b0 < 0xe0 && isSingle('cbor', bytes, context)) return 'cbor'
  if (bytes.length >= 4 && bytes.length <= 65536 && looksLikeProtobuf(bytes)) return 'protobuf'
  return null
}

/** At most its end is missing, or is not looked at. */
function fits(name: DecoderName, head: Uint8Array, bytes: Uint8Array, context: DecodeContext): boolean {
  const { needsMore, fields } = decode(name, head, context)
  const isAllHere = !needsMore || head.length < bytes.length || name === 'json'
  return isAllHere && !hasProblem(fields, needsMore)
}
function isClean(name: DecoderName, head: Uint8Array, bytes: Uint8Array, context: DecodeContext): boolean {
  const { fields, needsMore, usedBytes } = decode(name, head, context)
  return usedBytes > 0 && (!needsMore || head.length <= bytes.length) && !hasProblem(fields, needsMore)
}
function isSingle(name: DecoderName, bytes: Uint8Array, context: DecodeContext): boolean {
  if (bytes.length < 2 || bytes.length > 65536) return false
  const { fields, needsMore } = decode(name, bytes, context)
  return fields.length === 1 && !needsMore && fields[0]?.children !== undefined && !hasProblem(fields, false)
}
function hasProblem(fields: Decoded['fields'], mayBeShort: boolean): boolean {
  return fields.some(
    ({ name, problem, children }) =>
      name === 'left over' ||
      (problem !== undefined && !(mayBeShort && name === 'missing') && name !== 'left out') ||
      (children !== undefined && hasProblem(children, mayBeShort)),
  )
}
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text)
  } catch {
    return false
  }
}
