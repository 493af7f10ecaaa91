import { type SocketId } from '../../shared/model/ids'
import { type Endpoint } from '../../shared/model/endpoint'
import { type Direction, type SocketEvent } from '../../shared/model/record'
import { type Fault } from '../../shared/model/fault'
import { type Clock } from './clock'

/**
 * What the engine needs of whoever keeps the bytes. The capture implements it; the engine knows no more of it.
 * Nothing here waits and nothing throws: a recorder that cannot write any more says so and goes on counting.
 */
export interface Recorder {
  readonly clock: Clock
  /** A new socket end. `about` names it in the file: "dialled tcp://127.0.0.1:8060". */
  track(id: SocketId, kind: Endpoint['kind'], about: string): Track
  /**
   * False while the disk is behind and all memory for it is taken. The engine then stops reading from every stream
   * (the only reason for which it ever does so by itself) until `onRoom` is told.
   */
  readonly hasRoom: boolean
  onRoom(listener: (hasRoom: boolean) => void): () => void
  /** Told after a record was appended: memory handed out by any `readSpace()` before is no longer good. */
  onMoved(listener: () => void): () => void
  /** The recording failed (full disk …); sockets go on unrecorded. */
  onFailed(listener: (fault: Fault) => void): () => void
}

/** The record of one socket end. Times are taken from the recorder's clock at the call, unless a moment is given. */
export interface Track {
  /**
   * Memory into which the next read of this stream may go, so that nothing needs copying: up to `MAX_CHUNK_BYTES`.
   * Null when there is none just now: read elsewhere. Good until anything is appended (`Recorder.onMoved`).
   */
  readSpace(): Uint8Array | null
  /** A chunk of a stream. Bytes that lie at the start of what `readSpace()` gave are taken as they lie; others are copied. At most `MAX_CHUNK_BYTES`. */
  chunk(direction: Direction, bytes: Uint8Array): void
  /** A datagram. `local` and `remote` as the kernel told them. `hasIpHeader`: of a raw socket, whether it begins with its IP header. */
  datagram(
    direction: Direction,
    bytes: Uint8Array,
    local: Endpoint,
    remote: Endpoint,
    hasIpHeader?: boolean,
  ): void
  /** Of a stream, 'opened' comes before the first chunk: it tells the addresses. */
  event(event: SocketEvent): void
  /**
   * What is told from here on happened then, nanoseconds since the session began: for what another thread did, and told of. Never
   * before what was told last. Null: it happens when it is told.
   */
  moment(atNanos: number | null): void
  /** Of a datagram socket, before its end: how many datagrams the kernel had no room for. */
  dropped(count: number): void
  /** No more will come; what is held for the socket is written out. */
  end(): void
  /** Rows so far. */
  readonly rows: number
}

/** One packet of the capture file holds at most 262,144 bytes with its headers (Wireshark's limit). */
export const MAX_CHUNK_BYTES = 262_144 - 256
