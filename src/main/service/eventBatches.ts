import { type ServiceEvent } from '../../shared/contract/events'
import { type Fault } from '../../shared/model/fault'
import { type ConnectionId, type SocketId } from '../../shared/model/ids'
import { type Counters, type FileProgress, type RecordingStatus } from '../../shared/model/summary'
import { type Summarised } from '../engine/types'

/** One frame at 60 Hz: nobody sees more. */
const FRAME_MS = 16
/** Numbers that a person reads need no more than seven a second. */
const TICK_MS = 150
/**
 * Connections told in one batch; the others wait for the next, in their order. A flood of callers then costs each frame little,
 * on this side and in the window, while what the listener says of their number is always new. As long as some wait, batches
 * come more rarely and are larger: each wakes another thread, which takes the processor from the one that accepts.
 */
const MAX_CONNECTIONS_A_BATCH = 32
const FLOOD_FRAME_MS = 64
const MAX_CONNECTIONS_IN_A_FLOOD = 128
const MAX_COUNTERS_A_TICK = 320
/** Problems are told one by one; past this many in one batch the rest only repeat what is known. */
const MAX_PROBLEMS_A_BATCH = 64

export interface BatchSources {
  /** @param most that many at most; the others are taken by a later call */
  takeMovedCounters(each: (id: SocketId, counters: Counters) => void, most: number): void
  recordingStatus(): RecordingStatus
}

type Listener = (events: readonly ServiceEvent[]) => void

/**
 * Gathers events into batches of at most one a frame, each of bounded size. A socket's summary is
 * made when it is told: however often it changed meanwhile, once. With nobody listening nothing is gathered.
 */
export class EventBatches {
  readonly #sources: BatchSources
  readonly #listeners = new Set<Listener>()
  /** Listeners and UDP sockets. */
  readonly #changed = new Map<SocketId, Summarised>()
  readonly #connections = new Map<SocketId, Summarised>()
  readonly #forgotten = new Set<SocketId>()
  readonly #files = new Map<ConnectionId, { progress: FileProgress; fault: Fault | undefined }>()
  readonly #progress = new Map<string, ServiceEvent>()
  #problems: { readonly id: SocketId | null; readonly fault: Fault }[] = []
  #counters: readonly (readonly [SocketId, Counters])[] = []
  #recordingMoved = false
  #frame: NodeJS.Timeout | null = null
  #tick: NodeJS.Timeout | null = null
  #lastFrameAtMs = 0
  /** More connections changed than one batch took. */
  #isFlood = false

  constructor(sources: BatchSources) {
    this.#sources = sources
  }

  /** Answers a function that stops listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    this.#tick ??= setInterval(() => this.#count(), TICK_MS).unref()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  changed(socket: Summarised): void {
    if (this.#listeners.size === 0) return
    const changed = socket.id.startsWith('C') ? this.#connections : this.#changed
    changed.set(socket.id, socket)
    this.#wantFrame()
  }

  forgotten(id: SocketId): void {
    if (this.#listeners.size === 0) return
    this.#changed.delete(id)
    this.#connections.delete(id)
    this.#forgotten.add(id)
    this.#wantFrame()
  }

  fileProgressed(id: ConnectionId, progress: FileProgress, fault?: Fault): void {
    if (this.#listeners.size === 0) return
    this.#files.set(id, { progress, fault })
    this.#wantFrame()
  }

  /** Of a thing that goes on only the last word counts. @param key names it among all others */
  progressed(key: string, event: ServiceEvent): void {
    if (this.#listeners.size === 0) return
    this.#progress.set(key, event)
    this.#wantFrame()
  }

  /** Counters that will not move any more. */
  counted(counters: ReadonlyArray<readonly [SocketId, Counters]>): void {
    if (this.#listeners.size === 0) return
    this.#counters = [...this.#counters, ...counters]
    this.#wantFrame()
  }

  problem(id: SocketId | null, fault: Fault): void {
    if (this.#listeners.size === 0 || this.#problems.length >= MAX_PROBLEMS_A_BATCH) return
    this.#problems.push({ id, fault })
    this.#wantFrame()
  }

  /** The recording grew or stands differently: told with the next tick. */
  recordingMoved(): void {
    this.#recordingMoved = true
  }

  /** Tells at once whatever has gathered, counters too: for the end. */
  flush(): void {
    if (this.#listeners.size === 0) return
    this.#count(Infinity)
    this.#deliver(Infinity)
  }

  close(): void {
    this.flush()
    this.#listeners.clear()
    this.#stop()
  }

  #wantFrame(): void {
    if (this.#frame !== null) return
    // The first event after a quiet while goes at once; those that follow it share the next frame.
    const [frameMs, most] = this.#isFlood
      ? [FLOOD_FRAME_MS, MAX_CONNECTIONS_IN_A_FLOOD]
      : [FRAME_MS, MAX_CONNECTIONS_A_BATCH]
    const waitMs = Math.max(0, frameMs - (performance.now() - this.#lastFrameAtMs))
    this.#frame = setTimeout(() => this.#deliver(most), waitMs)
  }

  #count(most = MAX_COUNTERS_A_TICK): void {
    const moved: (readonly [SocketId, Counters])[] = []
    this.#sources.takeMovedCounters((id, counters) => moved.push([id, { ...counters }]), most)
    if (moved.length > 0) this.#counters = [...this.#counters, ...moved]
    if (moved.length > 0 || this.#recordingMoved) this.#wantFrame()
  }

  #deliver(mostConnections: number): void {
    if (this.#frame !== null) clearTimeout(this.#frame)
    this.#frame = null
    this.#lastFrameAtMs = performance.now()
    const events: ServiceEvent[] = []
    for (const socket of this.#changed.values())
      events.push({ name: 'socket.changed', value: socket.summary() })
    let room = mostConnections
    for (const [id, socket] of this.#connections) {
      if (--room < 0) break
      this.#connections.delete(id)
      events.push({ name: 'socket.changed', value: socket.summary() })
    }
    if (this.#counters.length > 0) events.push({ name: 'counters.ticked', value: this.#counters })
    for (const id of this.#forgotten) events.push({ name: 'socket.forgotten', value: { id } })
    for (const [id, each] of this.#files) events.push({ name: 'file.progressed', value: { id, ...each } })
    events.push(...this.#progress.values())
    for (const value of this.#problems) events.push({ name: 'problem.arose', value })
    if (this.#recordingMoved)
      events.push({ name: 'recording.changed', value: this.#sources.recordingStatus() })
    this.#clear()
    this.#isFlood = this.#connections.size > 0
    if (this.#isFlood) this.#wantFrame()
    if (events.length === 0) return
    for (const listener of this.#listeners) listener(events)
  }

  #clear(): void {
    this.#changed.clear()
    this.#counters = []
    this.#forgotten.clear()
    this.#files.clear()
    this.#progress.clear()
    this.#problems = []
    this.#recordingMoved = false
  }

  #stop(): void {
    if (this.#frame !== null) clearTimeout(this.#frame)
    if (this.#tick !== null) clearInterval(this.#tick)
    this.#frame = null
    this.#tick = null
    this.#connections.clear()
    this.#clear()
  }
}
