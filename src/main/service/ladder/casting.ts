import { MAX_MERGED } from '../../../shared/contract/limits'
import { type LadderCast, type LadderEnd } from '../../../shared/ladder/model'
import { formatEndpoint, parseEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { fault, FaultError, type Reply } from '../../../shared/model/fault'
import {
  compareIds,
  isBenchId,
  isListenerId,
  isUdpId,
  type ConnectionId,
  type SocketId,
} from '../../../shared/model/ids'
import { type Row } from '../../../shared/model/record'
import { pairedEnds, pairedPaths, type Opening } from '../../capture/export/bothEnds'
import { type CaptureReader } from '../../capture/types'

export type CastSource = Pick<CaptureReader, 'ids' | 'fileOf' | 'size' | 'read'>

/** Within so many rows a connection has opened; and of a UDP socket so many tell whom it talks to. */
const FIRST_ROWS = 32
/** Rows of a listener's record in which its connections are looked for. */
const LISTENER_ROWS = 512
/** Of so many sockets at most is kept what does not change any more. */
const MOST_KEPT = 20_000

/** What a socket's first rows tell of it. */
interface Facts {
  readonly opening: Opening | null
  readonly dialled: Endpoint | null
  /** Where it is bound or listens. */
  readonly at: Endpoint | null
  /** Whom a UDP socket talks to. */
  readonly peers: readonly string[]
}

/** Finds who belongs into a ladder, and which two sockets are the ends of one connection. */
export class Casting {
  readonly #source: CastSource
  readonly #kept = new Map<SocketId, Facts>()

  constructor(source: CastSource) {
    this.#source = source
  }

  /** These sockets with all that goes with them: of a listener its connections, of each connection its other end. */
  async cast(asked: readonly SocketId[]): Promise<Reply<LadderCast>> {
    try {
      const file = this.#fileOf(asked)
      const all = this.#source.ids().filter((id) => this.#source.fileOf(id) === file)
      const unknown = asked.find((id) => !all.includes(id))
      if (unknown !== undefined) return refuse('SB_UNKNOWN', `Nothing is recorded of ${unknown}.`)
      const facts = new Map<SocketId, Facts>()
      for (const id of all) facts.set(id, await this.#factsOf(id))
      const others = this.#othersIn(facts)
      const wanted = new Set<SocketId>()
      for (const id of asked) {
        for (const each of await this.#takenAlong(id, facts)) {
          wanted.add(each)
          const other = others.get(each)
          if (other !== undefined) wanted.add(other)
        }
      }
      const cast = inOrder([...wanted], others, facts)
      const kept = cast.slice(0, MAX_MERGED)
      const ends = kept.map((id) => endOf(id, facts.get(id), kept.includes(others.get(id) ?? id), others))
      return { ok: true, value: { ends, left: cast.length - ends.length } }
    } catch (error) {
      if (error instanceof FaultError) return { ok: false, fault: error.fault }
      throw error
    }
  }

  /** The address of a UDP socket, as others see it. */
  async boundAt(id: SocketId): Promise<Endpoint | null> {
    return (await this.#factsOf(id)).at
  }

  #fileOf(asked: readonly SocketId[]): string {
    const [first = 'C1'] = asked
    const file = this.#source.fileOf(first)
    const other = asked.find((id) => this.#source.fileOf(id) !== file)
    if (other === undefined) return file
    throw new FaultError(
      fault('SB_INPUT', `${other} is of another recording than ${first}: they have no clock in common.`),
    )
  }

  async #takenAlong(id: SocketId, facts: ReadonlyMap<SocketId, Facts>): Promise<readonly SocketId[]> {
    if (isListenerId(id)) return [id, ...(await this.#connectionsOf(id)).filter((each) => facts.has(each))]
    const own = facts.get(id)
    if (!isUdpId(id) || own === undefined) return [id]
    const partners = [...facts].filter(
      ([each, { at, peers }]) =>
        each !== id &&
        isUdpId(each) &&
        (own.peers.some((peer) => isAt(peer, at)) || peers.some((peer) => isAt(peer, own.at))),
    )
    return [id, ...partners.map(([each]) => each)]
  }

  async #connectionsOf(id: SocketId): Promise<readonly ConnectionId[]> {
    const rows = await this.#rows(id, LISTENER_ROWS)
    return rows.flatMap((row) =>
      row.kind === 'event' && row.event.what === 'accepted' ? [row.event.connection] : [],
    )
  }

  #othersIn(facts: ReadonlyMap<SocketId, Facts>): ReadonlyMap<SocketId, SocketId> {
    const openings = new Map<SocketId, Opening>()
    for (const [id, { opening }] of facts) if (opening !== null) openings.set(id, opening)
    const size = (id: SocketId): ReturnType<CastSource['size']> => this.#source.size(id)
    // Some may still be under way.
    const fits = (a: SocketId, b: SocketId): boolean =>
      size(a).inBytes <= size(b).outBytes && size(b).inBytes <= size(a).outBytes
    const others = new Map<SocketId, SocketId>()
    for (const [a, b] of [...pairedEnds(openings), ...pairedPaths(openings, fits)]) {
      others.set(a, b)
      others.set(b, a)
    }
    return others
  }

  async #factsOf(id: SocketId): Promise<Facts> {
    const known = this.#kept.get(id)
    if (known !== undefined) return known
    const rows = await this.#rows(id, FIRST_ROWS)
    const facts = factsIn(rows)
    const isFixed = isListenerId(id) || facts.opening !== null || (isUdpId(id) && rows.length >= FIRST_ROWS)
    if (isFixed) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
      this.#kept.set(id, facts)
    }
    return facts
  }

  async #rows(id: SocketId, most: number): Promise<readonly Row[]> {
    if (this.#source.size(id).rows === 0) return []
    const read = await this.#source.read(id, 0, most)
    if (!read.ok) throw new FaultError(read.fault)
    return read.value
  }
}

