import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { type SocketEvent } from '../../shared/model/record'
import { writeAscii } from './ascii'
import { type EventPayload } from './payloads'

/** The JSON of an event's block. */
export function eventJson(socket: SocketId, atNanos: number, event: SocketEvent): string {
  const payload: EventPayload = { v: 1, kind: 'event', socket, atNanos, event }
  return JSON.stringify(payload)
}

/** No event that `writeEventJson` writes is longer. */
export const MAX_WRITTEN_BYTES = 512

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const PART = {
  socket: ascii('{"v":1,"kind":"event","socket":"'),
  atNanos: ascii('","atNanos":'),
  opened: ascii(',"event":{"what":"opened","local":'),
  remote: ascii(',"remote":'),
  by: ascii(',"by":"'),
  byEnd: ascii('"}}'),
  accepted: ascii(',"event":{"what":"accepted","connection":"'),
  acceptedRemote: ascii('","remote":'),
  tcp: ascii('{"kind":"tcp","host":"'),
  port: ascii('","port":'),
  end: ascii('}'),
  twoEnds: ascii('}}'),
}

/**
 * Writes the same bytes that `eventJson` makes, without a string in between: for the two events that every caller brings.
 * A listener under a flood of callers spends a quarter of its time on strings and on collecting them otherwise.
 * @param bytes with room for MAX_WRITTEN_BYTES from `at` on
 * @returns where it ends, or -1, with nothing of use written, for all other events and for addresses that need escapes
 */
export function writeEventJson(
  bytes: Uint8Array,
  at: number,
  socket: SocketId,
  atNanos: number,
  event: SocketEvent,
): number {
  if (event.what !== 'opened' && event.what !== 'accepted') return -1
  let end = put(bytes, at, PART.socket)
  end = putText(bytes, end, socket)
  end = put(bytes, end, PART.atNanos)
  end = putNumber(bytes, end, atNanos)
  if (event.what === 'accepted') {
    end = put(bytes, end, PART.accepted)
    end = putText(bytes, end, event.connection)
    end = put(bytes, end, PART.acceptedRemote)
    end = putEndpoint(bytes, end, event.remote)
    return end < 0 ? -1 : put(bytes, end, PART.twoEnds)
  }
  end = put(bytes, end, PART.opened)
  end = putEndpoint(bytes, end, event.local)
  if (end < 0) return -1
  end = put(bytes, end, PART.remote)
  end = putEndpoint(bytes, end, event.remote)
  if (end < 0) return -1
  end = put(bytes, end, PART.by)
  end = putText(bytes, end, event.by)
  return put(bytes, end, PART.byEnd)
}

/** -1 for what is no numeric address. */
function putEndpoint(bytes: Uint8Array, at: number, endpoint: Endpoint): number {
  if (endpoint.kind !== 'tcp' || !isPlain(endpoint.host)) return -1
  let end = put(bytes, at, PART.tcp)
  end = putText(bytes, end, endpoint.host)
  end = put(bytes, end, PART.port)
  end = putNumber(bytes, end, endpoint.port)
  return put(bytes, end, PART.end)
}

/** Digits, a to f, points and colons, and no more than the longest IPv6 address. */
function isPlain(host: string): boolean {
  if (host.length > 45) return false
  for (let n = 0; n < host.length; n++) {
    const code = host.charCodeAt(n)
    const isDigit = code >= 0x30 && code <= 0x3a // with the colon behind the nine
    if (!isDigit && code !== 0x2e && (code < 0x61 || code > 0x66)) return false
  }
  return true
}

function put(bytes: Uint8Array, at: number, part: Uint8Array): number {
  // For some dozen bytes quicker than `set`, whose way out of JavaScript costs more than the copy.
  for (let n = 0; n < part.length; n++) bytes[at + n] = part[n] as number
  return at + part.length
}

function putText(bytes: Uint8Array, at: number, text: string): number {
  writeAscii(bytes, at, text)
  return at + text.length
}

const BILLION = 1_000_000_000

/** @param value a whole number from 0 to 2^53 */
function putNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value < BILLION) return putDigits(bytes, at, value, digitsOf(value))
  // Exact, whatever a number of that size holds.
  const low = value % BILLION
  const high = (value - low) / BILLION
  return putDigits(bytes, putDigits(bytes, at, high, digitsOf(high)), low, 9)
}

function digitsOf(value: number): number {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  return digits
}

function putDigits(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value
  for (let n = at + digits - 1; n >= at; n--) {
    const tens = Math.floor(rest / 10)
    bytes[n] = 0x30 + rest - tens * 10
    rest = tens
  }
  return at + digits
}
