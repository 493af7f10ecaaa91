import { isBenchId, isBenchSocketId, isConnectionId, isSocketId } from '../../shared/model/ids'
import { acceptModes } from '../../shared/model/options'
import { type SocketEvent } from '../../shared/model/record'

/** What a field's value is taken for; undefined where it is none such. */
type Reading = (value: unknown) => unknown

interface Field {
  readonly read: Reading
  readonly isOptional: boolean
}

type Fields<Shape> = { readonly [Name in keyof Shape]-?: Field }
type EventFields = {
  readonly [What in SocketEvent['what']]: Fields<Omit<Extract<SocketEvent, { what: What }>, 'what'>>
}

/** Faults of a dial's attempts, and no faults of those. */
const MAX_FAULT_DEPTH = 2
const MAX_LIST = 1000

const must = (read: Reading): Field => ({ read, isOptional: false })
const may = (read: Reading): Field => ({ read, isOptional: true })

const text: Reading = (value) => (typeof value === 'string' ? value : undefined)
const flag: Reading = (value) => (typeof value === 'boolean' ? value : undefined)
const count: Reading = (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined)
const oneOf =
  (...words: readonly string[]): Reading =>
  (value) =>
    words.find((word) => word === value)
const orNull =
  (read: Reading): Reading =>
  (value) =>
    value === null ? null : read(value)
const connection: Reading = (value) =>
  typeof value === 'string' && isConnectionId(value) ? value : undefined
const socket: Reading = (value) => (typeof value === 'string' && isSocketId(value) ? value : undefined)
const bench: Reading = (value) => (typeof value === 'string' && isBenchId(value) ? value : undefined)
const benchSocket: Reading = (value) =>
  value === null || (typeof value === 'string' && isBenchSocketId(value)) ? value : undefined
const whole: Reading = (value) => (Number.isSafeInteger(value) ? value : undefined)
const quantity: Reading = (value) =>
  value === null || typeof value === 'boolean' || Number.isFinite(value) ? value : undefined
const listOf =
  (read: Reading): Reading =>
  (value) => {
    if (!Array.isArray(value) || value.length > MAX_LIST) return undefined
    const found = value.map((each) => read(each))
    return found.includes(undefined) ? undefined : found
  }
const record =
  (fields: Readonly<Record<string, Field>>): Reading =>
  (value) =>
    pick(value, fields)

const inet = { host: must(text), port: must(count) }
const ends: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  tcp: { kind: must(text), ...inet },
  udp: { kind: must(text), ...inet },
  unix: { kind: must(text), path: must(text) },
  unixgram: { kind: must(text), path: must(text) },
  raw: { kind: must(text), host: must(text), protocol: must(count) },
}
const endpoint: Reading = (value) => {
  const kind = isRecord(value) ? value['kind'] : undefined
  const fields = typeof kind === 'string' && Object.hasOwn(ends, kind) ? ends[kind] : undefined
  return fields === undefined ? undefined : pick(value, fields)
}

/** Without what could be done about it: that was at another time. */
function faultTo(depth: number): Reading {
  return record({
    code: must(text),
    summary: must(text),
    syscall: may(text),
    endpoint: may(text),
    hint: may(text),
    ...(depth > 1 && { attempts: may(listOf(faultTo(depth - 1))) }),
  })
}
const fault = faultTo(MAX_FAULT_DEPTH)

const side = oneOf('local', 'remote')
const group = { group: must(text), networkInterface: may(text) }
const linger = record({ isOn: must(flag), seconds: must(count) })
const setting: Reading = (value) =>
  value === null ? null : (text(value) ?? quantity(value) ?? linger(value))
const option = record({ name: must(text), value: must(setting), asked: may(setting), note: may(text) })

const call = {
  bench: must(bench),
  number: must(count),
  socket: must(benchSocket),
  call: must(text),
  python: must(text),
}
const systemCall = record({
  name: must(text),
  text: must(text),
  returned: must(whole),
  errno: must(orNull(record({ code: must(text), number: must(count), message: must(text) }))),
  note: must(text),
  beganAtNanos: must(count),
  tookNanos: must(count),
})

const events: EventFields = {
  listening: { at: must(endpoint) },
  accepted: { connection: must(connection), remote: must(endpoint) },
  dropped: { count: must(count) },
  acceptSet: { mode: must(oneOf(...acceptModes)) },
  queueMoved: { length: must(count), limit: must(count), dropped: must(count) },
  dialling: { to: must(endpoint) },
  attempted: {
    address: must(text),
    outcome: must(oneOf('connected', 'failed', 'timeout')),
    fault: may(fault),
  },
  opened: { local: must(endpoint), remote: must(endpoint), by: must(side) },
  bound: { at: must(endpoint) },
  peerSet: { peer: must(orNull(endpoint)) },
  groupJoined: group,
  groupLeft: group,
  finished: { by: must(side) },
  closed: {
    how: must(oneOf('fin', 'reset', 'timeout', 'error')),
    by: must(side),
    unsentBytes: must(count),
    fault: may(fault),
  },
  paused: {},
  resumed: {},
  optionsSet: { options: must(listOf(option)) },
  behaviourSet: { behaviour: must(text) },
  passedOn: { to: must(connection) },
  plays: { connection: must(text), as: must(oneOf('client', 'server')) },
  failed: { fault: must(fault) },
  gap: { direction: must(oneOf('in', 'out')), offset: must(count), lengthBytes: must(count) },
  echoed: {
    from: must(endpoint),
    identifier: must(count),
    sequence: must(count),
    roundTripNanos: must(count),
  },
  truncated: { lengthBytes: must(count), keptBytes: must(count) },
  noted: { text: must(text) },
  blocked: { ...call, fd: must(whole), system: must(text), sinceNanos: must(count), waitsFor: must(text) },
  called: {
    ...call,
    gave: must(text),
    isRaised: must(flag),
    fd: must(orNull(count)),
    returned: must(orNull(whole)),
    errno: must(orNull(text)),
    beganAtNanos: must(count),
    tookNanos: must(count),
    system: must(listOf(systemCall)),
  },
  handedOver: { to: must(socket) },
  takenOver: { from: must(socket) },
}

/**
 * An event out of a file, which anybody may have written: with its own fields and no others, each of its kind. One of a later version,
 * or one that makes no sense, becomes a note of that, so that all rows keep their places.
 */
export function soundEvent(found: { readonly what: string }): SocketEvent {
  if (!Object.hasOwn(events, found.what))
    return { what: 'noted', text: `An event that this version does not know: ${found.what.slice(0, 100)}` }
  const picked = pick(found, events[found.what as SocketEvent['what']])
  return picked === undefined ? UNREADABLE : ({ what: found.what, ...picked } as SocketEvent)
}

export const UNREADABLE: SocketEvent = { what: 'noted', text: 'This event cannot be read any more.' }

function pick(value: unknown, fields: Readonly<Record<string, Field>>): object | undefined {
  if (!isRecord(value)) return undefined
  const picked: Record<string, unknown> = {}
  for (const [name, { read, isOptional }] of Object.entries(fields)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined
    if (given === undefined && isOptional) continue
    const taken = read(given)
    if (taken === undefined) return undefined
    picked[name] = taken
  }
  return picked
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
