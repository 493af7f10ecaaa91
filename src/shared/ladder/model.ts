import { type PackedRows } from '../contract/packedRows'
import { type SocketId } from '../model/ids'

/** One socket in a ladder: a line of its own. */
export interface LadderEnd {
  readonly id: SocketId
  readonly role: 'listener' | 'dialled' | 'accepted' | 'datagrams'
  /** The other end of its connection, where that is in the ladder too. */
  readonly other: SocketId | null
  /** As the kernel told them, once it has. Of a dial that is under way or failed, `remote` is what was dialled. */
  readonly local: string | null
  readonly remote: string | null
}

/** Who is in a ladder, in the order of their lines. */
export interface LadderCast {
  readonly ends: readonly LadderEnd[]
  /** Sockets that belong to it and found no room. */
  readonly left: number
}

/**
 * A line of the ladder: the place of its socket among those asked for, or, of the peer of that socket which is not here, -1 minus that place.
 */
export type Line = number
export const peerLine = (end: number): Line => -1 - end
export const endOf = (line: Line): number => (line < 0 ? -1 - line : line)

/** A row of a record, and where it stands among the rows of all (`rank`, from 0). */
export interface Moment {
  readonly row: number
  readonly rank: number
  readonly atNanos: number
}

export type ArrowKind = 'data' | 'datagram' | 'connect' | 'fin' | 'reset'

/**
 * What became of something sent. `arrived`: both ends are here and both recorded it. `level`: one end is here. `underWay`: the other end, which is here,
 * has not taken it from the kernel, by what is recorded. `lost`: and never will. `untold`: it came, and the sender's record does not tell when it went.
 */
export type ArrowFate = 'arrived' | 'level' | 'underWay' | 'lost' | 'untold'

/** Something that went from one line to another. */
export interface LadderArrow {
  readonly kind: ArrowKind
  readonly from: Line
  readonly to: Line
  /** When it was sent; null where that is not recorded. */
  readonly sent: Moment | null
  /** When it was taken from the kernel; null where it was not, or that is not recorded. */
  readonly received: Moment | null
  /** Of its first byte in the sender's stream. */
  readonly offset: number
  readonly lengthBytes: number
  readonly fate: ArrowFate
}

/** `open`: both sides may send. `halfOpen`: one has finished. `paused`: we do not read. `blocked`: a call does not return; the label says which. */
export type SpanKind = 'open' | 'halfOpen' | 'paused' | 'blocked'

/** A time during which something was so, on one line. */
export interface LadderSpan {
  readonly line: Line
  readonly kind: SpanKind
  readonly label: string
  /** Null where it began before all that is recorded or looked at, or goes on. */
  readonly from: Moment | null
  readonly to: Moment | null
}

/** At that time the kernel knew that the peer's kernel has the sender's bytes up to this offset. */
export interface LadderAck {
  readonly line: Line
  readonly atNanos: number
  readonly ackedBytes: number
  /** Sent, and not acknowledged then. */
  readonly unackedBytes: number
}

/** A part of a ladder: some consecutive rows of all its sockets, and all that touches them. */
export interface LadderPage {
  /** Rank of the first row. */
  readonly from: number
  readonly rows: PackedRows
  /** For each row the place of its socket. */
  readonly owners: Uint8Array
  /** After each row: bytes that lie in the kernels between its two ends, in the direction that the row is about; NaN where that is not known. */
  readonly inKernel: Float64Array
  readonly arrows: readonly LadderArrow[]
  readonly spans: readonly LadderSpan[]
  readonly acks: readonly LadderAck[]
  /** Rows that the part asked for has: more than came where they are too many. */
  readonly count: number
  /** Of the whole ladder. */
  readonly total: number
  readonly firstNanos: number
  readonly lastNanos: number
}
