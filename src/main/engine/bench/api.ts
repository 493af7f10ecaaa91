import {
  type BenchAct,
  type BenchLog,
  type BenchSocketSummary,
  type BenchSummary,
} from '../../../shared/model/bench'
import { type Reply } from '../../../shared/model/fault'
import {
  type BenchId,
  type BenchSocketId,
  type ConnectionId,
  type ListenerId,
  type UdpId,
} from '../../../shared/model/ids'
import { type ConnectionSummary, type ListenerSummary, type UdpSummary } from '../../../shared/model/summary'

/** The syscall benches of a session, whose sockets are called one call at a time. Nothing here throws. */
export interface BenchApi {
  open(): Reply<BenchSummary>
  /** Begins a call. How it goes on is in the log. */
  call(id: BenchId, act: BenchAct): Reply<{ readonly number: number }>
  /** Its system call returns EINTR. */
  cancel(id: BenchId, number: number): Reply<null>
  /** The calls from a number on, in the order begun. */
  log(id: BenchId, from: number): Reply<BenchLog>
  /** Asks the kernel anew how the sockets of a bench stand. */
  look(id: BenchId): Reply<null>
  /** Cancels what blocks, and closes its sockets. */
  close(id: BenchId): Promise<Reply<BenchSummary>>
  has(id: BenchId): boolean
  /** The descriptor goes on as an ordinary connection, listener or UDP socket. */
  handOver(id: BenchSocketId): Promise<Reply<ConnectionSummary | ListenerSummary | UdpSummary>>
  /** An ordinary socket's descriptor becomes one of a bench's. */
  takeBack(id: ConnectionId | ListenerId | UdpId, bench: BenchId): Promise<Reply<BenchSocketSummary>>
}
