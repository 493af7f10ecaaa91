import { formatEndpoint, parseEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { fault } from '../../shared/model/fault'
import { benchFamilies, type BenchSocketSummary, benchTypes } from '../../shared/model/bench'
import {
  type BenchId,
  type BenchSocketId,
  isBenchId,
  isBenchSocketId,
  isDatagramId,
  isListenerId,
  isRawId,
  isUdpId,
  type ConnectionId,
  type DatagramId,
  type ListenerId,
  type SocketId,
} from '../../shared/model/ids'
import { type Row, type SocketEvent } from '../../shared/model/record'
import { type ConnectionState, type DialAttempt, type UdpState } from '../../shared/model/state'
import {
  type ConnectionSummary,
  type Counters,
  type DatagramSummary,
  type ListenerSummary,
  type SocketSummary,
} from '../../shared/model/summary'
import { unpackSamples } from '../capture/samples'
import { type CaptureReader } from '../capture/types'
import { benchNamedIn } from './benchLog'

/** Rows at a record's beginning and end in which its state changes are looked for. What lies between is traffic. */
const EDGE_ROWS = 64

const NOWHERE: Endpoint = { kind: 'tcp', host: '0.0.0.0', port: 0 }
const UNENDED = fault('SB_CAPTURE', 'The recording ended while this was open.')

/** A socket of a recording, as the list shows it. */
export interface RecordedSocket {
  readonly summary: SocketSummary
  readonly counters: Counters
}

/** What is read of a recording to tell how its sockets were. */
export interface RecordedSource extends Pick<
  CaptureReader,
  'about' | 'size' | 'read' | 'sampleBlocks' | 'readSamples'
> {
  chunks(id: SocketId): { readonly in: number; readonly out: number }
}

/** The sockets of a recording under the ids that they have in the session. @param names theirs to those */
export async function recordedSockets(
  capture: RecordedSource,
  names: ReadonlyMap<SocketId, SocketId>,
): Promise<Map<SocketId, RecordedSocket>> {
  const sockets = new Map<SocketId, RecordedSocket>()
  for (const [id, name] of names) {
    const found = await summaryOf(capture, id)
    sockets.set(name, { ...found, summary: renamed(found.summary, name, names) })
  }
  tally(sockets)
  return sockets
}

/** How a recorded socket was when its record ended: read from the rows at its beginning and its end. */
async function summaryOf(capture: RecordedSource, id: SocketId): Promise<RecordedSocket> {
  const { rows, inBytes, outBytes } = capture.size(id)
  const chunks = capture.chunks(id)
  const head = await rowsOf(capture, id, 0, Math.min(EDGE_ROWS, rows))
  const tail = await rowsOf(capture, id, Math.max(EDGE_ROWS, rows - EDGE_ROWS), rows)
  const events = [...head, ...tail].flatMap((row) => (row.kind === 'event' ? [row.event] : []))
  const about = capture.about(id)
  return {
    summary: isListenerId(id)
      ? listenerOf(id, about, events)
      : isBenchId(id)
        ? { kind: 'bench', id, asked: about, state: { phase: 'closed' }, calls: 0, blocked: 0 }
        : isBenchSocketId(id)
          ? benchSocketOf(id, about, events)
          : isDatagramId(id)
            ? datagramOf(id, about, events, await dropsOf(capture, id))
            : connectionOf(id, about, events),
    counters: { inBytes, outBytes, rows, inChunks: chunks.in, outChunks: chunks.out },
  }
}

async function rowsOf(
  capture: RecordedSource,
  id: SocketId,
  from: number,
  to: number,
): Promise<readonly Row[]> {
  if (from >= to) return []
  const read = await capture.read(id, from, to)
  return read.ok ? read.value : []
}

/** What comes after the first word of a description: `dialled tcp://127.0.0.1:8060`. */
function askedIn(about: string): string {
  return about.replace(/^\S+ /, '')
}

/** `accepted by L1`. */
function listenerIn(about: string): ListenerId | null {
  const id = /^accepted by (\S+)$/.exec(about)?.[1] ?? ''
  return isListenerId(id) ? id : null
}

function endpointIn(about: string): Endpoint {
  const parsed = parseEndpoint(askedIn(about))
  return parsed.ok ? parsed.value : NOWHERE
}

function listenerOf(id: ListenerId, about: string, events: readonly SocketEvent[]): ListenerSummary {
  const failed = events.find((event) => event.what === 'failed')
  const listening = events.find((event) => event.what === 'listening')
  const behaviour = events.findLast((event) => event.what === 'behaviourSet')?.behaviour ?? 'none'
  return {
    kind: 'listener',
    id,
    asked: askedIn(about),
    state:
      failed !== undefined && listening === undefined
        ? { phase: 'failed', fault: failed.fault }
        : { phase: 'closed', at: listening?.at ?? endpointIn(about) },
    behaviour,
    accepted: 0,
    dropped: 0,
  }
}

/** Datagrams that the kernel had dropped when it was last asked. */
async function dropsOf(capture: RecordedSource, id: DatagramId): Promise<number | null> {
  const blocks = capture.sampleBlocks(id)
  const read = blocks === 0 ? null : await capture.readSamples(id, blocks - 1, blocks)
  const last = read?.ok === true ? read.value.at(-1) : undefined
  return last === undefined ? null : (unpackSamples(last).at(-1)?.values.drops ?? null)
}

function benchSocketOf(id: BenchSocketId, about: string, events: readonly SocketEvent[]): BenchSocketSummary {
  const { family, type, bench } = benchNamedIn(about)
  const handed = events.findLast((event) => event.what === 'handedOver')
  return {
    kind: 'benchSocket',
    id,
    bench: bench as BenchId,
    asked: `${family} ${type}`,
    state: { phase: 'closed', ...(handed !== undefined && { handedTo: handed.to }) },
    family: benchFamilies.find((each) => each === family) ?? 'AF_INET',
    type: benchTypes.find((each) => each === type) ?? 'SOCK_STREAM',
    fd: null,
    mode: { kind: 'blocking' },
    kernel: '',
    blocked: 0,
  }
}

function datagramOf(
  id: DatagramId,
  about: string,
  events: readonly SocketEvent[],
  dropped: number | null,
): DatagramSummary {
  const bound = events.find((event) => event.what === 'bound')
  const failed = events.find((event) => event.what === 'failed')
  const state: UdpState =
    failed !== undefined && bound === undefined
      ? { phase: 'failed', fault: failed.fault }
      : { phase: 'closed', at: bound?.at ?? endpointIn(about) }
  const behaviour = events.findLast((event) => event.what === 'behaviourSet')?.behaviour ?? 'none'
  const common = { asked: askedIn(about), state, options: [], behaviour }
  if (isUdpId(id)) return { kind: 'udp', id, ...common, groups: [], dropped, ...playedIn(events) }
  return isRawId(id)
    ? { kind: 'raw', id, ...common, isHeaderIncluded: false }
    : { kind: 'unixgram', id, ...common }
}

function connectionOf(id: SocketId, about: string, events: readonly SocketEvent[]): ConnectionSummary {
  const opened = events.find((event) => event.what === 'opened')
  return {
    kind: 'connection',
    id: id as ConnectionId,
    listener: listenerIn(about),
    asked: opened?.by === 'remote' ? formatEndpoint(opened.remote) : askedIn(about),
    state: connectionStateOf(events, opened?.local, opened?.remote),
    isReadingPaused: false,
    queuedBytes: 0,
    options: [],
    ...playedIn(events),
  }
}

function playedIn(events: readonly SocketEvent[]): { readonly plays?: string } {
  const plays = events.find((event) => event.what === 'plays')
  return plays === undefined ? {} : { plays: plays.connection }
}

function connectionStateOf(
  events: readonly SocketEvent[],
  local: Endpoint = NOWHERE,
  remote: Endpoint = NOWHERE,
): ConnectionState {
  const failed = events.find((event) => event.what === 'failed')
  const closed = events.findLast((event) => event.what === 'closed')
  const handed = events.findLast((event) => event.what === 'handedOver')
  if (handed !== undefined) {
    return { phase: 'closed', how: 'fin', by: 'local', local, remote, unsentBytes: 0, handedTo: handed.to }
  }
  if (closed === undefined && failed !== undefined) {
    const attempts = events.flatMap((event): DialAttempt[] =>
      event.what === 'attempted'
        ? [{ address: event.address, outcome: event.outcome, ...(event.fault && { fault: event.fault }) }]
        : [],
    )
    return { phase: 'failed', fault: failed.fault, attempts }
  }
  if (closed === undefined) {
    return { phase: 'closed', how: 'error', by: 'local', local, remote, unsentBytes: 0, fault: UNENDED }
  }
  const { how, by, unsentBytes, fault: of } = closed
  return { phase: 'closed', how, by, local, remote, unsentBytes, ...(of !== undefined && { fault: of }) }
}

function renamed(
  summary: SocketSummary,
  id: SocketId,
  names: ReadonlyMap<SocketId, SocketId>,
): SocketSummary {
  if (summary.kind === 'benchSocket') {
    return { ...summary, id, bench: names.get(summary.bench) ?? summary.bench } as SocketSummary
  }
  if (summary.kind !== 'connection') return { ...summary, id } as SocketSummary
  const listener = summary.listener === null ? undefined : names.get(summary.listener)
  return { ...summary, id, listener: listener ?? null } as SocketSummary
}

/** Listeners count what their connections carried. */
function tally(sockets: Map<SocketId, RecordedSocket>): void {
  const sums = new Map<SocketId, { accepted: number; counters: Counters }>()
  for (const { summary, counters } of sockets.values()) {
    if (summary.kind !== 'connection' || summary.listener === null) continue
    const sum = sums.get(summary.listener) ?? {
      accepted: 0,
      counters: { inBytes: 0, inChunks: 0, outBytes: 0, outChunks: 0, rows: 0 },
    }
    const { inBytes, inChunks, outBytes, outChunks } = sum.counters
    sums.set(summary.listener, {
      accepted: sum.accepted + 1,
      counters: {
        rows: 0,
        inBytes: inBytes + counters.inBytes,
        inChunks: inChunks + counters.inChunks,
        outBytes: outBytes + counters.outBytes,
        outChunks: outChunks + counters.outChunks,
      },
    })
  }
  for (const [id, { accepted, counters }] of sums) {
    const found = sockets.get(id)
    if (found?.summary.kind !== 'listener') continue
    sockets.set(id, {
      summary: { ...found.summary, accepted },
      counters: { ...counters, rows: found.counters.rows },
    })
  }
}