function factsIn(rows: readonly Row[]): Facts {
  let opening: Opening | null = null
  let dialled: Endpoint | null = null
  let at: Endpoint | null = null
  const peers = new Set<string>()
  for (const row of rows) {
    if (row.kind === 'data') {
      if (row.peer !== null) peers.add(row.peer)
      continue
    }
    const { event, atNanos } = row
    if (event.what === 'opened') {
      const { local, remote, by } = event
      opening ??= { local, remote, by, atNanos }
    } else if (event.what === 'dialling') dialled = event.to
    else if (event.what === 'bound' || event.what === 'listening') at = event.at
    else if (event.what === 'peerSet' && event.peer !== null) peers.add(formatEndpoint(event.peer))
  }
  return { opening, dialled, at, peers: [...peers] }
}

/** Whether a datagram to or from an address is one of a socket that is bound there. Bound to all addresses, it is known by its port. */
export function isAt(peer: string, at: Endpoint | null): boolean {
  if (at?.kind !== 'udp') return false
  if (peer === formatEndpoint(at)) return true
  if (at.host !== '0.0.0.0' && at.host !== '::') return false
  const parsed = parseEndpoint(peer)
  return parsed.ok && parsed.value.kind === 'udp' && parsed.value.port === at.port
}

/** Listeners first; then each connection with its other end beside it, the one that dialled at the left. */
function inOrder(
  wanted: readonly SocketId[],
  others: ReadonlyMap<SocketId, SocketId>,
  facts: ReadonlyMap<SocketId, Facts>,
): readonly SocketId[] {
  const isAccepted = (id: SocketId): boolean => facts.get(id)?.opening?.by === 'remote'
  const clients = wanted.filter((id) => {
    const other = others.get(id)
    return !isListenerId(id) && (other === undefined || !isAccepted(id) || !wanted.includes(other))
  })
  const began = (id: SocketId): number => facts.get(id)?.opening?.atNanos ?? Infinity
  clients.sort((a, b) => began(a) - began(b) || compareIds(a, b))
  return [
    ...wanted.filter(isListenerId).toSorted(compareIds),
    ...clients.flatMap((id) => {
      const other = others.get(id)
      return other === undefined ? [id] : [id, other]
    }),
  ]
}

function endOf(
  id: SocketId,
  facts: Facts | undefined,
  hasOther: boolean,
  others: ReadonlyMap<SocketId, SocketId>,
): LadderEnd {
  const told = (endpoint: Endpoint | null | undefined): string | null =>
    endpoint === null || endpoint === undefined ? null : formatEndpoint(endpoint)
  const opening = facts?.opening ?? null
  return {
    id,
    role: roleOf(id, facts),
    other: hasOther ? (others.get(id) ?? null) : null,
    local: told(opening?.local ?? facts?.at),
    remote: told(opening?.remote ?? facts?.dialled),
  }
}

function roleOf(id: SocketId, facts: Facts | undefined): LadderEnd['role'] {
  const { opening = null, at = null } = facts ?? {}
  if (opening !== null) return opening.by === 'remote' ? 'accepted' : 'dialled'
  if (isUdpId(id) || at?.kind === 'udp') return 'datagrams'
  return isListenerId(id) || isBenchId(id) || at !== null ? 'listener' : 'dialled'
}

function refuse(code: 'SB_UNKNOWN', summary: string): Reply<never> {
  return { ok: false, fault: fault(code, summary) }
}
