import { type BenchSocketSummary, type BenchSummary } from './bench'
import { type Fault } from './fault'
import {
  type ConnectionId,
  type DatagramId,
  type ListenerId,
  type RawId,
  type UdpId,
  type UnixgramId,
} from './ids'
import { type AcceptMode, type OptionReading } from './options'
import { type ConnectionState, type ListenerState, type UdpState } from './state'

/** What the list and a pane's head show. Small; replaced as a whole when it changes. Counters travel apart. */
export interface ListenerSummary {
  readonly kind: 'listener'
  readonly id: ListenerId
  /** The address as asked for, in canonical spelling. */
  readonly asked: string
  readonly state: ListenerState
  readonly behaviour: string
  /** Connections accepted since it opened. */
  readonly accepted: number
  /** Connections the kernel gave us that had to be refused (descriptor or connection limit). */
  readonly dropped: number
  /** Absent: automatically. */
  readonly accept?: AcceptMode | undefined
  /** Accepts that were asked for and wait for a caller. */
  readonly acceptsWaiting?: number | undefined
  /** As the kernel had it when this was told; absent where it does not tell. */
  readonly queue?: AcceptQueue | undefined
}

/** Callers whose handshake is done and whom nobody has accepted yet. Linux takes one more than the limit that listen(2) was given. */
export interface AcceptQueue {
  readonly length: number
  readonly limit: number
  /** SYNs, and handshakes at their last step, that the kernel dropped at this listener, mostly because the queue was full. */
  readonly dropped: number
}

export interface ConnectionSummary {
  readonly kind: 'connection'
  readonly id: ConnectionId
  /** The listener that accepted it; null for a dialled connection. */
  readonly listener: ListenerId | null
  /** Dialled: the address as asked for. Accepted: the peer's address. */
  readonly asked: string
  readonly state: ConnectionState
  readonly isReadingPaused: boolean
  /** Bytes given to us to send that the kernel has not taken yet. */
  readonly queuedBytes: number
  readonly options: readonly OptionReading[]
  /** The recorded connection that a replay plays here, as its recording names it. */
  readonly plays?: string | undefined
  /** Of a caller whom a proxy serves: the connection that was dialled for it. */
  readonly passesTo?: ConnectionId | undefined
}

export interface UdpSummary {
  readonly kind: 'udp'
  readonly id: UdpId
  readonly asked: string
  readonly state: UdpState
  readonly groups: readonly string[]
  /** Datagrams that the kernel dropped for want of room, when it was last asked; null where it has not been, or cannot tell. */
  readonly dropped: number | null
  readonly behaviour: string
  readonly options: readonly OptionReading[]
  /** The recorded connection that a replay plays here, as its recording names it. */
  readonly plays?: string | undefined
  /** Of one that a behaviour opened: the socket whose datagrams it passes on. */
  readonly passesFor?: DatagramId | undefined
}

export interface UnixgramSummary {
  readonly kind: 'unixgram'
  readonly id: UnixgramId
  readonly asked: string
  readonly state: UdpState
  readonly behaviour: string
  readonly options: readonly OptionReading[]
}

export interface RawSummary {
  readonly kind: 'raw'
  readonly id: RawId
  readonly asked: string
  readonly state: UdpState
  readonly behaviour: string
  /** IP_HDRINCL: what is sent begins with its IP header (raw(7)). */
  readonly isHeaderIncluded: boolean
  readonly options: readonly OptionReading[]
}

/** What is bound, and sends and takes datagrams. */
export type DatagramSummary = UdpSummary | UnixgramSummary | RawSummary

export type SocketSummary =
  ListenerSummary | ConnectionSummary | DatagramSummary | BenchSummary | BenchSocketSummary

export function isDatagramSummary(summary: SocketSummary): summary is DatagramSummary {
  return summary.kind === 'udp' || summary.kind === 'unixgram' || summary.kind === 'raw'
}

/** Running totals of one socket. `rows` counts its record, events included. Chunks of a listener count what its connections carried. */
export interface Counters {
  readonly inBytes: number
  readonly inChunks: number
  readonly outBytes: number
  readonly outChunks: number
  readonly rows: number
}

/** What a send came to. */
export interface SendReceipt {
  /** Bytes handed over. */
  readonly lengthBytes: number
  /** Bytes the kernel took at once. */
  readonly takenBytes: number
  /** Bytes of this connection that still wait for room in the kernel's buffer. */
  readonly queuedBytes: number
}

/** A file on its way. */
export interface FileProgress {
  readonly name: string
  readonly sentBytes: number
  readonly totalBytes: number
  readonly phase: 'sending' | 'sent' | 'cancelled' | 'failed'
}

/** The state of the recording, for the status bar. */
export interface RecordingStatus {
  readonly file: string
  /** When the session began, in ms since 1970 (UTC): what a row's `atNanos` counts from. */
  readonly beganAtMs?: number | undefined
  readonly bytes: number
  /** True while sockets must wait because the disk does not keep up. */
  readonly isDiskBehind: boolean
  /** Set when recording stopped; the sockets go on. */
  readonly fault?: Fault | undefined
  /** Of a recording that is gone on with: what was wrong with it. */
  readonly warnings?: readonly string[] | undefined
}
