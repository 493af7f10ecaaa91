import { isSocketId, type SocketId } from '../../shared/model/ids'
import { MAX_NOTE_LENGTH, markColours, type MarkColour } from '../../shared/model/mark'
import { type SocketEvent } from '../../shared/model/record'

/**
 * What the section header's custom option and the custom blocks hold: JSON (RFC 8259) in UTF-8, padded with spaces to whole words. `kind` tells which; later versions
 * add kinds, and a reader passes over those that it does not know.
 */
export type Payload = SessionPayload | EventPayload | MarkPayload

/** In the section's header. */
export interface SessionPayload {
  readonly v: 1
  readonly kind: 'session'
  readonly id: string
  readonly application: string
  /** Nanoseconds since 1970 (UTC) at which the session began; decimal, because it exceeds 2^53. */
  readonly epochNanos: string
}

export interface EventPayload {
  readonly v: 1
  readonly kind: 'event'
  readonly socket: SocketId
  readonly atNanos: number
  readonly event: SocketEvent
}

/** A row that somebody marked; the last one of a row holds. */
export interface MarkPayload {
  readonly v: 1
  readonly kind: 'mark'
  readonly socket: SocketId
  readonly row: number
  readonly note: string
  readonly colour: MarkColour
  /** The mark was taken away. */
  readonly removed?: true
}

/** Reads a custom option's or block's data. Null for what is no payload of ours, or of a kind that is not known here. Never throws. */
export function parsePayload(bytes: Uint8Array): Payload | null {
  let found: unknown
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // Not JSON, or not UTF-8: somebody else's block.
    return null
  }
  if (!isObject(found) || found['v'] !== 1) return null
  if (isSession(found)) return found
  if (isMark(found)) return found
  return isEvent(found) ? found : null
}

function isSession(found: object): found is SessionPayload {
  return (
    'kind' in found &&
    found.kind === 'session' &&
    'id' in found &&
    typeof found.id === 'string' &&
    'application' in found &&
    typeof found.application === 'string' &&
    'epochNanos' in found &&
    typeof found.epochNanos === 'string' &&
    /^[0-9]{1,20}$/.test(found.epochNanos)
  )
}

function isMark(found: object): found is MarkPayload {
  return (
    'kind' in found &&
    found.kind === 'mark' &&
    'socket' in found &&
    typeof found.socket === 'string' &&
    isSocketId(found.socket) &&
    'row' in found &&
    Number.isSafeInteger(found.row) &&
    (found.row as number) >= 0 &&
    'note' in found &&
    typeof found.note === 'string' &&
    found.note.length <= MAX_NOTE_LENGTH &&
    'colour' in found &&
    markColours.some((each) => each === found.colour)
  )
}

function isEvent(found: object): found is EventPayload {
  return (
    'kind' in found &&
    found.kind === 'event' &&
    'socket' in found &&
    typeof found.socket === 'string' &&
    isSocketId(found.socket) &&
    'atNanos' in found &&
    Number.isSafeInteger(found.atNanos) &&
    (found.atNanos as number) >= 0 &&
    'event' in found &&
    isObject(found.event) &&
    typeof found.event['what'] === 'string'
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
