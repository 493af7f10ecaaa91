import { type ConnectionId, type DatagramId, type ListenerId, type SocketId } from '../../shared/model/ids'
import { type Reply } from '../../shared/model/fault'
import {
  type AcceptMode,
  type DialOptions,
  type ListenOptions,
  type OptionReading,
  type StreamOptions,
  type UdpOptions,
} from '../../shared/model/options'
import {
  type ConnectionSummary,
  type Counters,
  type DatagramSummary,
  type ListenerSummary,
  type SendReceipt,
  type SocketSummary,
  type UdpSummary,
} from '../../shared/model/summary'
import { type KernelReading } from './kernel/readSocket'
import { type DatagramEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { type BenchApi } from './bench/api'
import { type OptionName, type OptionValue } from '../../shared/model/socketOptions'

/** A socket that can be asked how it is now. */
export interface Summarised {
  readonly id: SocketId
  summary(): SocketSummary
}

/** What the engine tells of itself. Facts, after they happened; nobody steers by them. Never bytes. */
export type EngineEvent =
  /** `summary()` tells how the socket is when it is asked: whoever gathers changes asks once, at the end. */
  | { readonly type: 'changed'; readonly socket: Summarised }
  | { readonly type: 'forgotten'; readonly id: SocketId }

/**
 * What a listener does with those who call. The engine calls it, the behaviours implement it.
 * A behaviour never throws; `connection.write` never throws either.
 */
export interface Behaviour {
  /** As the user writes it: `upper`, `reply:hello`. */
  readonly name: string
  /**
   * A caller was accepted. The reaction gets its chunks from now on.
   * @param engine whose caller it is: to dial somebody for it, and to end what was dialled
   */
  greet(connection: BehavedConnection, engine: Engine): Reaction
}

/** A behaviour inside the engine that it acts in. */
export interface Greeter {
  readonly name: string
  greet(connection: BehavedConnection): Reaction
}

export interface Reaction {
  /**
   * A chunk came in. `bytes` is good only during the call (it may lie in the capture's own memory): copy what must last.
   */
  received(bytes: Uint8Array): void
  /** The peer's FIN came. */
  peerFinished(): void
  /** All that was queued has been taken by the kernel. */
  drained?(): void
  /** The connection is over, or its dial has failed; the engine's summary tells how. */
  ended?(): void
}

export interface BehavedConnection {
  /** A UDP socket's id where a datagram's sender is answered as a caller. */
  readonly id: ConnectionId | DatagramId
  /** Hands bytes to the kernel, or queues a copy of what it does not take. Bytes may be reused after the call. */
  write(bytes: Uint8Array): void
  /** FIN after what is queued. */
  finish(): void
  /** Written, and not taken by the kernel yet. Reading stops for as long as answers pile up so: an echo must not hold the world in memory. */
  readonly queuedBytes: number
  /** Reading stops, and goes on: whoever passes on what comes has more than it can get rid of. */
  hold(isHeld: boolean): void
  /** Tells that what comes goes to a connection that was dialled for it. */
  passesTo(id: ConnectionId): void
  /** Resolves when the recording takes more; null where it does now. For whoever writes without being asked. */
  whenRoom(): Promise<void> | null
}

/** What a datagram socket does with what comes in. As with `Behaviour`, nothing of it throws, and no promise rejects. */
export interface DatagramBehaviour {
  /** As the user writes it: `echo`, `impair:udp://127.0.0.1:9000 lose=1/3`. */
  readonly name: string
  begin(socket: BehavedSocket, engine: Engine): DatagramReaction
}

export interface DatagramReaction {
  /**
   * A datagram came in. `bytes` is good only during the call. Resolves when what is done about it at once has been done.
   */
  received(bytes: Uint8Array, from: DatagramEndpoint): Promise<void>
  /** The socket is closed, or behaves in another way from now on. */
  ended?(): void
}

export interface BehavedSocket {
  readonly id: DatagramId
  /** Where it is bound. */
  readonly at: Endpoint
  /** Back to whoever sent; what keeps it from that is in the record. A connected socket sends to its peer. */
  answer(bytes: Uint8Array, to: DatagramEndpoint): Promise<void>
  /** Writes down what was done, in the socket's record. */
  note(text: string): void
}

/** Owns the sockets of one session. Knows nothing of files, windows or IPC: it reports, others decide. */
export interface Engine {
  readonly benches: BenchApi
  onEvent(listener: (event: EngineEvent) => void): () => void

  listen(at: Endpoint, behaviour: Behaviour, options?: ListenOptions): Promise<Reply<ListenerSummary>>
  closeListener(id: ListenerId): Promise<Reply<ListenerSummary>>
  /** Callers are accepted in another way from now on; those who wait in the kernel's queue stay there, or are accepted. */
  setAccept(id: ListenerId, mode: AcceptMode): Promise<Reply<ListenerSummary>>
  /** One accept(2) of a listener that accepts manually: resolves once there is a caller. */
  accept(id: ListenerId): Promise<Reply<{ readonly connection: ConnectionId }>>
  behave(id: ListenerId, behaviour: Behaviour): Reply<ListenerSummary>
  broadcast(id: ListenerId, bytes: Uint8Array): Reply<{ readonly sent: number; readonly failed: number }>

  /** Answers at once, in phase `dialling`; events tell how it goes on. */
  dial(to: Endpoint, options?: DialOptions): Reply<ConnectionSummary>
  /** Gives a dialled connection somebody who reacts to what comes, as those who call a listener have. */
  attend(id: ConnectionId, behaviour: Behaviour): Reply<ConnectionSummary>
  /** Writes down that a side of a recorded connection is played on a socket. */
  plays(id: ConnectionId | DatagramId, connection: string, as: 'client' | 'server'): void
  /** Resolves once the dial has come to an end, with the connection's summary (open, failed or already closed). */
  dialled(id: ConnectionId): Promise<Reply<ConnectionSummary>>
  send(id: ConnectionId, bytes: Uint8Array): Reply<SendReceipt>
  /** Resolves when all that was queued for the connection has been taken by the kernel, or it has ended. */
  drained(id: ConnectionId): Promise<void>
  /** Bytes of a connection that its peer's kernel does not have yet: queued, or not acknowledged. 0 where that cannot be known. */
  unheardBytes(id: ConnectionId): number
  /**
   * FIN after what is queued. Resolves when both sides are done and the descriptor is gone; a peer that keeps its side
   * open is given `lingerMs` before the descriptor is closed all the same (then data it still sends is answered by RST).
   */
  close(id: ConnectionId): Promise<Reply<ConnectionSummary>>
  halfClose(id: ConnectionId): Promise<Reply<ConnectionSummary>>
  reset(id: ConnectionId): Promise<Reply<ConnectionSummary>>
  pause(id: ConnectionId): Reply<ConnectionSummary>
  resume(id: ConnectionId): Reply<ConnectionSummary>
  setStreamOptions(id: ConnectionId, options: StreamOptions): Reply<readonly OptionReading[]>

  /** A datagram socket: UDP, AF_UNIX or raw, as the endpoint says. */
  /** @param passesFor of a UDP socket that a behaviour opens: the one whose datagrams it passes on */
  bindUdp(at: Endpoint, options?: UdpOptions, passesFor?: DatagramId): Promise<Reply<DatagramSummary>>
  sendUdp(id: DatagramId, bytes: Uint8Array, to: Endpoint | null): Promise<Reply<SendReceipt>>
  connectUdp(id: DatagramId, to: Endpoint): Promise<Reply<DatagramSummary>>
  /** From now on the socket does this with what comes in. */
  behaveUdp(id: DatagramId, behaviour: DatagramBehaviour): Reply<DatagramSummary>
  disconnectUdp(id: DatagramId): Reply<DatagramSummary>
  /** UDP alone. */
  joinGroup(id: DatagramId, group: string, networkInterface?: string): Reply<UdpSummary>
  leaveGroup(id: DatagramId, group: string, networkInterface?: string): Reply<UdpSummary>
  setUdpOptions(id: DatagramId, options: UdpOptions): Reply<readonly OptionReading[]>
  closeUdp(id: DatagramId): Promise<Reply<DatagramSummary>>

  /** What the kernel says of a socket now. It only looks. Null where there is no descriptor (any more), or nothing can be asked here. */
  readKernel(id: SocketId): KernelReading | null
  /** Asks how many datagrams the kernel has dropped; the summary tells. */
  countDrops(id: DatagramId): void
  /** Sets one option of an open socket by its name in the manual, and reads it back. */
  setOption(id: SocketId, name: OptionName, value: OptionValue): Reply<OptionReading>
  readOptions(id: SocketId): Reply<readonly OptionReading[]>
  /** While it is unplugged, whatever is sent to an open connection is lost before TCP sees it (Linux). */
  unplug(id: ConnectionId, isUnplugged: boolean): Reply<null>
  summary(id: SocketId): SocketSummary | null
  summaries(): SocketSummary[]
  /** Sockets that have not ended. */
  live(): SocketId[]
  /** Open connections of a listener, in the order they came. */
  connectionsOf(id: ListenerId): ConnectionId[]
  counters(id: SocketId): Counters | null
  /** Calls back for every socket whose counters moved since the last call. */
  takeMovedCounters(each: (id: SocketId, counters: Counters) => void, most?: number): void
  /** An id for a socket that is not the engine's: the one it has elsewhere if that is free and beyond all others, else the next. */
  adopt(id: SocketId): SocketId
  /** Drops a closed or failed socket from the list. */
  forget(id: SocketId): Reply<null>
  removeStale(path: string): Promise<Reply<null>>
  /** Chunks as they come in, for the command line's stdout. `bytes` is good only during the call. Null stops it. */
  onReceived(
    id: ConnectionId | DatagramId,
    listener: ((bytes: Uint8Array, from: Endpoint | null) => void) | null,
  ): void
  /** Ends everything and waits for it: listeners, connections (FIN; after a short grace RST), datagram sockets. */
  dispose(): Promise<void>
}
