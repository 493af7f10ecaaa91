import { type BenchCall, type BlockedCall } from './bench'
import { type ConnectionId, type SocketId } from './ids'
import { type Endpoint } from './endpoint'
import { type Fault } from './fault'
import { type AcceptMode, type OptionReading } from './options'
import { type Ending, type Side } from './state'

export type Direction = 'in' | 'out'

/**
 * The latest time of a record: 2^60 ns, 36 years, after the session began. Times are whole numbers of nanoseconds; more than 104 days
 * (2^53) after the beginning a number holds them to 2 ns, and after ten years to 64 ns.
 */
export const MAX_NANOS = 2 ** 60

/** Whether a number can be the time of a row. */
export function isMoment(nanos: unknown): nanos is number {
  return Number.isInteger(nanos) && (nanos as number) >= 0 && (nanos as number) <= MAX_NANOS
}

/** Which count of bytes an offset is meant in: one direction's, or both together in the order recorded. */
export type StreamName = Direction | 'both'

/** A state change or an act on one socket: what a capture holds between the bytes. */
export type SocketEvent =
  | { readonly what: 'listening'; readonly at: Endpoint }
  | { readonly what: 'accepted'; readonly connection: ConnectionId; readonly remote: Endpoint }
  /** Connections that were refused for want of descriptors or by the limit on connections. */
  | { readonly what: 'dropped'; readonly count: number }
  /** From now on callers are accepted so. */
  | { readonly what: 'acceptSet'; readonly mode: AcceptMode }
  /** The accept queue of a listener that does not accept by itself is another one now. */
  | { readonly what: 'queueMoved'; readonly length: number; readonly limit: number; readonly dropped: number }
  | { readonly what: 'dialling'; readonly to: Endpoint }
  | {
      readonly what: 'attempted'
      readonly address: string
      readonly outcome: 'connected' | 'failed' | 'timeout'
      readonly fault?: Fault | undefined
    }
  | { readonly what: 'opened'; readonly local: Endpoint; readonly remote: Endpoint; readonly by: Side }
  | { readonly what: 'bound'; readonly at: Endpoint }
  | { readonly what: 'peerSet'; readonly peer: Endpoint | null }
  | {
      readonly what: 'groupJoined' | 'groupLeft'
      readonly group: string
      readonly networkInterface?: string | undefined
    }
  /** FIN: that side will send no more. */
  | { readonly what: 'finished'; readonly by: Side }
  | {
      readonly what: 'closed'
      readonly how: Ending
      readonly by: Side
      readonly unsentBytes: number
      readonly fault?: Fault | undefined
    }
  | { readonly what: 'paused' | 'resumed' }
  | { readonly what: 'optionsSet'; readonly options: readonly OptionReading[] }
  | { readonly what: 'behaviourSet'; readonly behaviour: string }
  /** What comes here goes to another connection, which was dialled for it, and what comes there goes back. */
  | { readonly what: 'passedOn'; readonly to: ConnectionId }
  /** A replay plays a side of a recorded connection here; `connection` as that recording names it. */
  | { readonly what: 'plays'; readonly connection: string; readonly as: 'client' | 'server' }
  | { readonly what: 'failed'; readonly fault: Fault }
  /**
   * Of an imported stream: after its captured byte `offset` so many bytes were sent that the capture does not hold.
   * Offsets count captured bytes only.
   */
  | {
      readonly what: 'gap'
      readonly direction: Direction
      readonly offset: number
      readonly lengthBytes: number
    }
  /** The reply to an ICMP echo request that was sent from here (RFC 792, RFC 4443). */
  | {
      readonly what: 'echoed'
      readonly from: Endpoint
      readonly identifier: number
      readonly sequence: number
      readonly roundTripNanos: number
    }
  /** The datagram before it was longer than what was read of it: the kernel threw the rest away (MSG_TRUNC, recv(2)). */
  | { readonly what: 'truncated'; readonly lengthBytes: number; readonly keptBytes: number }
  | { readonly what: 'noted'; readonly text: string }
  /** A call of a syscall bench that does not return at once: written when that is plain, some milliseconds after it began. */
  | ({ readonly what: 'blocked' } & BlockedCall)
  /** A call of a syscall bench that has come to its end; it blocked from `beganAtNanos` on for `tookNanos`. */
  | ({ readonly what: 'called' } & BenchCall)
  /** The descriptor goes on as another socket of the session, or came from one. */
  | { readonly what: 'handedOver'; readonly to: SocketId }
  | { readonly what: 'takenOver'; readonly from: SocketId }

/**
 * One row of a socket's record, counted from 0 in the order it happened.
 * `atNanos`: nanoseconds since the session began, on the one monotonic clock that all sockets share.
 */
export type Row = DataRow | EventRow

/** A chunk (what one read or write call carried) or a datagram. */
export interface DataRow {
  readonly row: number
  readonly atNanos: number
  readonly kind: 'data'
  readonly direction: Direction
  /** Where the chunk begins in its direction's stream, in bytes. */
  readonly offset: number
  /** Where it begins when both directions are counted together, in bytes. */
  readonly combinedOffset: number
  readonly lengthBytes: number
  /** The other address of a datagram; null for a stream's chunk. */
  readonly peer: string | null
  /** The first bytes, at most `ROW_HEAD_BYTES`. */
  readonly head: Uint8Array
  /** Up to 3 bytes that come just before it in its direction's stream, so that a character cut by the chunk's edge can be shown whole. Empty for datagrams. */
  readonly before: Uint8Array
}

export interface EventRow {
  readonly row: number
  readonly atNanos: number
  readonly kind: 'event'
  readonly event: SocketEvent
}

/** How much of each chunk travels with its row; the rest is read by `capture.bytes`. */
export const ROW_HEAD_BYTES = 512

/** How much there is of one socket's record. */
export interface CaptureSize {
  readonly rows: number
  readonly inBytes: number
  readonly outBytes: number
}

/** A piece of a byte range: which row and direction it came from. Offsets are in bytes. */
export interface ByteSpan {
  readonly direction: Direction
  readonly row: number
  /** Where the span begins in the answer's bytes. */
  readonly start: number
  readonly lengthBytes: number
  readonly atNanos: number
}

/** The answer to a read of a byte range; `from` is as asked, and `bytes` shorter where the stream ends. */
export interface ByteRange {
  readonly from: number
  readonly bytes: Uint8Array
  readonly spans: readonly ByteSpan[]
}
