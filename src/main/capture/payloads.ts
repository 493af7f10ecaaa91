import { isSocketId, type SocketId } from '../../shared/model/ids'
import { isMoment } from '../../shared/model/record'
import { MAX_NOTE_LENGTH, markColours, type MarkColour } from '../../shared/model/mark'
import { isSamples, type SamplesPayload } from './samples'
import { migrated, SESSION_VERSION, type NewerSession } from './versions'

/**
 * What the section header's custom option and the custom blocks hold: JSON (RFC 8259) in UTF-8, padded with spaces to whole words. `kind` tells which; later versions
 * add kinds, and a reader passes over those that it does not know.
 */
export type Payload =
  SessionPayload | NewerSession | EventPayload | MarkPayload | ArrangementPayload | SamplesPayload

/** In the section's header. */
export interface SessionPayload {
  readonly v: typeof SESSION_VERSION
  readonly kind: 'session'
  readonly id: string
  readonly application: string
  /** Nanoseconds since 1970 (UTC) at which the session began; decimal, because it exceeds 2^53. */
  readonly epochNanos: string
  /** The first Switchboard that reads the file. */
  readonly needs: string
}

export interface EventPayload {
  readonly v: 1
  readonly kind: 'event'
  readonly socket: SocketId
  readonly atNanos: number
  /** As it stands there: `soundEvent` tells what it is. */
  readonly event: { readonly what: string }
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

/** How the window of the session was arranged; the last one holds. */
export interface ArrangementPayload {
  readonly kind: 'arrangement'
  /** JSON, to the letter as it was given. */
  readonly arrangement: string
}

/** So the JSON of an arrangement begins; what was given stands behind it as it is. */
const ARRANGEMENT = '{"v":1,"kind":"arrangement","arrangement":'

/** @param arrangement JSON */
export function arrangementJson(arrangement: string): string {
  return `${ARRANGEMENT}${arrangement}}`
}

/** Reads a custom option's or block's data. Null for what is no payload of ours, or of a kind that is not known here. Never throws. */
export function parsePayload(bytes: Uint8Array): Payload | null {
  let text: string
  let found: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    found = JSON.parse(text)
  } catch {
    // Not JSON, or not UTF-8: somebody else's block.
    return null
  }
  if (!isObject(found)) return null
  if (found['kind'] === 'session') {
    const session = migrated(found)
    if (session === null || isNewer(session)) return session
    return isSession(session) ? session : null
  }
  if (found['v'] !== 1) return null
  if (text.startsWith(ARRANGEMENT)) {
    const arrangement = text.trimEnd().slice(ARRANGEMENT.length, -1)
    return isJson(arrangement) ? { kind: 'arrangement', arrangement } : null
  }
  if (isMark(found)) return found
  if (isSamples(found)) return found
  return isEvent(found) ? found : null
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isNewer(session: object): session is NewerSession {
  return 'kind' in session && session.kind === 'newer'
}

function isSession(found: object): found is SessionPayload {
  return (
    'v' in found &&
    found.v === SESSION_VERSION &&
    'needs' in found &&
    typeof found.needs === 'string' &&
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
    isMoment(found.atNanos) &&
    'event' in found &&
    isObject(found.event) &&
    typeof found.event['what'] === 'string'
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
