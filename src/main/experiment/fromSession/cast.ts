import { formatEndpoint, hasPort, parseEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import {
  isConnectionId,
  isListenerId,
  isRawId,
  isUdpId,
  isUnixgramId,
  type SocketId,
} from '../../../shared/model/ids'
import { pairedEnds, type Opening } from '../../capture/export/bothEnds'
import { askedIn, atAddress, boundOf, writtenAs } from './bounds'
import { eventIn } from './eventIn'
import { explains } from './explained'
import { listenerOptionsOf, optionsOf, type WrittenOptions } from './options'
import { listenerNamedIn, type Story, type Told } from './story'

/** An endpoint of the experiment that is to be. */
export interface Role {
  readonly name: string
  readonly does: 'listen' | 'dial'
  readonly address: string
  readonly behaviour: string
  readonly options: WrittenOptions
}

/** How a recorded socket is named in steps, and what the experiment knows of it. */
export interface Part {
  readonly id: SocketId
  readonly kind: 'listener' | 'dialled' | 'accepted' | 'udp'
  /** `C1`, or `L1[2]` for the second caller of L1. */
  readonly name: string
  /** The other end, where that is in the story too. */
  readonly pair: SocketId | null
  /** What it sends is its listener's behaviour's doing. */
  readonly isDriven: boolean
  /** A UDP socket that is connected from the start. */
  readonly isConnected: boolean
}

export interface Cast {
  readonly roles: readonly Role[]
  readonly parts: ReadonlyMap<SocketId, Part>
  /** The UDP socket of the story that has this address at that moment. */
  readonly boundAt: (address: string, atNanos: number) => SocketId | null
  /** An address as it is to be written: with a reference where the kernel chose the port. */
  readonly written: (address: Endpoint, atNanos: number) => string
  /** What cannot be told in an experiment, a line each. */
  readonly remarks: readonly string[]
}

/** Finds out who is who in a story. */
export function castOf(story: Story): Cast {
  const remarks: string[] = []
  const openings = openingsIn(story)
  const listeners = story.ids.filter(isListenerId)
  const bounds = [...listeners, ...story.ids.filter(isUdpId)].flatMap((id) => boundOf(story, id) ?? [])
  const callers = callersIn(story, openings)
  const pairs = pairsIn(story, openings, callers)
  const written = (address: Endpoint, atNanos: number): string => writtenAs(bounds, address, atNanos)
  const roles: Role[] = []
  const parts = new Map<SocketId, Part>()
  const drivenListeners = new Set<SocketId>()

  for (const id of listeners) {
    const own = [...callers].flatMap(([caller, listener]) => (listener === id ? [caller] : []))
    const calledNanos = own.map((caller) => openings.get(caller)?.atNanos ?? 0)
    const behaviour = behaviourOf(story, id, Math.min(Infinity, ...calledNanos))
    const isDriven =
      behaviour !== 'none' &&
      own.every((caller) =>
        explains(behaviour, story.of.get(caller), story.of.get(pairs.get(caller) ?? caller)),
      )
    if (behaviour !== 'none' && !isDriven)
      remarks.push(`${id} had the behaviour ${behaviour}: what it sent is sent by steps.`)
    if (isDriven) drivenListeners.add(id)
    roles.push({
      name: id,
      does: 'listen',
      address: askedBy(story, id, written),
      behaviour: isDriven ? behaviour : 'none',
      options: listenerOptionsOf(story.of.get(id) ?? []),
    })
    parts.set(id, { id, kind: 'listener', name: id, pair: null, isDriven: false, isConnected: false })
  }
  // Of captures from elsewhere there is no listener but its address.
  for (const [name, at] of standInsFor(callers, openings))
    roles.push({ name, does: 'listen', address: formatEndpoint(at), behaviour: 'none', options: {} })

  for (const id of story.ids.filter(isConnectionId)) {
    if (callers.has(id)) continue
    const rows = story.of.get(id) ?? []
    const refusal = whyNotDialled(rows, openings.has(id))
    if (refusal !== null) {
      remarks.push(`${id} is left out: ${refusal}`)
      continue
    }
    parts.set(id, {
      id,
      kind: 'dialled',
      name: id,
      pair: pairs.get(id) ?? null,
      isDriven: false,
      isConnected: false,
    })
    const options = optionsOf(rows)
    roles.push({
      name: id,
      does: 'dial',
      address: dialledBy(story, id, openings, written),
      behaviour: 'none',
      options,
    })
  }
  for (const [id, name] of callerNames(story, callers, pairs)) {
    const listener = callers.get(id) ?? ''
    const isDriven = drivenListeners.has(listener as SocketId)
    parts.set(id, { id, kind: 'accepted', name, pair: pairs.get(id) ?? null, isDriven, isConnected: false })
  }
  for (const id of story.ids.filter(isUdpId)) {
    const rows = story.of.get(id) ?? []
    const peer = peerFromStart(rows)
    roles.push({
      name: id,
      does: peer === null ? 'listen' : 'dial',
      address: peer === null ? askedBy(story, id, written) : written(peer.at, peer.atNanos),
      behaviour: 'none',
      options: optionsOf(rows),
    })
    parts.set(id, { id, kind: 'udp', name: id, pair: null, isDriven: false, isConnected: peer !== null })
    for (const each of rows) {
      if (each.kind === 'event' && each.event.what === 'groupJoined')
        remarks.push(`${id} joined the group ${each.event.group}, which no step can do.`)
    }
  }
  for (const id of story.ids) {
    if (isUnixgramId(id)) remarks.push(`${id} is left out: Unix datagram sockets are not written down yet.`)
    if (isRawId(id)) remarks.push(`${id} is left out: raw sockets are not written down.`)
  }
  return {
    roles,
    parts,
    written,
    remarks,
    boundAt: (address, atNanos) => {
      const parsed = parseEndpoint(address)
      return parsed.ok ? (atAddress(bounds, parsed.value, atNanos)?.id ?? null) : null
    },
  }
}

function openingsIn(story: Story): Map<SocketId, Opening> {
  const openings = new Map<SocketId, Opening>()
  for (const id of story.ids.filter(isConnectionId)) {
    const found = eventIn(story.of.get(id), 'opened')
    if (found !== null) openings.set(id, { ...found.event, atNanos: found.atNanos })
  }
  return openings
}

/** The address that was asked for; another socket's port in it may have been the kernel's choice. */
function askedBy(story: Story, id: SocketId, written: Cast['written']): string {
  const rows = story.of.get(id)
  const asked = askedIn(story.about(id))
  const at = asked ?? eventIn(rows, 'listening')?.event.at ?? eventIn(rows, 'bound')?.event.at
  if (at === undefined) return 'tcp://127.0.0.1:0'
  if (!hasPort(at) || at.port === 0) return formatEndpoint(at)
  return written(at, rows?.[0]?.atNanos ?? 0)
}

function dialledBy(
  story: Story,
  id: SocketId,
  openings: ReadonlyMap<SocketId, Opening>,
  written: Cast['written'],
): string {
  const rows = story.of.get(id)
  const to = eventIn(rows, 'dialling')?.event.to ?? openings.get(id)?.remote ?? askedIn(story.about(id))
  return to === null ? 'tcp://127.0.0.1:1' : written(to, rows?.[0]?.atNanos ?? 0)
}

/** Accepted connections with the listener that accepted each; `L1` of the story, or a name of our own. */
function callersIn(story: Story, openings: ReadonlyMap<SocketId, Opening>): Map<SocketId, string> {
  const callers = new Map<SocketId, string>()
  const names = new Map<string, string>()
  for (const [id, { by, local }] of openings) {
    if (by !== 'remote') continue
    const listener = listenerNamedIn(story.about(id))
    const address = formatEndpoint(local)
    if (listener !== null && story.of.has(listener)) callers.set(id, listener)
    else {
      if (!names.has(address)) names.set(address, names.size === 0 ? 'server' : `server${names.size + 1}`)
      callers.set(id, names.get(address) ?? 'server')
    }
  }
  return callers
}

function standInsFor(
  callers: ReadonlyMap<SocketId, string>,
  openings: ReadonlyMap<SocketId, Opening>,
): Map<string, Endpoint> {
  const found = new Map<string, Endpoint>()
  for (const [id, listener] of callers) {
    const local = openings.get(id)?.local
    if (!isListenerId(listener) && local !== undefined) found.set(listener, local)
  }
  return found
}

/** Both ways: the accepted end's dialled one, and the dialled end's accepted one. */
function pairsIn(
  story: Story,
  openings: ReadonlyMap<SocketId, Opening>,
  callers: ReadonlyMap<SocketId, string>,
): Map<SocketId, SocketId> {
  const pairs = new Map<SocketId, SocketId>()
  const add = (one: SocketId, other: SocketId): void => void pairs.set(one, other).set(other, one)
  for (const [accepted, dialled] of pairedEnds(openings)) add(accepted, dialled)
  // Unix sockets have no ports: the first to dial a path is the first to be accepted there.
  for (const accepted of callers.keys()) {
    const local = openings.get(accepted)?.local
    if (local?.kind !== 'unix') continue
    for (const [dialled, { remote, by }] of openings) {
      if (by !== 'local' || remote.kind !== 'unix' || remote.path !== local.path || pairs.has(dialled))
        continue
      if (bytesOf(story, dialled, 'in') > bytesOf(story, accepted, 'out')) continue
      if (bytesOf(story, accepted, 'in') > bytesOf(story, dialled, 'out')) continue
      add(accepted, dialled)
      break
    }
  }
  return pairs
}

function bytesOf(story: Story, id: SocketId, direction: 'in' | 'out'): number {
  let sum = 0
  for (const each of story.of.get(id) ?? [])
    if (each.kind === 'data' && each.direction === direction) sum += each.bytes.length
  return sum
}

/** Callers are counted in the order in which they will come: those that are dialled here, when they dial. */
function callerNames(
  story: Story,
  callers: ReadonlyMap<SocketId, string>,
  pairs: ReadonlyMap<SocketId, SocketId>,
): Map<SocketId, string> {
  const names = new Map<SocketId, string>()
  const counts = new Map<string, number>()
  const seen = new Set<SocketId>()
  for (const { id } of story.all) {
    if (seen.has(id)) continue
    seen.add(id)
    const caller = callers.has(id) ? (pairs.has(id) ? null : id) : (pairs.get(id) ?? null)
    const listener = caller === null ? undefined : callers.get(caller)
    if (caller === null || listener === undefined) continue
    const count = (counts.get(listener) ?? 0) + 1
    counts.set(listener, count)
    names.set(caller, `${listener}[${count}]`)
  }
  return names
}

/** The one that a listener had for as long as it had callers; `none` where it had several. */
function behaviourOf(story: Story, id: SocketId, firstCallNanos: number): string {
  let behaviour = 'none'
  for (const each of story.of.get(id) ?? []) {
    if (each.kind !== 'event' || each.event.what !== 'behaviourSet') continue
    if (each.atNanos > firstCallNanos && each.event.behaviour !== behaviour) return 'none'
    ;({ behaviour } = each.event)
  }
  return behaviour
}

function whyNotDialled(rows: readonly Told[], hasOpened: boolean): string | null {
  if (hasOpened) return null
  const failed = eventIn(rows, 'failed')
  if (failed === null) return 'the recording ended while it was being dialled.'
  return failed.event.fault.code.startsWith('SB_') ? 'its dial was given up.' : null
}

/** The peer of a UDP socket that is connected before it carries anything, and never again. */
function peerFromStart(rows: readonly Told[]): { readonly at: Endpoint; readonly atNanos: number } | null {
  const sets = rows.filter((each) => each.kind === 'event' && each.event.what === 'peerSet')
  const [set] = sets
  if (sets.length !== 1 || set?.kind !== 'event' || set.event.what !== 'peerSet') return null
  if (set.event.peer === null || rows.slice(0, rows.indexOf(set)).some((each) => each.kind === 'data'))
    return null
  return { at: set.event.peer, atNanos: set.atNanos }
}
